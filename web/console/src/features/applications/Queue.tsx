import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api, ask } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { isoDate } from '@shared/parse';
import { useQuietRows } from '@shared/quiet';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Deadline } from '@ui/Deadline';
import { ViewLabel, Views, WithFilters, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { SearchBox } from '@ui/SearchBox';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Age, Facts, Identifier, Kw } from '@ui/values';
import { applicationPages, type Application } from './api';
import { groupOrder, inGroups, isQueue, statesOf } from './queue';
import classes from './Queue.module.css';
import { filtersQuery, staffQuery, useAssignment, useKeptFilters, type QueuePage } from './review';
import { keptQuery, kinds, searchOf, states, views, type QueueSearch, type View } from './search';

const route = getRouteApi('/applications');
const PAGE = 100;
// A link is the current one only when all of its address is.
const none: Pick<QueuePage, 'counts' | 'today' | 'soon_until' | 'week_until'> = { counts: { new: 0, overdue: 0, today: 0, soon: 0, week: 0, later: 0, standing: 0 }, today: '', soon_until: '', week_until: '' };

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
          { label: t('application.officer'), value: application.officer_name || t('application.unassigned') },
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

/** Whom the selected applications are given to; nothing is done unless all can be. */
function AssignBar({ rows, clear }: { rows: readonly Application[]; clear: () => void }) {
  const { t } = useTexts();
  const staff = useQuery(staffQuery);
  const [officer, setOfficer] = useState('');
  const assign = useAssignment(clear);
  const select = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'a' || event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof Element && event.target.matches('input, textarea, select'))) return;
      event.preventDefault();
      select.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  const officers = (staff.data?.items ?? []).filter((person) => person.roles.includes('officer'));
  const problem = assign.error ? asProblem(assign.error) : undefined;
  return (
    <>
      <NativeSelect
        ref={select}
        size="xs"
        aria-label={t('queue.assignTo')}
        value={officer}
        onChange={(event) => setOfficer(event.currentTarget.value)}
        data={[{ value: '', label: t('queue.assignTo') }, ...officers.map((person) => ({ value: person.id, label: t('queue.load', { name: person.name, unit: person.unit || '–', load: person.load }) }))]}
      />
      <Button size="compact-sm" disabled={!officer} loading={assign.isPending} onClick={() => assign.mutate({ rows, officer })}>
        {t('queue.assign')}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => void navigator.clipboard.writeText(rows.map((row) => row.number).join('\n'))}>
        {t('queue.copyNumbers')}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={clear}>
        {t('ui.clear')}
      </Button>
      {problem ? (
        <div role="alert" className={classes.refused}>
          <Callout tone="refuse" title={t('queue.refusedTitle')}>
            {problem.fields.length > 0 ? (
              <ul>
                {problem.fields.map((field) => {
                  const at = /^\/ids\/(\d+)$/.exec(field.pointer ?? '');
                  const row = at ? rows[Number(at[1])] : undefined;
                  return (
                    <li key={field.pointer}>
                      {row ? `${row.number}: ${t(`queue.refused.${field.code}`, { defaultValue: field.detail ?? '' })}` : field.detail}
                    </li>
                  );
                })}
              </ul>
            ) : (
              <p>{problem.detail}</p>
            )}
          </Callout>
        </div>
      ) : null}
    </>
  );
}

function Choice({ label, value, choices, onChange }: { label: string; value: string; choices: { value: string; label: string }[]; onChange: (value: string) => void }) {
  const { t } = useTexts();
  return <NativeSelect size="xs" label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)} data={[{ value: '', label: t('ui.any') }, ...choices]} />;
}

const regions = ['10', '11', '15', '19', '23', '27', '31', '33', '35', '39', '43', '47', '55', '59', '61', '62', '63', '71', '75', '79'];

/** The filters of the queue; all of them stand in the address. */
function Narrow({ search, change }: { search: QueueSearch; change: (next: QueueSearch) => void }) {
  const { t } = useTexts();
  const staff = useQuery(staffQuery);
  const [until, setUntil] = useState(search.until ? search.until.split('-').reverse().join('.') : '');
  const set = (part: QueueSearch) => change({ ...search, ...part });
  return (
    <div className={classes.narrow}>
      <Choice label={t('queue.filter.state')} value={search.state ?? ''} choices={states.map((value) => ({ value, label: t(`state.application.${value}`) }))} onChange={(value) => set({ state: states.find((item) => item === value) })} />
      <Choice label={t('queue.filter.kind')} value={search.kind ?? ''} choices={kinds.map((value) => ({ value, label: t(`queue.kind.${value}`) }))} onChange={(value) => set({ kind: kinds.find((item) => item === value) })} />
      <Choice label={t('application.subType')} value={search.sub ?? ''} choices={(['I', 'II'] as const).map((value) => ({ value, label: t(`subType.${value}`) }))} onChange={(value) => set({ sub: value === 'I' || value === 'II' ? value : undefined })} />
      <Choice
        label={t('queue.filter.officer')}
        value={search.officer ?? ''}
        choices={[
          { value: 'me', label: t('queue.officer.me') },
          { value: 'none', label: t('queue.officer.none') },
          ...(staff.data?.items ?? []).filter((person) => person.roles.includes('officer')).map((person) => ({ value: person.id, label: person.name })),
        ]}
        onChange={(value) => set({ officer: value || undefined })}
      />
      <Choice label={t('queue.filter.region')} value={search.region ?? ''} choices={regions.map((value) => ({ value, label: t(`region.${value}`) }))} onChange={(value) => set({ region: value || undefined })} />
      <TextInput
        size="xs"
        label={t('queue.filter.dueUntil')}
        placeholder={t('date.pattern')}
        inputMode="numeric"
        autoComplete="off"
        value={until}
        onChange={(event) => {
          setUntil(event.currentTarget.value);
          const date = isoDate(event.currentTarget.value);
          if (date || event.currentTarget.value === '') set({ until: date });
        }}
      />
    </div>
  );
}

/** Filters that the person keeps under names. */
function Kept({ search }: { search: QueueSearch }) {
  const { t } = useTexts();
  const kept = useQuery(filtersQuery);
  const { keep, drop } = useKeptFilters();
  const [name, setName] = useState('');
  const here = keptQuery(search);
  const problem = keep.error ?? drop.error;
  return (
    <section className={classes.kept} aria-label={t('queue.kept')}>
      <h2>{t('queue.kept')}</h2>
      {(kept.data?.items ?? []).length === 0 ? <p className="small muted">{t('queue.keptNone')}</p> : null}
      <ul>
        {(kept.data?.items ?? []).map((filter) => (
          <li key={filter.name}>
            <Link to="/applications" search={searchOf(filter.query)} aria-current={filter.query === here ? 'page' : undefined} {...viewLink}>
              {filter.name}
            </Link>
            <button type="button" aria-label={t('queue.forget', { name: filter.name })} onClick={() => drop.mutate(filter.name)}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) keep.mutate({ name: name.trim(), query: here }, { onSuccess: () => setName('') });
        }}
      >
        <TextInput size="xs" label={t('queue.keepName')} maxLength={60} value={name} onChange={(event) => setName(event.currentTarget.value)} error={problem ? asProblem(problem).detail : undefined} />
        <Button size="xs" type="submit" variant="default" loading={keep.isPending}>
          {t('queue.keep')}
        </Button>
      </form>
    </section>
  );
}

/** Reads a view: what is under way from the queue, by due date; the rest as a list. */
function useView(view: View, search: QueueSearch, staff: boolean) {
  const queued = isQueue(view) && staff;
  const officer = view === 'mine' ? 'me' : search.officer;
  const state = view === 'sign' ? ('decision_drafted' as const) : search.state;
  const query = {
    ...(officer ? { officer } : {}),
    ...(state ? { state } : {}),
    ...(search.group ? { group: search.group } : {}),
    ...(search.kind ? { kind: search.kind } : {}),
    ...(search.sub ? { sub_type: search.sub } : {}),
    ...(search.region ? { region: search.region } : {}),
    ...(search.until ? { due_until: search.until } : {}),
    ...(search.q ? { q: search.q } : {}),
  };
  // The first page says how many every group has, also while another one is looked at.
  const head = useQuery({ queryKey: ['queue', 'head', query], queryFn: () => ask(api.GET('/v1/queue', { params: { query: { ...query, limit: 1 } } })), enabled: queued });
  const pages = usePages(
    queued
      ? { queryKey: ['queue', query], read: (after: string | undefined) => ask(api.GET('/v1/queue', { params: { query: { ...query, limit: PAGE, ...(after ? { after } : {}) } } })), keyOf: (row: Application) => row.id }
      : (applicationPages({ states: isQueue(view) ? [] : statesOf[view], sub: search.sub, q: search.q }) as never),
  );
  return { ...pages, queued, head: head.data ?? none };
}

/** The officer's queue: applications by how pressing they are. */
export function Queue() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const [unfolded, setUnfolded] = useState(() => window.matchMedia('(min-width: 901px)').matches);
  const staff = can('staff.read');
  const view: View = search.view ?? (staff && (can('application.review') || can('application.sign_decision')) ? 'open' : 'all');
  const { query, more, busy, queued, head } = useView(view, search, staff);
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${view}/${keptQuery(search)}/${query.data?.parts ?? 0}`);
  const change = useCallback((next: QueueSearch) => void navigate({ to: '/applications', search: next, replace: true }), [navigate]);
  const onSearch = useCallback((q: string) => change({ ...search, q: q || undefined }), [change, search]);

  const shown = view === 'decided' ? [...quiet.rows].sort((a, b) => b.updated_at.localeCompare(a.updated_at)) : quiet.rows;
  const groups = queued ? inGroups(shown, head) : [];
  const total = groupOrder.reduce((sum, group) => sum + head.counts[group], 0);
  const narrowed = Boolean(search.q || search.group || search.state || search.kind || search.sub || search.officer || search.region || search.until);

  const columns: Column<Application>[] = [
    { key: 'number', header: t('application.number'), cell: (row) => <Link to="/applications/$id" params={{ id: row.id }} preload="intent">{row.number}</Link> },
    { key: 'applicant', header: t('application.applicant'), cell: (row) => <span className="clip" title={row.applicant_name}>{row.applicant_name}</span>, width: '26%' },
    { key: 'sub', header: t('application.subTypeShort'), cell: (row) => row.sub_type, from: 'wide' },
    { key: 'kw', header: t('application.declaredShort'), cell: (row) => <Kw value={row.declared_kw} />, align: 'end', from: 'medium' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="application" state={row.state} />, from: 'medium' },
    { key: 'officer', header: t('application.officerShort'), cell: (row) => <span className="clip">{row.officer_name || <span className="muted" title={t('application.unassigned')}>–</span>}</span>, from: 'wide' },
    {
      key: 'deadline',
      header: queued ? t('application.deadline') : t('ui.updated'),
      align: 'end',
      cell: (row) => (queued ? <Deadline due={row.clock.due} left={row.clock.working_days_left} total={row.clock.term_days} paused={row.clock.standing} /> : <Age at={row.updated_at} />),
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
          .filter((item) => (item !== 'sign' || can('application.sign_decision')) && (item !== 'mine' || can('application.review')) && (item !== 'open' || staff))
          .map((item) => (
            <Link key={item} to="/applications" search={{ ...search, view: item, group: undefined }} aria-current={item === view ? 'page' : undefined} {...viewLink}>
              <ViewLabel text={t(`queue.view.${item}`)} count={item === view && queued ? total : undefined} />
            </Link>
          ))}
      </Views>
      {queued ? (
        <Views label={t('queue.groups')}>
          <Link to="/applications" search={{ ...search, group: undefined }} aria-current={search.group ? undefined : 'page'} {...viewLink}>
            <ViewLabel text={t('queue.group.all')} count={total} />
          </Link>
          {groupOrder.map((group) => (
            <Link key={group} to="/applications" search={{ ...search, group }} aria-current={search.group === group ? 'page' : undefined} {...viewLink}>
              <ViewLabel text={t(`queue.group.${group}`)} count={head.counts[group]} />
            </Link>
          ))}
        </Views>
      ) : null}
      <WithFilters
        filters={
          <>
            <SearchBox label={t('queue.search')} value={search.q ?? ''} onSearch={onSearch} inputRef={field} />
            {queued ? (
              <details className={classes.fold} open={unfolded} onToggle={(event) => setUnfolded(event.currentTarget.open)}>
                <summary>{t('queue.filters')}</summary>
                <Narrow key={search.until ?? ''} search={search} change={change} />
                <Kept search={search} />
              </details>
            ) : null}
            {narrowed ? (
              <Button size="xs" variant="subtle" onClick={() => change({ view: search.view })}>
                {t('queue.clear')}
              </Button>
            ) : null}
          </>
        }
      >
        <Loaded query={query} rows={10}>
          {() =>
            shown.length === 0 ? (
              <Empty title={t(narrowed ? 'ui.nothingFound' : `queue.empty.${view}`)}>{t(narrowed ? 'ui.nothingFoundHelp' : 'queue.emptyHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t(`queue.title.${view}`)}
                  columns={columns}
                  groups={queued ? groups.map(({ group, rows }) => ({ key: group, label: t(`queue.group.${group}`), rows })) : [{ key: 'all', label: null, rows: shown }]}
                  keyOf={(row) => row.id}
                  nameOf={(row) => row.number}
                  onOpen={(row) => void navigate({ to: '/applications/$id', params: { id: row.id } })}
                  peek={(row) => <Peek application={row} />}
                  {...(can('application.review') && queued ? { bulk: (rows: readonly Application[], clear: () => void) => <AssignBar rows={rows} clear={clear} /> } : {})}
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
