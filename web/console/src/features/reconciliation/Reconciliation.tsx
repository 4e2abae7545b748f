import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { newKey } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { saveTable } from '@shared/table';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ChoiceFilter, ViewLabel, Views, WithFilters, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Table } from '@ui/Table';
import { TableInput, type MappedRow } from '@ui/TableInput';
import { Age, Instant, Kw } from '@ui/values';
import { countsQuery, everyMismatch, listFields, listOf, mismatchPages, runsQuery, send, type Mismatch, type Run } from './api';
import { mismatchKinds, mismatchStates, type ReconciliationSearch } from './search';
import classes from './Reconciliation.module.css';

const route = getRouteApi('/reconciliation');

function Numbers({ run }: { run: Run }) {
  const { t } = useTexts();
  return (
    <dl className={classes.numbers}>
      {(['points', 'registered', 'metered', 'found', 'new', 'gone'] as const).map((name) => (
        <div key={name}>
          <dt>{t(`reconciliation.number.${name}`)}</dt>
          <dd>{run[name]}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A utility's list: from a file or the clipboard, checked line by line before it is sent. */
function Send() {
  const { t } = useTexts();
  const client = useQueryClient();
  const [rows, setRows] = useState<MappedRow[]>([]);
  const key = useRef(newKey());
  const { points, errors } = useMemo(() => listOf(rows), [rows]);
  const sending = useMutation({
    mutationFn: send,
    onSuccess: async () => {
      key.current = newKey();
      await Promise.all(['mismatches', 'reconciliations', 'mismatch'].map((name) => client.invalidateQueries({ queryKey: [name] })));
    },
  });
  return (
    <div className={classes.send}>
      <p className="muted">{t('reconciliation.sendHelp')}</p>
      <TableInput
        fields={listFields}
        texts="reconciliation.field"
        onRows={(next) => {
          setRows(next);
          key.current = newKey();
          sending.reset();
        }}
      />
      {errors.length > 0 ? (
        <Callout tone="stop" title={t('table.errors', { count: errors.length })}>
          <ul className={classes.errors}>
            {errors.slice(0, 200).map((error) => (
              <li key={error.line}>
                {t('table.line', { line: error.line })}: {error.wrong.map((code) => t(`reconciliation.wrong.${code}`)).join(' ')}
              </li>
            ))}
          </ul>
        </Callout>
      ) : null}
      {sending.error ? <ProblemNotice problem={asProblem(sending.error)} /> : null}
      {sending.data ? (
        <div className={classes.result} role="status">
          <Callout tone={sending.data.found > 0 ? 'stop' : 'ok'} title={t(sending.data.found > 0 ? 'reconciliation.sentFound' : 'reconciliation.sentClean')}>
            {t('reconciliation.sentHelp')}
          </Callout>
          <Numbers run={sending.data} />
        </div>
      ) : points.length > 0 ? (
        <div className={classes.acts}>
          <Button loading={sending.isPending} disabled={errors.length > 0} onClick={() => sending.mutate({ points, key: key.current })}>
            {t('reconciliation.send', { count: points.length })}
          </Button>
          <span className="muted small">{t('reconciliation.emptyWarning')}</span>
        </div>
      ) : null}
    </div>
  );
}

function Export({ search }: { search: ReconciliationSearch }) {
  const { t } = useTexts();
  const file = useMutation({
    mutationFn: async (as: 'csv' | 'xlsx') => {
      const all = await everyMismatch(search);
      const head = ['kind', 'point', 'stake', 'utility', 'state', 'since', 'times', 'listed', 'energised', 'licensed', 'metered', 'reason'].map((name) => t(`reconciliation.column.${name}`));
      const rows = all.map((m) => [
        t(`mismatch.${m.kind}`), m.connection_point, String(m.stake_kw), m.utility_name, t(`state.mismatch.${m.state}`), m.since, String(m.times), String(m.listed?.kw ?? ''),
        String(m.registered?.energised_kw ?? ''), String(m.registered?.licensed_kw ?? ''), String(m.metered?.mean_kw ?? ''), m.reason ?? '',
      ]);
      await saveTable('mismatches', [head, ...rows], as);
    },
  });
  return (
    <div className={classes.acts}>
      <Button variant="default" loading={file.isPending} onClick={() => file.mutate('csv')}>CSV</Button>
      <Button variant="default" loading={file.isPending} onClick={() => file.mutate('xlsx')}>XLSX</Button>
      {file.error ? <span role="alert" className="small">{asProblem(file.error).detail}</span> : null}
    </div>
  );
}

const runNumbers = ['points', 'found', 'new', 'gone'] as const;

function Runs() {
  const { t } = useTexts();
  const query = useQuery(runsQuery);
  return (
    <Section title={t('reconciliation.runs')} note={t('reconciliation.runsHelp')}>
      <Loaded query={query} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('reconciliation.noRuns')}</p>
          ) : (
            <Table label={t('reconciliation.runs')}>
              <thead>
                <tr>
                  <th scope="col">{t('reconciliation.asOf')}</th>
                  <th scope="col">{t('gate.utility')}</th>
                  {runNumbers.map((name) => <th key={name} scope="col" className={classes.end}>{t(`reconciliation.number.${name}`)}</th>)}
                  <th scope="col" className={classes.end}>{t('reconciliation.column.stake')}</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((row) => (
                  <tr key={row.id}>
                    <td><Instant at={row.as_of} /></td>
                    <td>{row.utility_name}</td>
                    {runNumbers.map((name) => <td key={name} className={`num ${classes.end}`}>{row[name]}</td>)}
                    <td className={classes.end}><Kw value={row.stake_kw} /></td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

/** What contradicts between a utility's list, the register and the meters, the largest power first. */
export function Reconciliation() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(mismatchPages(search));
  const counts = useQuery(countsQuery(search)).data ?? [];
  const countOf = (kind: string) => counts.find((item) => item.kind === kind)?.count ?? 0;
  const [open, setOpen] = useState(false);
  const columns: Column<Mismatch>[] = [
    { key: 'kind', header: t('reconciliation.column.kind'), cell: (row) => <Link to="/reconciliation/$id" params={{ id: row.id }} preload="intent">{t(`mismatch.${row.kind}`)}</Link> },
    { key: 'point', header: t('gate.point'), cell: (row) => <span className="mono">{row.connection_point}</span> },
    { key: 'utility', header: t('gate.utility'), cell: (row) => row.utility_name, from: 'wide' },
    { key: 'license', header: t('license.kind'), cell: (row) => <span className="mono">{row.registered?.license ?? '–'}</span>, from: 'huge' },
    { key: 'stake', header: t('reconciliation.column.stake'), cell: (row) => <Kw value={row.stake_kw} />, align: 'end' },
    { key: 'age', header: t('reconciliation.column.age'), cell: (row) => <Age at={row.since} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page
      title={t('reconciliation.title')}
      lead={t('reconciliation.lead')}
      action={can('reconciliation.send') ? <Button onClick={() => setOpen((before) => !before)} aria-expanded={open}>{t('reconciliation.new')}</Button> : undefined}
    >
      {open && can('reconciliation.send') ? <Send /> : null}
      <Views label={t('ui.views')}>
        {mismatchStates.map((state) => (
          <Link key={state} to="/reconciliation" search={{ ...search, state }} aria-current={(search.state ?? 'open') === state ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`state.mismatch.${state}`)} />
          </Link>
        ))}
      </Views>
      <WithFilters
        filters={
          <ChoiceFilter
            label={t('reconciliation.column.kind')}
            name="kind"
            value={search.kind ?? ''}
            choices={[{ value: '', label: t('ui.all') }, ...mismatchKinds.map((kind) => ({ value: kind, label: <>{t(`mismatch.${kind}`)} <span className="num muted">{countOf(kind)}</span></> }))]}
            onChange={(value) => {
              const kind = mismatchKinds.find((item) => item === value);
              void navigate({ to: '/reconciliation', search: { ...(search.state ? { state: search.state } : {}), ...(search.utility ? { utility: search.utility } : {}), ...(kind ? { kind } : {}) } });
            }}
          />
        }
      >
        <Loaded query={query} rows={8}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('reconciliation.empty')}>{t('reconciliation.emptyHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t('reconciliation.title')}
                  columns={columns}
                  groups={[{ key: 'all', label: null, rows: data.items }]}
                  keyOf={(row) => row.id}
                  nameOf={(row) => `${row.connection_point} ${row.kind}`}
                  onOpen={(row) => void navigate({ to: '/reconciliation/$id', params: { id: row.id } })}
                  peek={(row) => (
                    <div className={classes.result}>
                      <State noun="mismatch" state={row.state} size="large" />
                      <p>{t(`mismatch.help.${row.kind}`)}</p>
                      <Kw value={row.stake_kw} />
                    </div>
                  )}
                />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
                <Export search={search} />
              </>
            )
          }
        </Loaded>
      </WithFilters>
      <Runs />
    </Page>
  );
}
