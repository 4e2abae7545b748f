import { useCallback, useEffect, useState } from 'react';
import { met, packs, sawServerTime, StorageFull } from '../app/core';
import { clockTime, currentLanguage, day, languages, own, setLanguage, size, t } from '../app/text';
import { Note, Screen, StateWord } from '../app/ui';
import { useApp } from '../app/use';
import type { Held } from '../device/packs';
import type { Pack, TodayItem } from '../visit/pack';

interface List {
  items: TodayItem[];
  at: number;
}

/** The list as of the last contact, and what of it is on the device. */
function useToday() {
  const { online } = useApp();
  const [list, setList] = useState<List | null>();
  const [held, setHeld] = useState<Map<string, Held>>(new Map());
  const [failed, setFailed] = useState<'unreachable' | 'full' | null>(null);
  const readHeld = useCallback(() => packs.held().then(setHeld), []);
  useEffect(() => {
    let here = true;
    const show = async () => {
      const kept = await packs.today();
      if (here) setList(kept && { items: kept.value, at: kept.at });
      await readHeld();
      if (!online) return;
      try {
        const { items, serverTime, cacheUntil } = await packs.refresh();
        await sawServerTime(serverTime, cacheUntil);
        if (here) setList({ items, at: Date.now() });
        if (here) setFailed(null);
      } catch (e) {
        await met(e);
        if (here) setFailed(e instanceof StorageFull ? 'full' : 'unreachable');
      }
    };
    void show();
    return () => {
      here = false;
    };
  }, [online, readHeld]);
  return { list, held, failed, setFailed, readHeld };
}

export function Today() {
  const { online, phase, clockAhead, evictable, update, counts } = useApp();
  const { list, held, failed, setFailed, readHeld } = useToday();
  const [progress, setProgress] = useState<{ done: number; of: number; name: string } | null>(null);
  const [broken, setBroken] = useState<string[]>([]);
  const items = list?.items ?? [];
  const earlier = [...held].filter(([id]) => !items.some((item) => item.id === id));
  const wanted = items.filter((item) => !item.reassigned && !isFresh(item, held.get(item.id)));
  const bytes = wanted.reduce((sum, item) => sum + item.pack_bytes, 0);

  const prepare = async () => {
    let before = 0;
    const lost: string[] = [];
    for (const item of wanted) {
      try {
        await packs.download(item, (n) => setProgress({ done: before + Math.min(n, item.pack_bytes), of: bytes, name: item.number }));
      } catch (e) {
        await met(e);
        if (e instanceof StorageFull) setFailed('full');
        lost.push(item.number);
      }
      before += item.pack_bytes;
    }
    await prepareDecoder();
    setProgress(null);
    setBroken(lost);
    await readHeld();
  };

  return (
    <Screen
      title={t('today.title')}
      sub={list ? t('today.asOf', { time: clockTime(list.at) }) : undefined}
      foot={
        wanted.length > 0 && (
          <button type="button" aria-busy={progress !== null} onClick={() => progress ?? void prepare()}>
            {progress ? t('today.preparing', { name: progress.name }) : t('today.prepare', { n: wanted.length, size: size(bytes) })}
          </button>
        )
      }
    >
      {phase === 'signed_out' && <SignedOut />}
      {failed === 'full' && <Note tone="refuse" title={t('today.full.title')} alert><p>{t('today.full.text')}</p></Note>}
      {failed === 'unreachable' && phase !== 'signed_out' && <Note tone="stop" title={t('today.unreachable.title')}><p>{t('today.unreachable.text')}</p></Note>}
      {Math.abs(clockAhead) > 120_000 && (
        <Note tone="stop" title={t('clock.title', { minutes: Math.round(Math.abs(clockAhead) / 60_000) })}><p>{t('clock.text')}</p></Note>
      )}
      {evictable && counts.saved > 0 && <Note tone="stop" title={t('evict.title')}><p>{t('evict.text')}</p></Note>}
      {update && counts.saved === 0 && (
        <Note title={t('update.title')}>
          <p><button type="button" className="plain" onClick={() => void takeUpdate()}>{t('update.take')}</button></p>
        </Note>
      )}
      {broken.length > 0 && <Note tone="refuse" title={t('today.broken', { numbers: broken.join(', ') })} alert><p>{t('today.brokenText')}</p></Note>}
      {progress && (
        <p role="status">
          <progress max={progress.of} value={progress.done} aria-label={t('today.progress')} />
          <span className="small">{t('today.of', { done: size(progress.done), of: size(progress.of) })}</span>
        </p>
      )}
      {list !== undefined && items.length === 0 && <Note title={t('today.empty.title')}><p>{t(online || list ? 'today.empty.text' : 'today.empty.offline')}</p></Note>}
      <ul className="list">
        {items.map((item) => (
          <Line key={item.id} item={item} held={held.get(item.id)} />
        ))}
      </ul>
      {list && earlier.length > 0 && (
        <>
          <h2>{t('today.earlier')}</h2>
          <ul className="list">
            {earlier.map(([id]) => <Earlier key={id} id={id} />)}
          </ul>
        </>
      )}
      <div className="langs" role="group" aria-label={t('language')} style={{ marginTop: 24 }}>
        {languages.map((one) => (
          <button key={one} type="button" className="plain" lang={one} aria-pressed={one === currentLanguage()} onClick={() => void setLanguage(one)}>
            {{ kk: 'Қазақша', ru: 'Русский', en: 'English' }[one]}
          </button>
        ))}
      </div>
      <p style={{ marginTop: 12 }}><a href="#/help">{t('help.title')}</a></p>
    </Screen>
  );
}

/** A visit that is over for the registry and still here, with the receipts of what was recorded. */
function Earlier({ id }: { id: string }) {
  const [pack, setPack] = useState<Pack | null>(null);
  useEffect(() => void packs.pack(id).then(setPack), [id]);
  return (
    <li>
      <a className="link" href={`#/visit/${id}/finish`}>
        <span className="hidden" />
        <span><b>{own(pack?.site?.name) || id}</b><span className="small">{pack?.inspection.number} · {day(pack?.inspection.planned_on ?? '')}</span></span>
      </a>
    </li>
  );
}

/** The signed list of states in a pack is good for a day, so a pack of yesterday is downloaded again. */
const freshMs = 12 * 3_600_000;
const isFresh = (item: TodayItem, held: Held | undefined) => held?.version === String(item.pack_version) && Date.now() - held.at < freshMs;

function Line({ item, held }: { item: TodayItem; held: Held | undefined }) {
  const fresh = isFresh(item, held);
  const words = (
    <span>
      <b>{item.title || item.number}</b>
      <span className="small">
        {item.title ? `${item.number} · ` : ''}{day(item.planned_on)}{item.address ? ` · ${item.address}` : ''}
      </span>
      {item.reassigned && <StateWord tone="stop">{t('today.reassigned')}</StateWord>}{' '}
      {!held && <StateWord tone="none">{t('today.notHere', { size: size(item.pack_bytes) })}</StateWord>}
      {held && <StateWord tone={fresh ? 'ok' : 'wait'}>{t(fresh ? 'today.here' : 'today.older', { time: clockTime(held.at), size: size(held.bytes) })}</StateWord>}
    </span>
  );
  return (
    <li>
      {held ? <a className="link" href={`#/visit/${item.id}`}><span className="hidden" />{words}</a> : <div className="item"><span className="hidden" /><div>{words}</div></div>}
    </li>
  );
}

/** The session is over: sending pauses, everything else goes on. */
export const SignedOut = () => (
  <Note tone="stop" title={t('signedOut.title')}>
    <p>{t('signedOut.text')}</p>
    <p><a className="button plain" href="#/sending">{t('signedOut.again')}</a></p>
  </Note>
);

/** Phones without a decoder of their own get ours with the packs, so that scanning works without a signal. */
async function prepareDecoder(): Promise<void> {
  try {
    const { prepare } = await import('../visit/decoder');
    await prepare();
  } catch {
    // Serials can be typed: a missing decoder stops nobody.
  }
}

async function takeUpdate(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration('/field/');
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  registration?.waiting?.postMessage('update');
}
