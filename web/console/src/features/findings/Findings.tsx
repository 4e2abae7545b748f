import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Button } from '@mantine/core';
import { useCodeText, useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age, Facts, Instant, Kw } from '@ui/values';
import { findingPages, type Finding } from './api';
import { findingStates } from './search';
import classes from './Findings.module.css';

const route = getRouteApi('/findings');
const tiers = ['A', 'B', 'C'] as const;

function Peek({ finding }: { finding: Finding }) {
  const { t } = useTexts();
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <State noun="finding" state={finding.state} />
      <p>{finding.explanation}</p>
      <Facts
        facts={[
          { label: t('finding.target'), value: <span className="mono">{finding.target}</span> },
          { label: t('finding.estimated'), value: <Kw value={finding.estimated_kw} /> },
          { label: t('finding.firstSeen'), value: <Instant at={finding.first_seen} /> },
        ]}
      />
      <Button component={Link} to={`/findings/${finding.id}`}>
        {t('finding.open')}
      </Button>
    </div>
  );
}

/** The findings, by what they ask for: act, inspect, watch. */
export function Findings() {
  const { t } = useTexts();
  const text = useCodeText();
  const search = route.useSearch();
  const state = search.state ?? 'open';
  const navigate = useNavigate();
  const { query, more, busy } = usePages(findingPages(state === 'all' ? undefined : state, search.target));
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${state}/${search.target ?? ''}/${query.data?.parts ?? 0}`);
  const columns: Column<Finding>[] = [
    { key: 'target', header: t('finding.target'), cell: (row) => <Link to="/findings/$id" params={{ id: row.id }} className="mono" preload="intent">{row.target}</Link>, width: '150px' },
    { key: 'rule', header: t('finding.rule'), cell: (row) => text('rule', row.rule) },
    { key: 'sentence', header: t('finding.sentence'), cell: (row) => <span className={classes.sentence}>{row.explanation}</span>, from: 'wide' },
    { key: 'kw', header: t('finding.estimated'), cell: (row) => <Kw value={row.estimated_kw} />, align: 'end' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="finding" state={row.state} />, from: 'medium' },
    { key: 'age', header: t('finding.raised'), cell: (row) => <Age at={row.raised_at} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page
      title={t('findings.title')}
      lead={
        search.target ? (
          <>
            {t('findings.about')} <span className="mono">{search.target}</span> · <Link to="/findings" search={{ state: search.state }}>{t('findings.everywhere')}</Link>
          </>
        ) : (
          t('findings.lead')
        )
      }
    >
      <Views label={t('ui.views')}>
        {[...findingStates, 'all' as const].map((item) => (
          <Link key={item} to="/findings" search={{ ...search, state: item }} aria-current={state === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(item === 'all' ? 'ui.all' : `state.finding.${item}`)} count={state === item && !query.data?.cut ? query.data?.items.length : undefined} />
          </Link>
        ))}
      </Views>
      <Loaded query={query} rows={8}>
        {() =>
          quiet.rows.length === 0 && quiet.waiting === 0 ? (
            <Empty title={t('findings.empty')}>{t('findings.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('findings.title')}
                columns={columns}
                groups={tiers.map((tier) => ({ key: tier, label: t(`finding.tier.${tier}`), rows: quiet.rows.filter((row) => row.tier === tier) }))}
                keyOf={(row) => row.id}
                nameOf={(row) => row.target}
                onOpen={(row) => void navigate({ to: '/findings/$id', params: { id: row.id } })}
                peek={(row) => <Peek finding={row} />}
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
