import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import { checkPages, type CheckRecord } from './api';
import { decisions } from './search';

const route = getRouteApi('/gate/log');

function Peek({ record }: { record: CheckRecord }) {
  const { t } = useTexts();
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <State noun="decision" state={record.decision} size="large" />
      {record.reasons.length > 0 ? (
        <ul style={{ margin: 0, paddingInlineStart: 18 }}>
          {record.reasons.map((reason) => (
            <li key={reason.code}>{reason.text}</li>
          ))}
        </ul>
      ) : null}
      <Facts
        facts={[
          { label: t('gate.point'), value: <span className="mono">{record.connection_point}</span> },
          { label: t('gate.applicant'), value: <span className="mono">{record.applicant}</span> },
          { label: t('gate.reservation'), value: t(`reservation.${record.reservation_state}`) },
        ]}
      />
      <Link to="/gate/checks/$id" params={{ id: record.id }}>
        {t('gate.explain')}
      </Link>
    </div>
  );
}

/** What was asked of the gate, and what it answered. */
export function GateLog() {
  const { t } = useTexts();
  const { decision } = route.useSearch();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(checkPages(decision));
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${decision ?? ''}/${query.data?.parts ?? 0}`);
  const columns: Column<CheckRecord>[] = [
    { key: 'reference', header: t('gate.reference'), cell: (row) => <Link to="/gate/checks/$id" params={{ id: row.id }} preload="intent">{row.reference}</Link> },
    { key: 'decision', header: t('gate.decision'), cell: (row) => <State noun="decision" state={row.decision} /> },
    { key: 'point', header: t('gate.point'), cell: (row) => <span className="mono">{row.connection_point}</span>, from: 'medium' },
    { key: 'reasons', header: t('gate.reasons'), cell: (row) => <span className="small">{row.reasons.map((reason) => reason.code).join(', ') || '–'}</span>, from: 'wide' },
    { key: 'utility', header: t('gate.utility'), cell: (row) => row.utility_name, from: 'wide' },
    { key: 'kw', header: t('gate.requested'), cell: (row) => <Kw value={row.requested_kw} />, align: 'end', from: 'medium' },
    { key: 'at', header: t('gate.decidedAt'), cell: (row) => <Instant at={row.decided_at} />, align: 'end' },
  ];
  return (
    <Page title={t('gateLog.title')}>
      <Views label={t('ui.views')}>
        <Link to="/gate/log" search={{}} aria-current={decision ? undefined : 'page'} {...viewLink}>
          <ViewLabel text={t('ui.all')} />
        </Link>
        {decisions.map((item) => (
          <Link key={item} to="/gate/log" search={{ decision: item }} aria-current={decision === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`state.decision.${item}`)} count={query.data?.cut || (decision && decision !== item) ? undefined : query.data?.items.filter((row) => row.decision === item).length} />
          </Link>
        ))}
      </Views>
      <Loaded query={query} rows={10}>
        {() =>
          quiet.rows.length === 0 ? (
            <Empty title={t('gateLog.empty')}>{t('gateLog.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('gateLog.title')}
                columns={columns}
                groups={[{ key: 'all', label: null, rows: quiet.rows }]}
                keyOf={(row) => row.id}
                nameOf={(row) => row.reference}
                onOpen={(row) => void navigate({ to: '/gate/checks/$id', params: { id: row.id } })}
                peek={(row) => <Peek record={row} />}
                waiting={quiet.waiting}
                onShowWaiting={quiet.show}
              />
              <ListFoot shown={quiet.rows.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
