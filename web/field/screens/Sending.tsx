import { useEffect, useState } from 'react';
import { ownDevice, readMeta, sendNow, signIn, signOut, store, type Person } from '../app/core';
import { exportFile } from '../app/exporting';
import { dateTime, size, t } from '../app/text';
import { Field, Note, Screen, StateWord, type Tone } from '../app/ui';
import { go, useApp } from '../app/use';
import type { Item } from '../outbox/ports';

const phaseTone: Record<string, Tone> = { idle: 'ok', ready: 'wait', waiting: 'wait', signed_out: 'stop', forbidden: 'stop', locked: 'refuse' };

/** Where everything is, and what to do when it does not move. */
export function Sending() {
  const { counts, phase, online, person, evictable } = useApp();
  const [refused, setRefused] = useState<Item[]>([]);
  const [room, setRoom] = useState<{ used: number; of: number } | null>(null);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    void store.at('refused', 200).then(setRefused);
    void navigator.storage?.estimate?.().then(({ usage = 0, quota = 0 }) => setRoom({ used: usage, of: quota }));
  }, [counts]);
  const unsent = counts.saved + counts.refused;
  return (
    <Screen
      title={t('sending.title')}
      back="#/"
      foot={person && <button type="button" onClick={() => void sendNow()}>{t('sending.now')}</button>}
    >
      <p role="status"><StateWord tone={online ? (phaseTone[phase] ?? 'none') : 'stop'}>{t(online ? `phase.${phase}` : 'phase.offline')}</StateWord></p>
      {phase === 'signed_out' && person && <Again person={person} />}
      {(phase === 'locked' || phase === 'forbidden') && <Note tone="refuse" title={t(`${phase}.title`)}><p>{t(`${phase}.text`)}</p></Note>}
      <dl>
        {(['saved', 'received', 'sealed'] as const).map((place) => (
          <div key={place}>
            <dt>{t(`sending.${place}`)}</dt>
            <dd>{counts[place]}</dd>
          </div>
        ))}
        <div><dt>{t('sending.blobs')}</dt><dd>{counts.blobs} · {size(counts.bytes)}</dd></div>
        {room && room.of > 0 && (
          <div><dt>{t('sending.room')}</dt><dd>{t('sending.roomOf', { used: size(room.used), of: size(room.of) })}</dd></div>
        )}
        <div><dt>{t('sending.kept')}</dt><dd>{t(evictable ? 'sending.evictable' : 'sending.persistent')}</dd></div>
      </dl>
      {refused.length > 0 && (
        <>
          <h2>{t('sending.refused', { n: refused.length })}</h2>
          <p className="small">{t('sending.refusedText')}</p>
          <ul className="list">
            {refused.map((item) => (
              <li key={item.seq}>
                <div className="item">
                  <div>
                    {t(`kind.${item.kind}`)} <span className="mono small">{item.seq}</span>
                    <span className="small">{item.refusal?.detail || item.refusal?.code}</span>
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>{t('sending.exportTitle')}</h2>
      <p className="small">{t('sending.exportText')}</p>
      <p><button type="button" className="plain wide" onClick={() => void exportFile()}>{t('sending.export', { n: unsent })}</button></p>
      {person && (
        <>
          <h2>{t('signOut.title')}</h2>
          <p className="small">{t('signOut.text')}</p>
          {asked && unsent > 0 && <Note tone="stop" title={t('signIn.unsent', { n: unsent })} alert><p>{t('signOut.unsent')}</p></Note>}
          <p>
            <button type="button" className="danger wide" onClick={() => (unsent > 0 && !asked ? setAsked(true) : void signOut().then(() => go('')))}>
              {t(asked ? 'signOut.sure' : 'signOut.do')}
            </button>
          </p>
        </>
      )}
      <Facts />
    </Screen>
  );
}

function Facts() {
  const device = ownDevice();
  const [at, setAt] = useState<number | undefined>();
  useEffect(() => void readMeta<number>('exportedAt').then(setAt), []);
  if (!device) return null;
  return (
    <p className="small">
      {t('sending.device')} <span className="mono">{device.id}</span>
      {at && <><br />{t('sending.exportedAt', { time: dateTime(at) })}</>}
    </p>
  );
}

/** Signs the same person in again; nothing on the screen or in the queue is touched by it. */
function Again({ person }: { person: Person }) {
  const [password, setPassword] = useState('');
  const [failed, setFailed] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        signIn(person.login, password).then(() => setFailed(false), () => setFailed(true));
      }}
    >
      <Note tone="stop" title={t('signedOut.title')}>
        <p>{t('signedOut.text')}</p>
        <Field label={t('signedOut.password', { name: person.name })}>
          <input type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} required />
        </Field>
        {failed && <p role="alert">{t('signIn.wrong')}</p>}
        <p style={{ marginTop: 12 }}><button type="submit" className="wide">{t('signIn.enter')}</button></p>
      </Note>
    </form>
  );
}
