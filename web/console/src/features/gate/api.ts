import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type CheckInput = Schemas['CheckInput'];
export type CheckAnswer = Schemas['CheckAnswer'];
export type CheckRecord = Schemas['CheckRecord'];
export type Explanation = Schemas['ExplanationWire'];

const PAGE = 100;

/** The log of the gate, part by part. */
export const checkPages = (decision: CheckRecord['decision'] | undefined) => ({
  queryKey: ['checks', { decision }],
  read: (after: string | undefined) => ask(api.GET('/v1/gate/checks', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(decision ? { decision } : {}) } } })),
  keyOf: (row: CheckRecord) => row.id,
  every: 15_000,
});

export const checkQuery = (id: string) =>
  queryOptions({
    queryKey: ['check', id],
    queryFn: () => ask(api.GET('/v1/gate/checks/{id}', { params: { path: { id } } })),
  });

export const explanationQuery = (id: string) =>
  queryOptions({
    queryKey: ['check', id, 'explanation'],
    queryFn: () => ask(api.GET('/v1/gate/checks/{id}/explanation', { params: { path: { id } } })),
  });

export const pointsQuery = queryOptions({
  queryKey: ['connection-points'],
  queryFn: () => ask(api.GET('/v1/connection-points', { params: { query: { limit: 1000 } } })),
  staleTime: 60_000,
});

/** Asks the gate. The key makes a repeated question after a broken connection safe: same key, same answer. */
export const check = (body: CheckInput, key: string): Promise<CheckAnswer> => ask(api.POST('/v1/gate/checks', { params: { header: { 'Idempotency-Key': key } }, body }));
