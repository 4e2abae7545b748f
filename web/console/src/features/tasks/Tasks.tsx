import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { legalDateOf } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan, useSession } from '@shared/session';
import { DataList, ListFoot, type Column, type Group } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Facts, Instant, LegalDate } from '@ui/values';
import { taskCountsQuery, taskPages, useTaskAct, type Task } from './api';
import { taskViews, type TaskView } from './search';

const route = getRouteApi('/tasks');

/** The page where the task is done. */
function Subject({ task, children }: { task: Task; children: React.ReactNode }) {
  const { subject_kind: kind, subject_id: id } = task;
  if (kind === 'obligation') return <Link to="/obligations/$id" params={{ id }} preload={false}>{children}</Link>;
  if (kind === 'license') return <Link to="/licenses/$number" params={{ number: id }} preload={false}>{children}</Link>;
  if (kind === 'application') return <Link to="/applications/$id" params={{ id }} preload={false}>{children}</Link>;
  if (kind === 'disconnection_order') return <Link to="/orders/$id" params={{ id }} preload={false}>{children}</Link>;
  if (kind === 'webhook') return <Link to="/access" preload={false}>{children}</Link>;
  if (task.case) return <Link to="/cases/$id" params={{ id: task.case }} hash={`task-${id}`} preload={false}>{children}</Link>;
  if (kind === 'mismatch') return <Link to="/reconciliation/$id" params={{ id }} preload={false}>{children}</Link>;
  return <>{children}</>;
}

/** What a task asks for, in words. */
function useAsks() {
  const { language } = useTexts();
  const text = useCodeText();
  return (task: Task) => task.title?.[language] ?? text('task.kind', task.kind);
}

/** A task beside its list: what it is about, and what can be done with it. */
function Peek({ task }: { task: Task }) {
  const { t } = useTexts();
  const text = useCodeText();
  const asks = useAsks();
  const { user } = useSession();
  const [outcome, setOutcome] = useState('');
  const act = useTaskAct();
  const problem = act.error ? asProblem(act.error) : undefined;
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <Facts
        facts={[
          { label: t('task.what'), value: <Subject task={task}>{asks(task)}</Subject> },
          task.case ? { label: t('task.case'), value: <Link to="/cases/$id" params={{ id: task.case }} className="mono">{task.case}</Link> } : null,
          task.license ? { label: t('license.kind'), value: <span className="mono">{task.license}</span> } : null,
          { label: t('task.due'), value: <LegalDate date={task.due} /> },
          { label: t('task.role'), value: text('role', task.role) },
          { label: t('task.assignee'), value: task.assignee_name || t('task.nobody') },
          task.closed_at ? { label: t('task.closed'), value: <>{task.closed_by_name ? `${task.closed_by_name}, ` : ''}<Instant at={task.closed_at} /></> } : null,
          task.outcome ? { label: t('task.outcome'), value: text('task.outcome', task.outcome) } : null,
        ]}
      />
      {problem ? <ProblemNotice problem={problem} /> : null}
      {task.case && task.state === 'open' ? <p className="small muted">{t('task.inCase')}</p> : null}
      {task.allowed.includes('assign') ? (
        <div>
          {task.assignee === user.id ? (
            <Button size="xs" variant="default" loading={act.isPending} onClick={() => act.mutate({ task, act: 'assign', to: '' })}>{t('task.giveBack')}</Button>
          ) : (
            <Button size="xs" variant="default" loading={act.isPending} onClick={() => act.mutate({ task, act: 'assign', to: user.id })}>{t('task.take')}</Button>
          )}
        </div>
      ) : null}
      {task.allowed.includes('complete') ? (
        <>
          <Textarea label={t('task.outcome')} description={t('task.outcomeHelp')} autosize minRows={2} value={outcome} onChange={(event) => setOutcome(event.currentTarget.value)} error={problem?.field('/outcome')} />
          <div>
            <Button loading={act.isPending} onClick={() => act.mutate({ task, act: 'complete', outcome })}>{t('task.complete')}</Button>
          </div>
        </>
      ) : null}
    </div>
  );
}

function groupsOf(rows: readonly Task[], today: string, t: (key: string) => string): Group<Task>[] {
  const week = new Date(Date.parse(today) + 7 * 86_400_000).toISOString().slice(0, 10);
  const of = (task: Task) => (task.state !== 'open' ? 'closed' : task.due < today ? 'overdue' : task.due <= week ? 'soon' : 'later');
  return ['overdue', 'soon', 'later', 'closed'].map((key) => ({ key, label: t(`task.group.${key}`), rows: rows.filter((row) => of(row) === key) }));
}

/** What somebody has to do, by due date: one's own first. */
export function Tasks() {
  const { t } = useTexts();
  const text = useCodeText();
  const asks = useAsks();
  const can = useCan();
  const search = route.useSearch();
  const view: TaskView = search.view ?? 'mine';
  const counts = useQuery(taskCountsQuery({ ...search, view })).data;
  const { query, more, busy } = usePages(taskPages({ ...search, view }));
  const count = counts && view !== 'done' ? counts.overdue + counts.soon + counts.later : undefined;
  const columns: Column<Task>[] = [
    { key: 'what', header: t('task.what'), cell: (row) => <Subject task={row}>{asks(row)}</Subject> },
    { key: 'license', header: t('task.of'), cell: (row) => (row.license ? <Link to="/licenses/$number" params={{ number: row.license }} className="mono">{row.license}</Link> : row.case ? <Link to="/cases/$id" params={{ id: row.case }} className="mono">{row.case}</Link> : '–'), from: 'medium' },
    { key: 'who', header: t('task.assignee'), cell: (row) => row.assignee_name || <span className="muted">{text('role', row.role)}</span>, from: 'medium' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="task" state={row.state} />, from: 'wide' },
    { key: 'due', header: t('task.due'), cell: (row) => <LegalDate date={row.due} />, align: 'end' },
  ];
  return (
    <Page title={t('task.title')} lead={t('task.lead')}>
      {can('task.work') ? (
        <Views label={t('ui.views')}>
          {taskViews.map((item) => (
            <Link key={item} to="/tasks" search={{ ...search, view: item }} aria-current={view === item ? 'page' : undefined} {...viewLink}>
              <ViewLabel text={t(`task.view.${item}`)} count={view === item ? count : undefined} />
            </Link>
          ))}
        </Views>
      ) : null}
      <Loaded query={query} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('task.empty')}>{t('task.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('task.title')}
                columns={columns}
                groups={groupsOf(data.items, legalDateOf(new Date()), t)}
                keyOf={(row) => row.id}
                nameOf={(row) => `${asks(row)} ${row.license ?? row.case ?? ''}`}
                peek={(row) => <Peek key={`${row.id}/${row.version}`} task={row} />}
              />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
