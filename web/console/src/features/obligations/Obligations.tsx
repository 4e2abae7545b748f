import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { usePeriodText } from '@shared/period';
import { DataList, ListFoot, type Column, type Group } from '@ui/DataList';
import { ChoiceFilter, ViewLabel, Views, WithFilters, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { StateMark } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { LegalDate } from '@ui/values';
import { countsQuery, exportAddress, kindsQuery, obligationPages, type Obligation } from './api';
import { useKindText } from './names';
import classes from './Obligation.module.css';
import { obligationViews, type ObligationsSearch, type ObligationView } from './search';

const route = getRouteApi('/obligations');
const capital = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);
const order: readonly Obligation['state'][] = ['overdue', 'due', 'fulfilled', 'upcoming', 'accepted', 'waived', 'ended'];

function useColumns(): Column<Obligation>[] {
  const { t } = useTexts();
  const kind = useKindText();
  const period = usePeriodText();
  return [
    { key: 'kind', header: t('obligation.kind'), cell: (row) => <Link to="/obligations/$id" params={{ id: row.id }} preload={false}>{kind(row)}</Link> },
    { key: 'period', header: t('obligation.period'), cell: (row) => <span className="num">{period(row)}</span> },
    { key: 'holder', header: t('license.holder'), cell: (row) => row.holder_name },
    { key: 'license', header: t('license.kind'), cell: (row) => <Link to="/licenses/$number" params={{ number: row.license }} className="mono">{row.license}</Link>, from: 'wide' },
    {
      key: 'state',
      header: t('ui.state'),
      cell: (row) => (
        <span className={classes.states}>
          <State noun="obligation" state={row.state} />
          {row.blocks_now ? <StateMark tone="stop" label={t('obligation.blocks')} /> : null}
          {row.waiver_ground && row.state !== 'waived' ? <StateMark tone="wait" label={t('obligation.waiverWaits')} /> : null}
        </span>
      ),
    },
    { key: 'due', header: t('obligation.due'), cell: (row) => <LegalDate date={row.due} />, align: 'end' },
  ];
}

function Kinds({ search, onChange }: { search: ObligationsSearch; onChange: (kind: string) => void }) {
  const { t } = useTexts();
  const text = useKindText();
  const kinds = useQuery(kindsQuery);
  const seen = new Map((kinds.data?.kinds ?? []).map((item) => [item.code, text(item)]));
  return (
    <ChoiceFilter
      label={t('obligation.kind')}
      name="kind"
      value={search.kind ?? ''}
      choices={[{ value: '', label: t('ui.all') }, ...[...seen].map(([value, label]) => ({ value, label }))]}
      onChange={onChange}
    />
  );
}

/** What holders have to hand in and to pay, by how pressing it is. */
export function Obligations() {
  const { t } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const columns = useColumns();
  const view: ObligationView = search.view ?? 'open';
  const counts = useQuery(countsQuery(search)).data;
  const countOf: Partial<Record<ObligationView, number | undefined>> = counts
    ? { overdue: counts.overdue, due: counts.due, upcoming: counts.upcoming, fulfilled: counts.fulfilled, waivers: counts.waivers, open: counts.overdue + counts.due + counts.upcoming + counts.fulfilled }
    : {};
  const { query, more, busy } = usePages(obligationPages(search));
  const groups: Group<Obligation>[] = order.map((state) => ({
    key: state,
    label: capital(t(`state.obligation.${state}`)),
    rows: (query.data?.items ?? []).filter((row) => row.state === state),
  }));
  return (
    <Page
      title={t('obligation.title')}
      lead={
        search.license ? (
          <>
            {t('obligation.about')} <span className="mono">{search.license}</span> · <Link to="/obligations" search={{}}>{t('obligation.everywhere')}</Link>
          </>
        ) : (
          t('obligation.lead')
        )
      }
      action={
        <Button component="a" href={exportAddress(search)} variant="default" download>
          {t('obligation.export')}
        </Button>
      }
    >
      <Views label={t('ui.views')}>
        {obligationViews.map((item) => (
          <Link key={item} to="/obligations" search={{ ...search, view: item }} aria-current={view === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`obligation.view.${item}`)} count={countOf[item]} />
          </Link>
        ))}
      </Views>
      <WithFilters filters={<Kinds search={search} onChange={(kind) => void navigate({ to: '/obligations', search: kind ? { ...search, kind } : { ...search, kind: undefined } as ObligationsSearch })} />}>
        <Loaded query={query} rows={8}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('obligation.empty')}>{t('obligation.emptyHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t('obligation.title')}
                  columns={columns}
                  groups={groups}
                  keyOf={(row) => row.id}
                  nameOf={(row) => `${row.kind} ${row.period} ${row.license}`}
                  onOpen={(row) => void navigate({ to: '/obligations/$id', params: { id: row.id } })}
                />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
              </>
            )
          }
        </Loaded>
      </WithFilters>
    </Page>
  );
}
