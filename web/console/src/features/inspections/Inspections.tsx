import { Button, NativeSelect, TextInput } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { isoDate } from '@shared/parse';
import { present } from '@shared/search';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { LegalDate } from '@ui/values';
import { inspectionPages, placeOf, type Inspection } from './api';
import classes from './Inspections.module.css';
import { inspectionKinds, inspectionViews, type InspectionKind, type InspectionsSearch } from './search';
import { Ways } from './Ways';

const route = getRouteApi('/inspections');

function useColumns(): Column<Inspection>[] {
  const { t } = useTexts();
  return [
    { key: 'number', header: t('inspection.number'), cell: (row) => <Link to="/inspections/$id" params={{ id: row.number }} preload={false} className="mono">{row.number}</Link> },
    { key: 'title', header: t('inspection.about'), cell: (row) => row.title },
    { key: 'place', header: t('inspection.place'), cell: placeOf, from: 'medium' },
    { key: 'kind', header: t('inspection.kind'), cell: (row) => t(`inspection.kind.${row.kind}`), from: 'huge' },
    { key: 'lead', header: t('inspection.teamLead'), cell: (row) => row.lead_name ?? '–', from: 'wide' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="inspection" state={row.state} /> },
    { key: 'events', header: t('inspection.records'), cell: (row) => <span className="num">{row.events}</span>, align: 'end', from: 'wide' },
    {
      key: 'missing',
      header: t('inspection.missing'),
      cell: (row) => (row.state === 'cancelled' || row.state === 'finalized' ? '–' : row.missing_count > 0 ? <span className={`num ${classes.late}`}>{row.missing_count}</span> : t('inspection.missingNone')),
      align: 'end',
    },
    { key: 'day', header: t('inspection.day'), cell: (row) => <LegalDate date={row.planned_on} />, align: 'end' },
  ];
}

function Find({ search }: { search: InspectionsSearch }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [words, setWords] = useState(search.q ?? '');
  const [from, setFrom] = useState(search.from ?? '');
  const [until, setUntil] = useState(search.until ?? '');
  const wrong = (typed: string) => (typed.trim() !== '' && isoDate(typed) === undefined ? t('inspection.wrongDate') : undefined);
  const go = (next: InspectionsSearch) => void navigate({ to: '/inspections', search: present({ ...search, q: words.trim() || undefined, from: isoDate(from), until: isoDate(until), ...next } as InspectionsSearch) });
  return (
    <form
      role="search"
      aria-label={t('inspection.find')}
      className={classes.find}
      onSubmit={(event) => {
        event.preventDefault();
        go({});
      }}
    >
      <TextInput label={t('inspection.find')} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      <NativeSelect
        label={t('inspection.kind')}
        data={[{ value: '', label: t('ui.any') }, ...inspectionKinds.map((value) => ({ value, label: t(`inspection.kind.${value}`) }))]}
        value={search.kind ?? ''}
        onChange={(event) => go({ kind: (event.currentTarget.value || undefined) as InspectionKind })}
      />
      <TextInput label={t('inspection.from')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={from} onChange={(event) => setFrom(event.currentTarget.value)} error={wrong(from)} />
      <TextInput label={t('inspection.until')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={until} onChange={(event) => setUntil(event.currentTarget.value)} error={wrong(until)} />
      <Button type="submit" variant="default">
        {t('inspection.findGo')}
      </Button>
    </form>
  );
}

/** Visits of the field: when, where, who goes, and what the law still lacks. */
export function Inspections() {
  const { t } = useTexts();
  const can = useCan();
  const plans = can('inspection.plan');
  const search = route.useSearch();
  const navigate = useNavigate();
  const columns = useColumns();
  const view = search.view ?? 'ongoing';
  const { query, more, busy } = usePages(inspectionPages(search));
  const make = plans ? <Button component={Link} to="/inspections/new">{t('inspection.make')}</Button> : null;
  return (
    <Page title={t('inspection.title')} lead={search.case ? <>{t('inspection.ofCase')} <Link to="/inspections" search={{}}>{t('inspection.everything')}</Link></> : <>{t('inspection.lead')}{can('field.work') ? <> <Link to="/devices">{t('devices.link')}</Link></> : null}</>} action={make}>
      {search.case ? null : <Ways now="list" search={search} />}
      <Views label={t('ui.views')}>
        {inspectionViews.map((item) => (
          <Link key={item} to="/inspections" search={{ ...search, view: item }} aria-current={view === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`inspection.view.${item}`)} />
          </Link>
        ))}
      </Views>
      <Find key={`${search.q} ${search.from} ${search.until}`} search={search} />
      <Loaded query={query} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('inspection.empty')}>{t(plans ? 'inspection.emptyPlan' : 'inspection.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList label={t('inspection.title')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => `${row.number} ${row.title}`} onOpen={(row) => void navigate({ to: '/inspections/$id', params: { id: row.number } })} />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
