import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age, Instant } from '@ui/values';
import { actPages, type ActRow } from './acts';
import { actViews } from './search';

const route = getRouteApi('/acts');
const titles = { open: 'acts.waiting', closed: 'acts.closed', mine: 'acts.mine' } as const;

/** The acts on licenses: what waits for a signature, what is over, one's own drafts. */
export function Acts() {
  const { t } = useTexts();
  const { view = 'open' } = route.useSearch();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(actPages(view));
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${view}/${query.data?.parts ?? 0}`);
  const columns: Column<ActRow>[] = [
    { key: 'act', header: t('acts.act'), cell: (row) => <Link to="/acts/$id" params={{ id: row.id }} preload="intent">{t(`acts.kind.${row.kind}`)}</Link> },
    { key: 'license', header: t('license.kind'), cell: (row) => <span className="mono">{row.license}</span>, width: '168px', from: 'medium' },
    { key: 'holder', header: t('license.holder'), cell: (row) => row.holder_name, from: 'medium' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="act" state={row.state} /> },
    { key: 'drafter', header: t('acts.drafted'), cell: (row) => row.drafter_name, from: 'wide' },
    { key: 'by', header: t('acts.confirmBy'), cell: (row) => (row.state === 'provisional' ? <Instant at={row.confirm_by} /> : '–'), align: 'end', from: 'wide' },
    { key: 'age', header: t('acts.age'), cell: (row) => <Age at={row.drafted_at} />, align: 'end' },
  ];
  return (
    <Page title={t('acts.title')} back={<Link to="/licenses"><BackLabel>{t('nav.licenses')}</BackLabel></Link>}>
      <Views label={t('ui.views')}>
        {actViews.map((name) => (
          <Link key={name} to="/acts" search={name === 'open' ? {} : { view: name }} aria-current={view === name ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(titles[name])} count={view === name && !query.data?.cut ? query.data?.items.length : undefined} />
          </Link>
        ))}
      </Views>
      <Loaded query={query} rows={6}>
        {() =>
          quiet.rows.length === 0 ? (
            <Empty title={t('acts.empty')}>{t('acts.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('acts.title')}
                columns={columns}
                groups={[{ key: 'all', label: null, rows: quiet.rows }]}
                keyOf={(row) => row.id}
                nameOf={(row) => row.number}
                onOpen={(row) => void navigate({ to: '/acts/$id', params: { id: row.id } })}
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
