import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { TasksSearch } from './search';

export type Task = Schemas['TaskWire'];

const narrow = ({ view = 'mine', license }: TasksSearch) => ({ ...(view === 'mine' ? { mine: true } : {}), ...(license ? { license } : {}) });

/** The tasks of a view by due date, part by part. */
export const taskPages = (search: TasksSearch) => ({
  queryKey: ['tasks', 'pages', search],
  read: (after: string | undefined) =>
    ask(api.GET('/v1/tasks', { params: { query: { limit: 100, ...narrow(search), state: search.view === 'done' ? ('done' as const) : ('open' as const), ...(after ? { after } : {}) } } })),
  keyOf: (row: Task) => row.id,
  every: 20_000,
});

export const taskCountsQuery = (search: TasksSearch) =>
  queryOptions({
    queryKey: ['tasks', 'counts', search],
    queryFn: () => ask(api.GET('/v1/tasks/counts', { params: { query: narrow(search) } })),
    refetchInterval: 20_000,
  });

export type TaskAct = { task: Task; act: 'complete'; outcome: string } | { task: Task; act: 'assign'; to: string };

function perform({ task, ...step }: TaskAct): Promise<Task> {
  const params = { path: { id: task.id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${task.version}"` } };
  return step.act === 'complete'
    ? ask(api.POST('/v1/tasks/{id}/completion', { params, body: { outcome: step.outcome } }))
    : ask(api.POST('/v1/tasks/{id}/assignment', { params, body: { assignee: step.to } }));
}

/** Takes a task, gives it back, or says that it is done. */
export function useTaskAct(after?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: perform,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['tasks'] });
      after?.();
    },
  });
}
