import { useQuery } from '@tanstack/react-query';
import { number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import { Instant } from '@ui/values';
import { readingsQuery } from './api';
import { Table } from '@ui/Table';
import type { Span } from './span';

const MOST = 12;

/** The quarter hours of the span whose counter and power cannot both be right, with both, the newest first; nothing when there are none. */
export function Disagreements({ id, span }: { id: string; span: Span }) {
  const { t, language } = useTexts();
  const { data } = useQuery(readingsQuery(id, span));
  const rows = (data ?? []).flatMap((item) => (item.disagrees ? [{ at: item.at, ...item.disagrees }] : [])).reverse();
  if (rows.length === 0) return null;
  const kwh = (value: number) => number(value, 2, language);
  return (
    <Section title={t('disagrees.title')}>
      <p className="small muted">{t('disagrees.help', { count: rows.length })}</p>
      <Table label={t('disagrees.title')}>
        <thead>
          <tr><th>{t('disagrees.start')}</th><th className="num">{t('disagrees.counter')}</th><th className="num">{t('disagrees.power')}</th><th className="num">{t('disagrees.difference')}</th><th className="num">{t('disagrees.allowed')}</th></tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map((row) => (
            <tr key={row.at}>
              <td><Instant at={row.at} /></td>
              <td className="num">{kwh(row.counter_kwh)}</td>
              <td className="num">{kwh(row.power_kwh)}</td>
              <td className="num">{kwh(row.counter_kwh - row.power_kwh)}</td>
              <td className="num">{kwh(row.allowed_kwh)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      {rows.length > MOST ? <p className="small muted">{t('disagrees.newest', { count: MOST })}</p> : null}
    </Section>
  );
}
