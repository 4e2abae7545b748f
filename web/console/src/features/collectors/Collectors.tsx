import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { count, number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age } from '@ui/values';
import { unitsQuery, type UnitHealth } from './api';
import { failureOf } from './failure';
import classes from './Collectors.module.css';

/** The last error as a short sentence; the collector's own words on hover, and when it is opened. */
function LastError({ error }: { error: string | undefined }) {
  const { t } = useTexts();
  if (!error) return '–';
  const { kind, code } = failureOf(error);
  return (
    <details className={classes.error}>
      <summary title={error}>{code === undefined ? t(`failure.${kind}`) : t('failure.exceptionCode', { code })}</summary>
      <span lang="en" className="muted">{error}</span>
    </details>
  );
}

const states = ['dead', 'late', 'waiting', 'ok'] as const;

/** How the polling of every meter goes, the troubled ones first. */
export function Collectors() {
  const { t, language } = useTexts();
  const navigate = useNavigate();
  const query = useQuery(unitsQuery);
  const share = (row: UnitHealth) => (row.due > 0 ? `${number((row.ok / row.due) * 100, 1, language)}\u202f%` : '–');
  const columns: Column<UnitHealth>[] = [
    { key: 'code', header: t('collectors.meter'), cell: (row) => <Link to="/meters/$id" params={{ id: row.meter }} className="mono">{row.code}</Link> },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="unit" state={row.state} /> },
    { key: 'endpoint', header: t('collectors.endpoint'), cell: (row) => <span className="mono num" title={row.endpoint}>{row.endpoint.replace(/^[a-z]+:\/\//, '')} · {row.unit}</span>, from: 'medium' },
    { key: 'profile', header: t('meter.profile'), cell: (row) => <span className="mono num">{row.profile}</span>, from: 'huge' },
    { key: 'share', header: t('collectors.answered'), cell: share, align: 'end' },
    { key: 'rtt', header: t('collectors.rtt'), cell: (row) => (row.ok === 0 ? '–' : `${number(row.rtt_ms, row.rtt_ms < 10 ? 1 : 0, language)}\u202f${t('unit.ms')}`), align: 'end', from: 'medium' },
    { key: 'timeouts', header: t('collectors.timeouts'), cell: (row) => count(row.timeouts, language), align: 'end', from: 'wide' },
    { key: 'error', header: t('collectors.lastError'), cell: (row) => <LastError error={row.last_error} />, from: 'wide' },
    { key: 'last', header: t('collectors.lastGood'), cell: (row) => <Age at={row.last_good} every={5000} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page title={t('collectors.title')} lead={t('collectors.lead')}>
      <Loaded query={query} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('collectors.empty')}>{t('collectors.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('collectors.title')}
                columns={columns}
                groups={states.map((state) => ({ key: state, label: t(`state.unit.${state}`), rows: data.items.filter((row) => row.state === state) }))}
                keyOf={(row) => `${row.meter}/${row.endpoint}/${row.unit}`}
                nameOf={(row) => row.code}
                onOpen={(row) => void navigate({ to: '/meters/$id', params: { id: row.meter } })}
                dense="dense"
              />
              <ListFoot shown={data.items.length} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
