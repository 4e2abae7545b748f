import { Button, TextInput } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { StateMark } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { Kw, LegalDate } from '@ui/values';
import { casePages, type Case } from './api';
import classes from './Cases.module.css';
import { caseViews, type CasesSearch } from './search';

const route = getRouteApi('/cases');

function useColumns(): Column<Case>[] {
  const { t } = useTexts();
  return [
    { key: 'number', header: t('case.number'), cell: (row) => <Link to="/cases/$id" params={{ id: row.number }} preload={false} className="mono">{row.number}</Link> },
    { key: 'title', header: t('case.about'), cell: (row) => <span>{row.title}{row.restricted ? <> <StateMark tone="stop" label={t('case.restricted')} /></> : null}</span> },
    { key: 'source', header: t('case.source'), cell: (row) => t(`case.source.${row.source}`), from: 'wide' },
    { key: 'kw', header: t('case.stake'), cell: (row) => (row.estimated_kw > 0 ? <Kw value={row.estimated_kw} /> : '–'), align: 'end', from: 'medium' },
    { key: 'lead', header: t('case.lead'), cell: (row) => row.lead_name ?? t('case.nobody'), from: 'medium' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="case" state={row.state} /> },
    { key: 'due', header: t('case.due'), cell: (row) => (row.due ? <span className={row.overdue ? classes.late : undefined}><LegalDate date={row.due} />{row.overdue ? ` · ${t('case.overdue')}` : ''}</span> : '–'), align: 'end' },
  ];
}

function Find({ search }: { search: CasesSearch }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [words, setWords] = useState(search.q ?? '');
  return (
    <form
      role="search"
      aria-label={t('case.find')}
      className={classes.find}
      onSubmit={(event) => {
        event.preventDefault();
        const kept = { ...(search.view ? { view: search.view } : {}), ...(search.subject ? { subject: search.subject } : {}) };
        void navigate({ to: '/cases', search: words.trim() ? { ...kept, q: words.trim() } : kept });
      }}
    >
      <TextInput aria-label={t('case.find')} placeholder={t('case.find')} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
      <Button type="submit" variant="default">
        {t('case.findGo')}
      </Button>
    </form>
  );
}

/** Matters of enforcement: who leads each, what is at stake, and what is due next. */
export function Cases() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const columns = useColumns();
  const view = search.view ?? 'ongoing';
  const { query, more, busy } = usePages(casePages(search));
  return (
    <Page
      title={t('case.title')}
      lead={search.subject ? <>{t('case.aboutOne')} <span className="mono">{search.subject}</span> · <Link to="/cases" search={{}}>{t('case.everything')}</Link></> : t('case.lead.text')}
      action={
        <>
          <Button component={Link} to="/cases/report" variant="default">{t('enforcement.title')}</Button>
          {can('case.write') ? <Button component={Link} to="/cases/new">{t('case.open')}</Button> : null}
        </>
      }
    >
      <Views label={t('ui.views')}>
        {caseViews.map((item) => (
          <Link key={item} to="/cases" search={{ ...search, view: item }} aria-current={view === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`case.view.${item}`)} />
          </Link>
        ))}
      </Views>
      <Find key={search.q ?? ''} search={search} />
      <Loaded query={query} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('case.empty')}>{t('case.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList label={t('case.title')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => `${row.number} ${row.title}`} onOpen={(row) => void navigate({ to: '/cases/$id', params: { id: row.number } })} />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
