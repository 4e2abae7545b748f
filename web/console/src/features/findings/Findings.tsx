import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useRef, useState } from 'react';
import { kw, number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { present } from '@shared/search';
import { useCan } from '@shared/session';
import { saveTable } from '@shared/table';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ChoiceFilter, ViewLabel, Views, viewLink, WithFilters } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { SearchBox } from '@ui/SearchBox';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age, Facts, Instant, Kw, ShareBar } from '@ui/values';
import { countsQuery, everyTriaged, triagePages, type Counts, type Triaged } from './api';
import { caseAddress, regionCodes } from './place';
import { findingStates, sorts, tiers, without, type Act, type FindingsSearch } from './search';
import classes from './Findings.module.css';

const route = getRouteApi('/findings');
const uses = ['household', 'workshop', 'bakery', 'office', 'mining', 'telecom', 'data_centre', 'pump', 'cold_store', 'industry'] as const;
/** Evidence in nats at which a sequential test is decided (a false alarm in ten thousand): the bar is full there. */
const DECIDED = 9.16;

function Peek({ finding }: { finding: Triaged }) {
  const { t } = useTexts();
  const text = useCodeText();
  return (
    <div className={classes.peek}>
      <State noun="finding" state={finding.state} />
      <p>{finding.explanation}</p>
      <Facts
        facts={[
          { label: t('finding.rule'), value: text('rule', finding.rule) },
          { label: t('finding.target'), value: <span className="mono">{finding.target}</span> },
          { label: t('triage.place'), value: <>{finding.place.substation_name || finding.place.substation} · <span className="mono">{finding.place.feeder}</span></> },
          finding.place.holder ? { label: t('triage.holder'), value: finding.place.holder } : null,
          finding.place.declared_use ? { label: t('triage.use'), value: text('use', finding.place.declared_use) } : null,
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

/** What stands in each tier of the view: how many, and how much power. */
function Tiers({ counts, search }: { counts: Counts | undefined; search: FindingsSearch }) {
  const { t, language } = useTexts();
  const of = (tier: string) => counts?.items.filter((item) => item.tier === tier) ?? [];
  return (
    <nav className={classes.tiers} aria-label={t('triage.byTier')}>
      {tiers.map((tier) => {
        const rows = of(tier);
        const sum = rows.reduce((all, row) => all + row.count, 0);
        const current = search.tier === tier;
        const others = without(search, 'tier');
        return (
          <Link key={tier} to="/findings" search={current ? others : { ...search, tier }} aria-current={current ? 'true' : undefined} className={classes.tier ?? ''} activeProps={{ className: '' }}>
            <span className="small muted">{tier} · {t(`finding.tier.${tier}`)}</span>
            <strong>{counts ? sum : '–'}</strong>
            <span className="small muted num">{kw(rows.reduce((all, row) => all + row.kw, 0), language)}</span>
          </Link>
        );
      })}
    </nav>
  );
}

/** Why there is nothing: no readings at all, filters, or really nothing. */
function Nothing({ counts, search }: { counts: Counts | undefined; search: FindingsSearch }) {
  const { t } = useTexts();
  const everywhere = useQuery(countsQuery({ state: 'all' })).data;
  const others = (everywhere?.items ?? []).reduce((sum, item) => sum + item.count, 0);
  const narrowed = Boolean(search.tier ?? search.region ?? search.use ?? search.rule ?? search.q ?? search.target);
  if (counts && counts.meters_heard === 0) return <Empty title={t('triage.emptyBlind')} action={<Link to="/collectors">{t('nav.collectors')}</Link>}>{t('triage.emptyBlindHelp')}</Empty>;
  if (narrowed) return <Empty title={t('ui.nothingFound')} action={<Link to="/findings" search={search.state ? { state: search.state } : {}}>{t('triage.clear')}</Link>}>{t('triage.emptyNarrow', { count: others })}</Empty>;
  return (
    <Empty title={t('findings.empty')} action={others > 0 ? <Link to="/findings" search={{ state: 'all' }}>{t('triage.others', { count: others })}</Link> : undefined}>
      {t('triage.emptyQuiet', { meters: counts?.meters_heard ?? 0 })} {counts?.newest_reading ? <Age at={counts.newest_reading} /> : null}
    </Empty>
  );
}

/** The view as a file, all of it and not only what is shown. */
function Export({ search }: { search: FindingsSearch }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const rows = await everyTriaged(search);
      const power = (value: number) => number(value, 3, language).replace(/\u202f/g, '');
      const head = ['finding.target', 'finding.rule', 'triage.tier', 'ui.state', 'finding.estimated', 'triage.low', 'triage.high', 'finding.score', 'finding.firstSeen', 'finding.lastSeen', 'triage.substation', 'triage.feeder', 'triage.region', 'triage.use', 'triage.holder', 'triage.bin', 'finding.sentence'].map((key) => t(key));
      await saveTable(
        'findings',
        [head, ...rows.map((row) => [row.target, text('rule', row.rule), row.tier, t(`state.finding.${row.state}`), power(row.estimated_kw), power(row.low_kw), power(row.high_kw), number(row.score, 2, language), row.first_seen, row.last_seen, row.place.substation, row.place.feeder, row.place.region ? t(`region.${row.place.region}`) : '', row.place.declared_use ? text('use', row.place.declared_use) : '', row.place.holder ?? '', row.place.holder_bin ?? '', row.explanation])],
        'csv',
      );
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button size="compact-sm" variant="default" loading={busy} onClick={() => void save()}>
      {t('triage.csv')}
    </Button>
  );
}

function useColumns(): Column<Triaged>[] {
  const { t, language } = useTexts();
  const text = useCodeText();
  return [
    { key: 'target', header: t('finding.target'), cell: (row) => <Link to="/findings/$id" params={{ id: row.id }} className="mono" preload="intent">{row.target}</Link>, width: '150px' },
    { key: 'kw', header: t('triage.stake'), cell: (row) => <Kw value={row.estimated_kw} />, align: 'end' },
    { key: 'rule', header: t('finding.rule'), cell: (row) => text('rule', row.rule) },
    {
      key: 'place',
      header: t('triage.holderUse'),
      cell: (row) => (
        <span className={classes.place}>
          <span>{row.place.declared_use ? text('use', row.place.declared_use) : t('triage.wholeFeeder')}</span>
          <span className="small muted">{row.place.holder || row.place.substation_name || row.place.substation}</span>
        </span>
      ),
      from: 'wide',
    },
    { key: 'sentence', header: t('finding.sentence'), cell: (row) => <span className={classes.sentence}>{row.explanation}</span>, from: 'huge' },
    { key: 'score', header: t('triage.confidence'), cell: (row) => <span className={classes.score}><ShareBar value={Math.min(row.score, DECIDED)} of={DECIDED} tone="wait" /><span className="num">{number(row.score, 1, language)}</span></span>, align: 'end', from: 'wide' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="finding" state={row.state} />, from: 'medium' },
    { key: 'age', header: t('finding.firstSeen'), cell: (row) => <Age at={row.first_seen} />, align: 'end', from: 'medium' },
  ];
}

function Rows({ search, counts, onSearch }: { search: FindingsSearch; counts: Counts | undefined; onSearch: () => void }) {
  const { t } = useTexts();
  const text = useCodeText();
  const can = useCan();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(triagePages(search));
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${JSON.stringify(search)}/${query.data?.parts ?? 0}`);
  const columns = useColumns();
  const open = (row: Triaged, act?: Act) => void navigate({ to: '/findings/$id', params: { id: row.id }, search: act ? { act } : {} });
  const letters = [
    ...(can('case.write') ? [{ key: 'c', label: t('triage.key.case'), act: (row: Triaged) => void navigate({ to: caseAddress(row, text('rule', row.rule)) }) }] : []),
    ...(can('finding.triage') ? [{ key: 'w', label: t('triage.key.watch'), act: (row: Triaged) => open(row, 'watch') }, { key: 'd', label: t('triage.key.dismiss'), act: (row: Triaged) => open(row, 'dismissal') }] : []),
  ];
  const grouped = (search.sort ?? 'stake') === 'stake';
  return (
    <Loaded query={query} rows={8}>
      {() =>
        quiet.rows.length === 0 && quiet.waiting === 0 ? (
          <Nothing counts={counts} search={search} />
        ) : (
          <>
            <DataList
              label={t('findings.title')}
              columns={columns}
              groups={grouped ? tiers.map((tier) => ({ key: tier, label: `${tier} · ${t(`finding.tier.${tier}`)}`, rows: quiet.rows.filter((row) => row.tier === tier) })) : [{ key: 'all', label: null, rows: quiet.rows }]}
              keyOf={(row) => row.id}
              nameOf={(row) => row.target}
              onOpen={(row) => open(row)}
              peek={(row) => <Peek finding={row} />}
              letters={letters}
              onSearch={onSearch}
              waiting={quiet.waiting}
              onShowWaiting={quiet.show}
            />
            <ListFoot shown={quiet.rows.length} onMore={more} busy={busy} />
          </>
        )
      }
    </Loaded>
  );
}

/** The findings as work: by what they ask for, how much power is at stake, and where. */
export function Findings() {
  const { t } = useTexts();
  const text = useCodeText();
  const search = route.useSearch();
  const state = search.state ?? 'open';
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const counts = useQuery(countsQuery(without(search, 'tier', 'sort'))).data;
  const set = useCallback((change: { [K in keyof FindingsSearch]?: FindingsSearch[K] | undefined }) => void navigate({ to: '/findings', search: present({ ...search, ...change }) as FindingsSearch, replace: true }), [navigate, search]);
  const onSearch = useCallback((q: string) => set({ q: q || undefined }), [set]);
  const total = (wanted: string) => counts?.items.filter((item) => item.state === wanted && (!search.tier || item.tier === search.tier)).reduce((sum, item) => sum + item.count, 0);
  return (
    <Page
      title={t('findings.title')}
      lead={
        search.target ? (
          <>
            {t('findings.about')} <span className="mono">{search.target}</span> · <Link to="/findings" search={search.state ? { state: search.state } : {}}>{t('findings.everywhere')}</Link>
          </>
        ) : (
          <>{t('findings.lead')} <Link to="/findings/map" search={{}}>{t('map.title')}</Link> · <Link to="/findings/allowances" search={{}}>{t('allow.title')}</Link> · <Link to="/findings/rules">{t('rules.title')}</Link></>
        )
      }
    >
      <Views label={t('ui.views')}>
        {[...findingStates, 'all' as const].map((item) => (
          <Link key={item} to="/findings" search={{ ...search, state: item }} aria-current={state === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(item === 'all' ? 'ui.all' : `state.finding.${item}`)} count={state === item && item !== 'all' ? total(item) : undefined} />
          </Link>
        ))}
      </Views>
      <Tiers counts={counts} search={search} />
      <WithFilters
        filters={
          <>
            <SearchBox label={t('triage.search')} value={search.q ?? ''} onSearch={onSearch} inputRef={field} />
            <NativeSelect label={t('triage.region')} value={search.region ?? ''} onChange={(event) => set({ region: event.currentTarget.value || undefined })} data={[{ value: '', label: t('ui.all') }, ...regionCodes.map((code) => ({ value: code, label: t(`region.${code}`) }))]} />
            <NativeSelect label={t('triage.use')} value={search.use ?? ''} onChange={(event) => set({ use: event.currentTarget.value || undefined })} data={[{ value: '', label: t('ui.all') }, ...uses.map((use) => ({ value: use, label: text('use', use) }))]} />
            <ChoiceFilter label={t('triage.sort')} name="sort" value={search.sort ?? 'stake'} choices={sorts.map((sort) => ({ value: sort, label: t(`triage.sort.${sort}`) }))} onChange={(value) => set({ sort: sorts.find((sort) => sort === value) })} />
          </>
        }
      >
        <div className={classes.tools}>
          <span />
          <Export search={search} />
        </div>
        <Rows search={search} counts={counts} onSearch={() => field.current?.focus()} />
      </WithFilters>
    </Page>
  );
}
