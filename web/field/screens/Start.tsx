import { useState } from 'react';
import type { VisitScreen } from '../app/App';
import { position } from '../app/position';
import { dateTime, day, named, own, t } from '../app/text';
import { Note, Outcome, Screen } from '../app/ui';
import { go } from '../app/use';

/** Begins the visit, and shows first what of the legal fields is missing and why that matters. */
export function Start({ open }: VisitScreen) {
  const { pack, visit, id, act } = open;
  const [busy, setBusy] = useState(false);
  const missing = pack.inspection.missing ?? [];
  const begin = async () => {
    setBusy(true);
    const where = await position();
    if (await act({ kind: 'visit.started', body: where ? { position: where } : {} })) go('visit', id, 'checklist', '0');
    setBusy(false);
  };
  return (
    <Screen
      title={t('start.title')}
      back={`#/visit/${id}`}
      foot={visit.started ? <a className="button" href={`#/visit/${id}/checklist/0`}>{t('next')}</a> : <button type="button" aria-busy={busy} onClick={() => void (busy || begin())}>{t(busy ? 'start.locating' : 'start.do')}</button>}
    >
      <Outcome open={open} />
      {visit.started && <Note tone="ok" title={t('start.at', { time: dateTime(visit.started.at) })}><p>{visit.started.position ? t('start.place', { m: Math.round(visit.started.position.accuracy_m) }) : t('start.noPlace')}</p></Note>}
      {missing.length > 0 ? (
        <Note tone="refuse" title={t('start.missing', { n: missing.length })}>
          <p>{t('start.missingText')}</p>
          <ul>{missing.map((one) => <li key={one.field}><b>{legal(one.field)}</b>: {own(one.why)}</li>)}</ul>
        </Note>
      ) : (
        <Note tone="ok" title={t('start.complete')} />
      )}
      <h2>{t('start.legal')}</h2>
      <dl>
        {Object.entries(pack.inspection.legal ?? {}).map(([field, value]) => (
          <div key={field}><dt>{legal(field)}</dt><dd>{value === null || value === '' ? t('start.none') : typeof value === 'boolean' ? t(value ? 'answer.yes' : 'answer.no') : /^\d{4}-\d\d-\d\d$/.test(String(value)) ? day(String(value)) : String(value)}</dd></div>
        ))}
      </dl>
    </Screen>
  );
}

/** The name of a legal field. */
export const legal = (field: string): string => named('legal', field);
