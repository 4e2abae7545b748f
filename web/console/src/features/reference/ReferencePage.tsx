import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { legalDate, legalDateOf } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { useMoment } from '@shared/moment';
import { useCan } from '@shared/session';
import { Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { Empty } from '@ui/states';
import { Table } from '@ui/Table';
import { LegalDate } from '@ui/values';
import { rowsQuery, tablesQuery, type Kind } from './api';
import { holdsOn, keyOf, stopAt, stops, type Row, type Table as Described } from './rows';
import classes from './Reference.module.css';

const route = getRouteApi('/reference');

function Rows({ table, rows, on }: { table: Described; rows: readonly Row[]; on: string }) {
  const { t, language, has } = useTexts();
  const word = useCodeText();
  const can = useCan();
  // One language is enough to read; all stand in the proposal.
  const columns = table.columns.filter((column) => !/_(kk|ru|en)$/.test(column.name) || column.name.endsWith(`_${language}`));
  const shown = rows.filter((row) => holdsOn(table, row, on));
  if (shown.length === 0) return <Empty title={t('reference.noRows')}>{t('reference.noRowsHelp')}</Empty>;
  return (
    <div className={classes.rows}>
      <Table label={t(`reference.kind.${table.kind}`)}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" data-align={column.number ? 'end' : undefined}>
                {word('reference.column', column.name)}
              </th>
            ))}
            {table.dated ? <th scope="col">{t('reference.validity')}</th> : null}
            {can('reference.write') ? <th scope="col"><span className="visually-hidden">{t('reference.propose')}</span></th> : null}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={keyOf(table, row) + (row.valid_from ?? '')}>
              {columns.map((column) => (
                <td key={column.name} data-align={column.number ? 'end' : undefined} className={column.number ? 'num' : table.key.includes(column.name) ? 'mono' : undefined}>
                  {column.name === 'date' ? <LegalDate date={row.values[column.name] ?? ''} /> : column.choices ? word('reference.choice', row.values[column.name] ?? '') : row.values[column.name]}
                  {table.kind === 'legal_values' && column.name === 'code' && has(`reference.value.${row.values.code}`) ? <div className={classes.name}>{t(`reference.value.${row.values.code}`)}</div> : null}
                </td>
              ))}
              {table.dated ? (
                <td>
                  <LegalDate date={row.valid_from ?? ''} /> – {row.valid_until ? <LegalDate date={row.valid_until} /> : '…'}
                </td>
              ) : null}
              {can('reference.write') ? (
                <td>
                  <Link to="/reference/propose" search={{ kind: table.kind, row: keyOf(table, row) }}>
                    {t('reference.change')}
                  </Link>
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function Dated({ table, rows }: { table: Described; rows: readonly Row[] }) {
  const { t, language } = useTexts();
  const { kind, on } = route.useSearch();
  const navigate = useNavigate();
  const moment = useMoment();
  const today = legalDateOf(moment.as_at ? new Date(moment.as_at) : new Date());
  const days = stops(rows, today);
  const at = on ?? today;
  const stop = stopAt(days, at);
  return (
    <>
      {table.dated ? (
        <div className={classes.slider}>
          <label htmlFor="reference-day">
            {t('reference.on')} <output htmlFor="reference-day">{legalDate(at, language)}</output> {at > today ? <span className={classes.future}>{t('reference.toCome')}</span> : null}
          </label>
          <input
            id="reference-day"
            type="range"
            min={0}
            max={days.length - 1}
            step={1}
            value={stop}
            aria-valuetext={legalDate(days[stop] ?? at, language)}
            onChange={(event) => {
              const day = days[Number(event.currentTarget.value)];
              void navigate({ to: '/reference', search: { kind, on: day === today ? undefined : day }, replace: true });
            }}
          />
        </div>
      ) : null}
      <Rows table={table} rows={rows} on={at} />
    </>
  );
}

/** The law by date: tables by kind, as they hold on a day. */
export function ReferencePage() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const tables = useQuery(tablesQuery);
  const kind = (tables.data?.items.find((table) => table.kind === search.kind)?.kind ?? 'legal_values') as Kind;
  const rows = useQuery(rowsQuery(kind));
  return (
    <Page
      title={t('reference.title')}
      lead={t('reference.lead')}
      action={
        <>
          <Link to="/reference/changes">{t('reference.changes')}</Link>
          {can('reference.write') ? <Link to="/reference/propose" search={{ kind }}>{t('reference.propose')}</Link> : null}
        </>
      }
    >
      <Views label={t('reference.kinds')}>
        {(tables.data?.items ?? []).map((table) => (
          <Link key={table.kind} to="/reference" search={{ kind: table.kind }} aria-current={table.kind === kind ? 'page' : undefined} {...viewLink}>
            {t(`reference.kind.${table.kind}`)}
          </Link>
        ))}
      </Views>
      <Loaded query={rows} rows={8}>
        {(data) => {
          const table = tables.data?.items.find((one) => one.kind === kind);
          return table ? <Dated key={kind} table={table} rows={data.items} /> : null;
        }}
      </Loaded>
    </Page>
  );
}
