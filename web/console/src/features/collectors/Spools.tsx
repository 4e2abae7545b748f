import { useQuery } from '@tanstack/react-query';
import { count, number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Callout } from '@ui/states';
import { spoolsQuery } from './api';

/** How the edge collectors' spools do: a line for each that somebody should look after, with what to do; one for all that are well. */
export function Spools() {
  const { t, language } = useTexts();
  const { data } = useQuery(spoolsQuery);
  if (!data || data.items.length === 0) return null;
  const trouble = data.items.filter((row) => row.level !== 'ok').sort((a, b) => Number(b.level === 'alarm') - Number(a.level === 'alarm'));
  if (trouble.length === 0) return <p className="small muted">{t('fleet.spool.well', { n: count(data.items.length, language) })}</p>;
  return trouble.map((row) => (
    <Callout key={row.collector} tone={row.level === 'alarm' ? 'refuse' : 'stop'} title={t(`fleet.spool.${row.level}`, { name: row.collector })}>
      {row.reasons
        .map((why) => {
          const n = why === 'missing' ? row.missing : why === 'refused' ? row.refused : row.batches;
          return t(`fleet.spool.${why}`, { percent: number(row.percent, 1, language), age: count(row.oldest_s / 60, language), n: count(n, language), clock: number(row.clock_offset_s ?? 0, 1, language) });
        })
        .join(' ')}
      {row.why ? <> <span className="small muted" lang="en">{row.why}</span></> : null}
    </Callout>
  ));
}
