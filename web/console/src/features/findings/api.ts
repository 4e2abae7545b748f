import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type Finding = Schemas['FindingWire'];
export type FindingSeries = Schemas['FindingSeriesWire'];
export type Triage = 'acknowledgement' | 'dismissal' | 'reopening';

const PAGE = 100;

/** The findings, part by part. */
export const findingPages = (state: Finding['state'] | undefined, target: string | undefined) => ({
  queryKey: ['findings', { state, target }],
  read: (after: string | undefined) => ask(api.GET('/v1/findings', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(state ? { state } : {}), ...(target ? { target } : {}) } } })),
  keyOf: (row: Finding) => row.id,
  every: 10_000,
});

export const findingQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id],
    queryFn: () => ask(api.GET('/v1/findings/{id}', { params: { path: { id } } })),
  });

export const seriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding', id, 'series'],
    queryFn: () => ask(api.GET('/v1/findings/{id}/series', { params: { path: { id } } })),
  });

function triage(id: string, act: Triage, reason: string): Promise<Finding> {
  const options = { params: { path: { id }, header: { 'Idempotency-Key': newKey() } }, body: { reason } };
  switch (act) {
    case 'acknowledgement':
      return ask(api.POST('/v1/findings/{id}/acknowledgement', options));
    case 'dismissal':
      return ask(api.POST('/v1/findings/{id}/dismissal', options));
    case 'reopening':
      return ask(api.POST('/v1/findings/{id}/reopening', options));
  }
}

export function useTriage(id: string, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ act, reason }: { act: Triage; reason: string }) => triage(id, act, reason),
    onSuccess: async (finding) => {
      client.setQueryData(findingQuery(id).queryKey, finding);
      await client.invalidateQueries({ queryKey: ['findings'] });
      after();
    },
  });
}
