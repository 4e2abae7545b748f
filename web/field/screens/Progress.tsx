import { useEffect, useState } from 'react';
import type { VisitScreen } from '../app/App';
import { met, readMeta, store, writeMeta } from '../app/core';
import { named, own, t } from '../app/text';
import { Note, placeTone, Screen, StateWord } from '../app/ui';
import { useApp } from '../app/use';
import { post } from '../device/api';
import { TransportError } from '../outbox/ports';
import { legal } from './Start';
import { Places } from './VisitHome';

/** How far the records of a finished visit have come, until all are sealed. */
export function Progress({ open }: Pick<VisitScreen, 'open'>) {
  const { places, id } = open;
  const { person } = useApp();
  const [row, setRow] = useState<Awaited<ReturnType<typeof store.visit>>>();
  useEffect(() => void store.visit(id).then(setRow), [id, places]);
  const refusal = row?.refusal;
  const sealed = places.filter((one) => one.place === 'sealed').length;
  const arrived = sealed + places.filter((one) => one.place === 'received').length;
  const flags = [...new Set(places.flatMap((one) => one.flags ?? []))];
  // Whoever leads the visit ends it, when the server has all of it: that is an act of law, so nothing does it by itself.
  const lead = open.pack.inspection.team?.some((one) => one.lead && one.id === person?.id);
  const may = lead && row && !row.open && !refusal && arrived === places.length;
  const missing = open.pack.inspection.missing ?? [];
  const [ended, setEnded] = useState(false);
  const [end, setEnd] = useState<'busy' | { why: string; law: boolean } | null>(null);
  useEffect(() => void readMeta<true>(`ended.${id}`).then((is) => setEnded(is ?? false)), [id]);
  const finalize = async () => {
    setEnd('busy');
    try {
      await post(`/v1/inspections/${encodeURIComponent(id)}/finalization`, undefined, { 'If-Match': '*', 'Idempotency-Key': `ended-${id}-${Date.now()}` });
      await writeMeta(`ended.${id}`, true);
      setEnded(true);
      setEnd(null);
    } catch (e) {
      await met(e);
      const trouble = e instanceof TransportError ? e.trouble : null;
      setEnd(trouble?.kind === 'refused' ? { why: trouble.detail, law: trouble.code === 'legal_fields_missing' } : { why: t('finish.endLater'), law: false });
    }
  };
  const step = sealed === places.length ? 'sealed' : arrived === places.length ? 'received' : 'saved';
  return (
    <Screen
      title={t('finish.progress')}
      back={`#/visit/${id}`}
      foot={<>{may && !ended && <button type="button" aria-busy={end === 'busy'} onClick={() => void finalize()}>{t('finish.end')}</button>}<a className={may && !ended ? 'button plain' : 'button'} href="#/">{t('today.title')}</a></>}
    >
      {ended && <Note tone="ok" title={t('finish.ended')} />}
      {end && end !== 'busy' && (
        <Note tone="refuse" title={t('finish.endRefused')} alert>
          <p>{end.why}</p>
          {end.law && <ul>{missing.map((one) => <li key={one.field}><b>{legal(one.field)}</b>: {own(one.why)}</li>)}</ul>}
        </Note>
      )}
      <Note tone={step === 'sealed' ? 'ok' : step === 'received' ? 'wait' : 'stop'} title={t(`finish.${step}`)}><p>{t(`finish.${step}Text`)}</p></Note>
      {row?.files && <Note tone="wait" title={t('finish.waits', { n: row.files })}><p>{t('finish.waitsText')}</p></Note>}
      {refusal && <Note tone="refuse" title={t('finish.refused')} alert><p>{refusal.detail || refusal.code}</p></Note>}
      <p>
        <progress max={places.length} value={arrived} aria-label={t('finish.arrived')} />
        <span className="small">{t('finish.of', { n: arrived, of: places.length })}</span>
      </p>
      <p><Places open={open} /></p>
      {flags.length > 0 && <><h2>{t('finish.flags')}</h2><ul>{flags.map((flag) => <li key={flag}>{named('flag', flag)}</li>)}</ul></>}
      <details>
        <summary>{t('finish.receipts')}</summary>
        <ul className="list">
          {places.map((one) => (
            <li key={one.id}>
              <div className="item">
                <div>
                  {t(`kind.${one.kind}`)} <StateWord tone={placeTone[one.place]}>{t(`place.${one.place}`)}</StateWord>
                  <span className="small mono">№ {one.seq}{one.index === undefined ? '' : ` · ${t('finish.index', { n: one.index })}`}<br />{one.hash}</span>
                </div>
              </div>
            </li>
          ))}
        </ul>
      </details>
      <p><a href={`#/visit/${id}/protocol`}>{t('protocol.title')}</a></p>
    </Screen>
  );
}
