import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type Kind = Schemas['ReferenceChangeInput']['kind'];
export type Change = Schemas['ReferenceChangeWire'];
export type Preview = Schemas['ReferencePreviewWire'];
export type ChangeInput = Schemas['ReferenceChangeInput'];

export const tablesQuery = queryOptions({ queryKey: ['reference', 'tables'], queryFn: () => ask(api.GET('/v1/reference/tables')), staleTime: Infinity });

export const rowsQuery = (kind: Kind) => queryOptions({ queryKey: ['reference', 'rows', kind], queryFn: () => ask(api.GET('/v1/reference/rows', { params: { query: { kind } } })) });

const PAGE = 50;

export const changePages = {
  queryKey: ['reference', 'changes'],
  read: (after: string | undefined) => ask(api.GET('/v1/reference/changes', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } })),
  keyOf: (change: Change) => change.id,
};

export const changeQuery = (id: string) => queryOptions({ queryKey: ['reference', 'change', id], queryFn: () => ask(api.GET('/v1/reference/changes/{id}', { params: { path: { id } } })) });

const header = () => ({ 'Idempotency-Key': newKey() });

/** Everything that changes reference data. */
export const commands = {
  preview: (body: ChangeInput) => ask(api.POST('/v1/reference/preview', { body })),
  propose: (body: ChangeInput) => ask(api.POST('/v1/reference/changes', { params: { header: header() }, body })),
  confirm: (id: string) => ask(api.POST('/v1/reference/changes/{id}/confirmation', { params: { path: { id }, header: header() } })),
  reject: (id: string, reason: string) => ask(api.POST('/v1/reference/changes/{id}/rejection', { params: { path: { id }, header: header() }, body: { reason } })),
};

/** Runs a command; the law and what follows from it are read again. */
export function useReferenceCommand<A, R>(run: (argument: A) => Promise<R>, after?: (result: R) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result) => {
      await Promise.all(['reference', 'applications', 'application'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      after?.(result);
    },
  });
}
