import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useRef } from 'react';
import { count, number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { SearchBox } from '@ui/SearchBox';
import { StateMark, type Tone } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { Age, Facts } from '@ui/values';
import { fleetCounts, fleetPages, gatewaysQuery, type FleetUnit, type Gateway } from './api';
import { Spools } from './Spools';
import { unitStates, type FleetSearch, type UnitState } from './search';
import classes from './Collectors.module.css';

const route = getRouteApi('/collectors');

const tones: Record<UnitState, Tone> = { mismatch: 'refuse', dead: 'refuse', frozen: 'stop', late: 'stop', budget: 'stop', due: 'wait', ok: 'ok' };

function Mark({ state }: { state: UnitState }) {
  const { t } = useTexts();
  return <StateMark tone={tones[state]} label={t(`fleet.state.${state}`)} />;
}

/** The endpoint without what is the same for most. */
const short = (endpoint: string) => endpoint.replace(/^tcp:\/\//, '');

/** What somebody should do about a meter: by the kind of its last failure where it does not answer, else by its state. */
function useAdvice() {
  const { t } = useTexts();
  return (row: FleetUnit) => {
    if (row.state === 'ok' || row.state === 'due') return '';
    const silent = row.state === 'dead' || row.state === 'late';
    return silent && row.fault ? t(`fleet.todo.${row.fault}`) : t(`fleet.todo.${row.state}`);
  };
}

/** Faults that have happened, as words with numbers. */
function Faults({ faults }: { faults: Record<string, number> }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const rows = Object.entries(faults).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  if (rows.length === 0) return <p className="small muted">{t('fleet.noFaults')}</p>;
  return (
    <dl className={`${classes.faults} small`}>
      {rows.map(([fault, n]) => (
        <div key={fault}>
          <dt className="muted">{fault.startsWith('quality_') ? text('quality', fault.slice('quality_'.length)) : t(`fleet.fault.${fault}`)}</dt>
          <dd className="num">{count(n, language)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Peek({ row }: { row: FleetUnit }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const advice = useAdvice()(row);
  return (
    <div className={classes.lines}>
      <Mark state={row.state} />
      {advice ? <p>{advice}</p> : null}
      <Facts
        facts={[
          { label: t('collectors.endpoint'), value: <span className="mono">{row.endpoint} · {row.unit}</span> },
          { label: t('meter.profile'), value: <span className="mono">{row.profile}</span> },
          { label: t('collectors.lastGood'), value: <Age at={row.last_good} every={5000} /> },
          { label: t('meter.quality'), value: row.quality ? text('quality', row.quality) : '–' },
          { label: t('fleet.polledBy'), value: row.collector ? <span className="mono">{row.collector}</span> : t(`fleet.polled.${row.polled}`) },
          { label: t('collectors.rtt'), value: row.ok > 0 ? `${number(row.rtt_ms, 1, language)}\u202f${t('unit.ms')}` : '–' },
        ]}
      />
      <Faults faults={row.counters} />
      {row.last_error ? <p className="small muted" lang="en">{row.last_error}</p> : null}
      <Link to="/meters/$id" params={{ id: row.meter }}>{t('fleet.open')}</Link>
    </div>
  );
}

function Meters({ search }: { search: FleetSearch }) {
  const { t, language } = useTexts();
  const navigate = useNavigate();
  const advice = useAdvice();
  const { query, more, busy } = usePages(fleetPages(search));
  const columns: Column<FleetUnit>[] = [
    { key: 'code', header: t('collectors.meter'), cell: (row) => <Link to="/meters/$id" params={{ id: row.meter }} className="mono" preload={false}>{row.code}</Link> },
    { key: 'state', header: t('ui.state'), cell: (row) => <Mark state={row.state} /> },
    { key: 'endpoint', header: t('collectors.endpoint'), cell: (row) => <span className="mono num" title={row.endpoint}>{short(row.endpoint)} · {row.unit}</span>, from: 'medium' },
    { key: 'fault', header: t('fleet.why'), cell: (row) => (row.state !== 'ok' && row.fault ? <span title={row.last_error}>{t(`fleet.fault.${row.fault}`)}</span> : '–'), from: 'wide' },
    { key: 'todo', header: t('fleet.todo'), cell: (row) => <span className={classes.todo}>{advice(row) || '–'}</span>, from: 'wide' },
    { key: 'share', header: t('collectors.answered'), cell: (row) => (row.due > 0 ? `${number((row.ok / row.due) * 100, 1, language)}\u202f%` : '–'), align: 'end', from: 'medium' },
    { key: 'last', header: t('collectors.lastGood'), cell: (row) => <Age at={row.last_good} every={5000} />, align: 'end' },
  ];
  return (
    <Loaded query={query} rows={8}>
      {(data) =>
        data.items.length === 0 ? (
          <Empty title={t(search.state || search.q || search.endpoint ? 'ui.nothingFound' : 'collectors.empty')}>{t(search.state || search.q || search.endpoint ? 'ui.nothingFoundHelp' : 'collectors.emptyHelp')}</Empty>
        ) : (
          <>
            <DataList
              label={t('collectors.title')}
              columns={columns}
              groups={[{ key: 'all', label: null, rows: data.items }]}
              keyOf={(row) => row.meter}
              nameOf={(row) => row.code}
              onOpen={(row) => void navigate({ to: '/meters/$id', params: { id: row.meter } })}
              peek={(row) => <Peek row={row} />}
              dense="dense"
            />
            <ListFoot shown={data.items.length} onMore={more} busy={busy} />
          </>
        )
      }
    </Loaded>
  );
}

function Gateways({ q }: { q: string | undefined }) {
  const { t, language } = useTexts();
  const navigate = useNavigate();
  const query = useQuery(gatewaysQuery(q));
  const columns: Column<Gateway>[] = [
    { key: 'endpoint', header: t('fleet.gateway'), cell: (row) => <Link to="/collectors" search={{ endpoint: row.endpoint }} className="mono" preload={false}>{short(row.endpoint)}</Link> },
    { key: 'meters', header: t('fleet.meters'), cell: (row) => count(row.meters, language), align: 'end' },
    { key: 'ok', header: t('fleet.state.ok'), cell: (row) => count((row.counts['ok'] ?? 0) + (row.counts['due'] ?? 0), language), align: 'end', from: 'medium' },
    { key: 'late', header: t('fleet.state.late'), cell: (row) => count(row.counts['late'] ?? 0, language), align: 'end', from: 'medium' },
    { key: 'dead', header: t('fleet.state.dead'), cell: (row) => count(row.counts['dead'] ?? 0, language), align: 'end' },
    { key: 'load', header: t('fleet.load'), cell: (row) => <>{number(row.load_pct, 1, language)}{'\u202f%'}{row.over ? <> <StateMark tone="stop" label={t('fleet.over')} /></> : null}</>, align: 'end', from: 'medium' },
    { key: 'last', header: t('collectors.lastGood'), cell: (row) => <Age at={row.last_good} every={5000} />, align: 'end', from: 'medium' },
  ];
  return (
    <Loaded query={query} rows={8}>
      {(data) =>
        data.items.length === 0 ? (
          <Empty title={t(q ? 'ui.nothingFound' : 'collectors.empty')}>{t(q ? 'ui.nothingFoundHelp' : 'collectors.emptyHelp')}</Empty>
        ) : (
          <>
            <DataList
              label={t('fleet.byGateway')}
              columns={columns}
              groups={[{ key: 'all', label: null, rows: data.items }]}
              keyOf={(row) => row.endpoint}
              nameOf={(row) => row.endpoint}
              onOpen={(row) => void navigate({ to: '/collectors', search: { endpoint: row.endpoint } })}
              dense="dense"
            />
            <ListFoot shown={data.items.length} />
          </>
        )
      }
    </Loaded>
  );
}

/** How the polling of every meter goes: counts by state, the meters or their gateways, what is wrong and what to do about it. */
export function Collectors() {
  const { t, language } = useTexts();
  const may = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const counts = useQuery(fleetCounts(search));
  const { state, view, endpoint } = search;
  const onSearch = useCallback(
    (q: string) => void navigate({ to: '/collectors', search: { ...(state ? { state } : {}), ...(view ? { view } : {}), ...(endpoint ? { endpoint } : {}), ...(q ? { q } : {}) }, replace: true }),
    [navigate, state, view, endpoint],
  );
  const keep = { ...(search.endpoint ? { endpoint: search.endpoint } : {}), ...(search.q ? { q: search.q } : {}) };
  const data = counts.data;
  const lag = data && data.lag_ms.max > 0 ? t('fleet.lag', { p50: number(data.lag_ms.p50, 0, language), p99: number(data.lag_ms.p99, 0, language) }) : '';
  return (
    <Page title={t('collectors.title')} lead={t('collectors.lead')} action={may('meter.write') ? <Button component={Link} to="/commissioning">{t('fleet.commission')}</Button> : null}>
      <Views label={t('ui.views')}>
        <Link to="/collectors" search={keep} {...viewLink}><ViewLabel text={t('ui.all')} count={data?.total} /></Link>
        {unitStates.map((state) => (
          <Link key={state} to="/collectors" search={{ ...keep, state }} {...viewLink}><ViewLabel text={t(`fleet.state.${state}`)} count={data?.counts[state]} /></Link>
        ))}
        <Link to="/collectors" search={{ view: 'gateways', ...(search.q ? { q: search.q } : {}) }} {...viewLink}><ViewLabel text={t('fleet.byGateway')} count={data?.gateways} /></Link>
      </Views>
      <div className={classes.lines}>
        <Spools />
        <div className={classes.search}>
          <SearchBox label={t('fleet.search')} value={search.q ?? ''} onSearch={onSearch} inputRef={field} />
        </div>
        {search.endpoint ? <p className="small"><span className="mono">{search.endpoint}</span> · <Link to="/collectors" search={search.q ? { q: search.q } : {}}>{t('fleet.allGateways')}</Link></p> : null}
        {data ? <Faults faults={data.faults} /> : null}
        {lag ? <p className="small muted">{lag}</p> : null}
        {search.view === 'gateways' ? <Gateways q={search.q} /> : <Meters search={search} />}
      </div>
    </Page>
  );
}
