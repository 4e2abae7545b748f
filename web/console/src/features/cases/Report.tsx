import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { api, ask, type Schemas } from '@shared/api/client';
import { count, legalDateOf, number, type Language } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import classes from './Cases.module.css';

const route = getRouteApi('/cases/report');
type ColumnKey = 'opened' | 'confirmed' | 'criminal' | 'sentences' | 'rigs' | 'found' | 'fined' | 'blocked' | 'confiscated';
type MonthKey = 'enforcement.months.1';
type Counts = Schemas['EnforcementCountsWire'];

const columns: { key: ColumnKey; of: (c: Counts, language: Language) => string }[] = [
  { key: 'opened', of: (c, l) => count(c.opened, l) },
  { key: 'confirmed', of: (c, l) => count(c.confirmed, l) },
  { key: 'criminal', of: (c, l) => count(c.criminal_cases, l) },
  { key: 'sentences', of: (c, l) => count(c.sentences, l) },
  { key: 'rigs', of: (c, l) => count(c.rigs_seized, l) },
  { key: 'found', of: (c, l) => number(c.found_kw / 1000, 2, l) },
  { key: 'fined', of: (c, l) => count(Math.round(c.fined_kzt / 1000), l) },
  { key: 'blocked', of: (c, l) => count(Math.round(c.blocked_kzt / 1000), l) },
  { key: 'confiscated', of: (c, l) => count(Math.round(c.confiscated_kzt / 1000), l) },
];

function Bars({ months, label }: { months: { month?: number | undefined; counts: Counts }[]; label: string }) {
  const { t, language } = useTexts();
  const most = Math.max(1, ...months.map((m) => m.counts.found_kw));
  return (
    <svg viewBox="0 0 720 150" role="img" aria-label={label} className={classes.bars}>
      {months.map((m, i) => {
        const tall = (104 * m.counts.found_kw) / most;
        return (
          <g key={m.month ?? i} transform={`translate(${i * 60} 0)`} textAnchor="middle">
            <rect x="14" y={124 - tall} width="32" height={tall} fill="var(--mantine-primary-color-filled)" />
            {m.counts.found_kw > 0 ? <text x="30" y={118 - tall} fill="currentColor">{number(m.counts.found_kw / 1000, 2, language)}</text> : null}
            <text x="30" y="142" fill="currentColor">{t(`enforcement.months.${m.month ?? i + 1}` as MonthKey).slice(0, 3)}</text>
          </g>
        );
      })}
      <line x1="0" x2="720" y1="124.5" y2="124.5" stroke="currentColor" strokeOpacity="0.3" />
    </svg>
  );
}

function Table({ first, rows }: { first: string; rows: { name: string; counts: Counts }[] }) {
  const { t, language } = useTexts();
  return (
    <div className={classes.scroll} role="region" aria-label={first} tabIndex={0}>
      <table className={`${classes.table} ${classes.dense}`}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {columns.map((c) => <th key={c.key} scope="col"><abbr title={t(`enforcement.${c.key}`)}>{t(`enforcement.short.${c.key}`)}</abbr></th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((r) => (
            <tr key={r.name}>
              <th scope="row">{r.name}</th>
              {columns.map((c) => <td key={c.key} className="num">{c.of(r.counts, language)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A year of enforcement, as it is published: by region and by month. */
export function Report() {
  const { t } = useTexts();
  const now = legalDateOf(new Date()).slice(0, 4);
  const { year = now } = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery({ queryKey: ['enforcement', 'report', year], queryFn: () => ask(api.GET('/v1/enforcement/report', { params: { query: { year } } })) });
  const file = (kind: 'csv' | 'pdf') => `/v1/enforcement/report.${kind}?year=${year}`;
  return (
    <Page
      title={t('enforcement.title')}
      lead={t('enforcement.lead')}
      action={
        <>
          <Button component="a" variant="default" href={file('csv')} download>{t('enforcement.csv')}</Button>
          <Button component="a" variant="default" href={file('pdf')} download>{t('enforcement.pdf')}</Button>
        </>
      }
    >
      <Link to="/cases" search={{}}><BackLabel>{t('case.title')}</BackLabel></Link>
      <NativeSelect label={t('enforcement.year')} w={140} value={year} data={Array.from({ length: 6 }, (_, i) => String(Number(now) - i))} onChange={(event) => void navigate({ to: '/cases/report', search: { year: event.currentTarget.value } })} />
      <Loaded query={query} rows={6}>
        {(data) =>
          data.cells.length === 0 ? <p className="muted">{t('enforcement.empty')}</p> : (
            <>
              <Section title={t('enforcement.region')} note={t('enforcement.units')}>
                <Table first={t('enforcement.region')} rows={[...data.regions.map((r) => ({ name: r.region ? t(`region.${r.region as '10'}`) : t('enforcement.nowhere'), counts: r.counts })), { name: t('enforcement.total'), counts: data.total }]} />
              </Section>
              <Section title={t('enforcement.chart')}><Bars months={data.months} label={t('enforcement.chart')} /></Section>
              <Section title={t('enforcement.month')}>
                <Table first={t('enforcement.month')} rows={data.months.map((m) => ({ name: t(`enforcement.months.${m.month ?? 1}` as MonthKey), counts: m.counts }))} />
              </Section>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
