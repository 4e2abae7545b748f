import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { Act, FindingsSearch, Span } from './search';

export type Finding = Schemas['FindingWire'];
export type Triaged = Schemas['TriageWire'];
export type FindingSeries = Schemas['FindingSeriesWire'];
export type Neighbour = Schemas['NeighbourWire'];
export type Place = Schemas['PlaceWire'];
export type Counts = Schemas['FindingCountsWire'];
export type Balance = Schemas['FeederBalanceWire'];

const PAGE = 100;

/** What narrows a list, as the API takes it. */
function narrowed({ state = 'open', tier, region, use, rule, q, target }: FindingsSearch) {
  return {
    ...(state === 'all' ? {} : { state }),
    ...(tier ? { tier } : {}),
    ...(region ? { region } : {}),
    ...(use ? { use } : {}),
    ...(rule ? { rule } : {}),
    ...(q ? { q } : {}),
    ...(target ? { target } : {}),
  };
}

const readTriage = (search: FindingsSearch, after: string | undefined, limit: number) =>
  ask(api.GET('/v1/findings/triage', { params: { query: { limit, ...(after ? { after } : {}), ...narrowed(search), ...(search.sort ? { sort: search.sort } : {}) } } }));

/** The findings in the order of what they ask for, part by part. */
export const triagePages = (search: FindingsSearch) => ({
  queryKey: ['findings', search],
  read: (after: string | undefined) => readTriage(search, after, PAGE),
  keyOf: (row: Triaged) => row.id,
  every: 10_000,
});

/** Every finding of a view, for a file. */
export async function everyTriaged(search: FindingsSearch): Promise<Triaged[]> {
  const rows: Triaged[] = [];
  for (let after: string | undefined, first = true; first || after; first = false) {
    const part = await readTriage(search, after, 1000);
    rows.push(...part.items);
    after = part.next;
  }
  return rows;
}

export const countsQuery = (search: FindingsSearch) =>
  queryOptions({
    queryKey: ['findings', 'counts', search],
    queryFn: () => ask(api.GET('/v1/findings/counts', { params: { query: narrowed(search) } })),
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  });

export const findingQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id],
    queryFn: () => ask(api.GET('/v1/findings/{id}', { params: { path: { id } } })),
  });

export const placeQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id, 'place'],
    queryFn: () => ask(api.GET('/v1/findings/{id}/place', { params: { path: { id } } })),
  });

export const seriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id, 'series'],
    queryFn: () => ask(api.GET('/v1/findings/{id}/series', { params: { path: { id } } })),
  });

export const neighboursQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id, 'neighbours'],
    queryFn: () => ask(api.GET('/v1/findings/{id}/neighbours', { params: { path: { id } } })),
  });

export const eventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id, 'events'],
    queryFn: () => ask(api.GET('/v1/ledger/entries', { params: { query: { subject_kind: 'finding', subject_id: id, limit: 200 } } })),
  });

const spanMs: Record<Span, number> = { '2d': 2, '7d': 7, '14d': 14, '35d': 35 };

export const balanceQuery = (feeder: string, span: Span) =>
  queryOptions({
    queryKey: ['feeder', feeder, 'balance', span],
    queryFn: () => {
      const to = new Date();
      const from = new Date(to.getTime() - spanMs[span] * 86_400_000 + 60_000);
      return ask(api.GET('/v1/feeders/{id}/balance', { params: { path: { id: feeder }, query: { from: from.toISOString(), to: to.toISOString() } } }));
    },
    refetchInterval: 60_000,
    placeholderData: (before) => before,
  });

function act(id: string, which: Exclude<Act, 'watch'>, reason: string): Promise<Finding> {
  const options = { params: { path: { id }, header: { 'Idempotency-Key': newKey() } }, body: { reason } };
  switch (which) {
    case 'acknowledgement':
      return ask(api.POST('/v1/findings/{id}/acknowledgement', options));
    case 'dismissal':
      return ask(api.POST('/v1/findings/{id}/dismissal', options));
    case 'reopening':
      return ask(api.POST('/v1/findings/{id}/reopening', options));
  }
}

export interface Triage {
  act: Exclude<Act, 'watch'>;
  reason: string;
}

/** Keeps what an act answered, and lets every list and history read anew. */
export function useTriage(id: string, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ act: which, reason }: Triage) => act(id, which, reason),
    onSuccess: async (finding) => {
      client.setQueryData(findingQuery(id).queryKey, finding);
      await Promise.all([client.invalidateQueries({ queryKey: ['findings'] }), client.invalidateQueries({ queryKey: eventsQuery(id).queryKey })]);
      after();
    },
  });
}

export type RefutationKind = Schemas['RefutationInput']['kind'];

/** Keeps the finding that an act gave back. */
function useAct<T>(id: string, send: (input: T) => Promise<Finding>, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: async (finding) => {
      client.setQueryData(findingQuery(id).queryKey, finding);
      await Promise.all([
        client.invalidateQueries({ queryKey: ['findings'] }),
        client.invalidateQueries({ queryKey: eventsQuery(id).queryKey }),
        client.invalidateQueries({ queryKey: refutationsQuery(id).queryKey }),
      ]);
      after();
    },
  });
}

export const refutationsQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id, 'refutations'],
    queryFn: () => ask(api.GET('/v1/findings/{id}/refutations', { params: { path: { id } } })),
  });

const once = (id: string) => ({ path: { id }, header: { 'Idempotency-Key': newKey() } });

export const useRefute = (id: string, after: () => void) =>
  useAct(id, (body: { kind: RefutationKind; note: string }) => ask(api.POST('/v1/findings/{id}/refutations', { params: once(id), body })), after);

export const useWatch = (id: string, after: () => void) =>
  useAct(id, (body: { reason: string; until: string }) => ask(api.POST('/v1/findings/{id}/watch', { params: once(id), body })), after);

export type Allowance = Schemas['AllowanceWire'];
export type NewAllowance = Schemas['AllowanceInput'];
export type AllowanceState = Allowance['state'];
export type Move = 'confirmation' | 'rejection' | 'ending';

export const allowancePages = (state: AllowanceState | undefined) => ({
  queryKey: ['allowances', state ?? 'all'],
  read: (after: string | undefined) => ask(api.GET('/v1/allowances', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(state ? { state } : {}) } } })),
  keyOf: (row: Allowance) => row.id,
});

export const proposeAllowance = ({ body, key }: { body: NewAllowance; key: string }) => ask(api.POST('/v1/allowances', { params: { header: { 'Idempotency-Key': key } }, body }));

export function moveAllowance({ allowance, move, reason }: { allowance: Allowance; move: Move; reason: string }): Promise<Allowance> {
  const options = { params: { path: { id: allowance.id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${allowance.version}"` } }, body: reason ? { reason } : {} };
  switch (move) {
    case 'confirmation':
      return ask(api.POST('/v1/allowances/{id}/confirmation', options));
    case 'rejection':
      return ask(api.POST('/v1/allowances/{id}/rejection', options));
    case 'ending':
      return ask(api.POST('/v1/allowances/{id}/ending', options));
  }
}

export const priorsQuery = queryOptions({ queryKey: ['detection', 'priors'], queryFn: () => ask(api.GET('/v1/detection/priors')) });

export type PrecisionBy = 'rule' | 'region' | 'officer';
export const precisionQuery = (by: PrecisionBy) =>
  queryOptions({ queryKey: ['detection', 'precision', by], queryFn: () => ask(api.GET('/v1/detection/precision', { params: { query: { by } } })) });
