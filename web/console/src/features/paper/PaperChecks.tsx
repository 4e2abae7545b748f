import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Instant } from '@ui/values';
import { blocksQuery, issue, paperPages, utilitiesQuery, type PaperCheck } from './api';
import { paperStates } from './search';
import classes from './Paper.module.css';

const route = getRouteApi('/paper');

function Issue() {
  const { t } = useTexts();
  const client = useQueryClient();
  const utilities = useQuery(utilitiesQuery).data?.items ?? [];
  const [utility, setUtility] = useState('');
  const [count, setCount] = useState('50');
  const act = useMutation({ mutationFn: issue, onSuccess: () => client.invalidateQueries({ queryKey: ['paper', 'blocks'] }) });
  const problem = act.error ? asProblem(act.error) : undefined;
  const chosen = utility || utilities[0]?.code || '';
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({ utility: chosen, count: Math.trunc(Number(count)) || 0 });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className={classes.acts}>
        <NativeSelect label={t('gate.utility')} value={chosen} onChange={(event) => setUtility(event.currentTarget.value)}>
          {utilities.map((item) => <option key={item.id} value={item.code}>{item.code} {item.name_ru}</option>)}
        </NativeSelect>
        <TextInput label={t('paper.count')} inputMode="numeric" value={count} onChange={(event) => setCount(event.currentTarget.value)} error={problem?.field('/count')} />
        <Button type="submit" loading={act.isPending} disabled={chosen === ''}>{t('paper.issue')}</Button>
      </div>
    </form>
  );
}

function Blocks() {
  const { t } = useTexts();
  const can = useCan();
  const query = useQuery(blocksQuery);
  return (
    <Section title={t('paper.blocks')} note={t('paper.blocksHelp')}>
      {can('paper.issue') ? <Issue /> : null}
      <Loaded query={query} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('paper.noBlocks')}</p>
          ) : (
            <ul className={classes.blocks}>
              {data.items.map((block) => (
                <li key={block.id}>
                  <Link to="/paper/sheets/$id" params={{ id: block.id }}><span className="mono">{block.first} – {block.last}</span></Link> · {block.utility_name} · <Instant at={block.issued_at} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

/** Checks that were made by phone, on numbered forms, and what became of them. */
export function PaperChecks() {
  const { t } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const [number, setNumber] = useState('');
  const { query, more, busy } = usePages(paperPages(search));
  const columns: Column<PaperCheck>[] = [
    { key: 'number', header: t('paper.number'), cell: (row) => <Link to="/paper/$number" params={{ number: row.number }} className="mono">{row.number}</Link> },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="paper" state={row.state} /> },
    { key: 'point', header: t('gate.point'), cell: (row) => <span className="mono">{row.answer?.question.connection_point ?? row.report?.question.connection_point ?? '–'}</span>, from: 'medium' },
    { key: 'differences', header: t('paper.differences'), cell: (row) => row.differences.map((one) => t(`paper.difference.${one}`)).join(', ') || '–', from: 'wide' },
    { key: 'utility', header: t('gate.utility'), cell: (row) => row.utility_name, from: 'wide' },
    { key: 'at', header: t('paper.at'), cell: (row) => <Instant at={row.answer?.at ?? row.report?.at} />, align: 'end' },
  ];
  return (
    <Page title={t('paper.title')} lead={t('paper.lead')}>
      <form
        className={classes.acts}
        onSubmit={(event) => {
          event.preventDefault();
          if (number.trim()) void navigate({ to: '/paper/$number', params: { number: number.trim() } });
        }}
      >
        <TextInput label={t('paper.enter')} description={t('paper.enterHelp')} className="mono-field" value={number} onChange={(event) => setNumber(event.currentTarget.value)} autoComplete="off" />
        <Button type="submit" variant="default">{t('paper.open')}</Button>
      </form>
      <Views label={t('ui.views')}>
        <Link to="/paper" search={{}} aria-current={search.state ? undefined : 'page'} {...viewLink}><ViewLabel text={t('ui.all')} /></Link>
        {paperStates.map((state) => (
          <Link key={state} to="/paper" search={{ state }} aria-current={search.state === state ? 'page' : undefined} {...viewLink}><ViewLabel text={t(`state.paper.${state}`)} /></Link>
        ))}
      </Views>
      <Loaded query={query} rows={6}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('paper.empty')}>{t('paper.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList label={t('paper.title')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.number} nameOf={(row) => row.number} onOpen={(row) => void navigate({ to: '/paper/$number', params: { number: row.number } })} />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
      <Blocks />
    </Page>
  );
}
