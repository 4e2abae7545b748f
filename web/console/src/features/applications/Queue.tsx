import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useRef } from 'react';
import { Button } from '@mantine/core';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { useCan, useSession } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Deadline } from '@ui/Deadline';
import { ChoiceFilter, ViewLabel, Views, WithFilters } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { SearchBox } from '@ui/SearchBox';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age, Facts, Identifier, Kw } from '@ui/values';
import { applicationPages, type Application } from './api';
import { bySeverity, filterOf, inView } from './queue';
import { views, type View } from './search';

const route = getRouteApi('/applications');

function Peek({ application }: { application: Application }) {
  const { t } = useTexts();
  const done = application.checklist.filter((item) => item.result).length;
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <State noun="application" state={application.state} />
      <Facts
        facts={[
          { label: t('application.applicant'), value: application.applicant_name },
          { label: t('party.bin'), value: <Identifier value={application.applicant_bin} /> },
          { label: t('application.subType'), value: t(`subType.${application.sub_type}`) },
          { label: t('application.declared'), value: <Kw value={application.declared_kw} /> },
          { label: t('application.supply'), value: t(`supply.${application.supply_basis}`) },
          { label: t('application.sites'), value: application.sites.map((site) => site.site_code ?? site.site).join(', ') || '–' },
          { label: t('application.checklist'), value: t('application.checklistDone', { done, count: application.checklist.length }) },
        ]}
      />
      <Button component={Link} to={`/applications/${application.id}`}>
        {t('application.open')}
      </Button>
    </div>
  );
}

/** The officer's queue: applications by how pressing they are. */
export function Queue() {
  const { t } = useTexts();
  const { user } = useSession();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const view: View = search.view ?? (can('application.review') || can('application.sign_decision') ? 'open' : 'all');
  const filter = { sub: search.sub, q: search.q };
  const { query, more, busy } = usePages(applicationPages({ ...filterOf[view], ...filter }));
  // What is under way is read in every view, for the counts of the views that are parts of it.
  const { query: underWay } = usePages(applicationPages({ ...filterOf.open, ...filter }));
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${view}/${search.sub ?? ''}/${search.q ?? ''}/${query.data?.parts ?? 0}`);
  const countOf = (item: View) => {
    if (item === view) return query.data?.cut ? undefined : query.data?.items.length;
    if (item === 'decided' || item === 'all' || !underWay.data || underWay.data.cut) return undefined;
    return underWay.data.items.filter((row) => inView(item, row, user.id)).length;
  };
  const onSearch = useCallback((q: string) => void navigate({ to: '/applications', search: { ...search, q: q || undefined }, replace: true }), [navigate, search]);

  const shown = view === 'decided' ? [...quiet.rows].sort((a, b) => b.updated_at.localeCompare(a.updated_at)) : quiet.rows;
  const groups = bySeverity(shown);
  const single = view === 'decided' || view === 'all';

  const columns: Column<Application>[] = [
    { key: 'number', header: t('application.number'), cell: (row) => <Link to="/applications/$id" params={{ id: row.id }} preload="intent">{row.number}</Link> },
    { key: 'applicant', header: t('application.applicant'), cell: (row) => <span className="clip" title={row.applicant_name}>{row.applicant_name}</span>, width: '26%' },
    { key: 'sub', header: t('application.subTypeShort'), cell: (row) => row.sub_type, from: 'wide' },
    { key: 'kw', header: t('application.declaredShort'), cell: (row) => <Kw value={row.declared_kw} />, align: 'end', from: 'medium' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="application" state={row.state} />, from: 'medium' },
    { key: 'officer', header: t('application.officerShort'), cell: (row) => <span className="clip">{row.officer_name || <span className="muted" title={t('application.unassigned')}>–</span>}</span>, from: 'wide' },
    {
      key: 'deadline',
      header: single ? t('ui.updated') : t('application.deadline'),
      align: 'end',
      cell: (row) => (single ? <Age at={row.updated_at} /> : <Deadline due={row.clock.due} left={row.clock.working_days_left} total={row.clock.term_days} paused={row.clock.standing} />),
    },
  ];

  return (
    <Page
      title={t(`queue.title.${view}`)}
      action={
        can('application.file') ? (
          <Button component={Link} to="/applications/new">
            {t('queue.new')}
          </Button>
        ) : null
      }
    >
      <Views label={t('ui.views')}>
        {views
          .filter((item) => (item !== 'sign' || can('application.sign_decision')) && (item !== 'mine' || can('application.review')))
          .map((item) => (
            <Link key={item} to="/applications" search={{ ...search, view: item }} aria-current={item === view ? 'page' : undefined} activeProps={{ className: '' }}>
              <ViewLabel text={t(`queue.view.${item}`)} count={countOf(item)} />
            </Link>
          ))}
      </Views>
      <WithFilters
        filters={
          <>
            <SearchBox label={t('queue.search')} value={search.q ?? ''} onSearch={onSearch} inputRef={field} />
            <ChoiceFilter
              label={t('application.subType')}
              name="sub"
              value={search.sub ?? ''}
              choices={[
                { value: '', label: t('ui.any') },
                { value: 'I', label: t('subType.I') },
                { value: 'II', label: t('subType.II') },
              ]}
              onChange={(sub) => void navigate({ to: '/applications', search: { ...search, sub: sub === 'I' || sub === 'II' ? sub : undefined } })}
            />
          </>
        }
      >
        <Loaded query={query} rows={10}>
          {() =>
            shown.length === 0 ? (
              <Empty title={t(search.q ? 'ui.nothingFound' : `queue.empty.${view}`)}>{t(search.q ? 'ui.nothingFoundHelp' : 'queue.emptyHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t(`queue.title.${view}`)}
                  columns={columns}
                  groups={single ? [{ key: 'all', label: null, rows: shown }] : groups.map((group) => ({ key: group.severity, label: t(`queue.group.${group.severity}`), rows: group.rows }))}
                  keyOf={(row) => row.id}
                  nameOf={(row) => row.number}
                  onOpen={(row) => void navigate({ to: '/applications/$id', params: { id: row.id } })}
                  peek={(row) => <Peek application={row} />}
                  bulk={(rows, clear) => (
                    <>
                      <Button size="compact-sm" variant="default" onClick={() => void navigator.clipboard.writeText(rows.map((row) => row.number).join('\n'))}>
                        {t('queue.copyNumbers')}
                      </Button>
                      <Button size="compact-sm" variant="subtle" onClick={clear}>
                        {t('ui.clear')}
                      </Button>
                    </>
                  )}
                  onSearch={() => field.current?.focus()}
                  waiting={quiet.waiting}
                  onShowWaiting={quiet.show}
                />
                <ListFoot shown={shown.length} onMore={more} busy={busy} />
              </>
            )
          }
        </Loaded>
      </WithFilters>
    </Page>
  );
}
