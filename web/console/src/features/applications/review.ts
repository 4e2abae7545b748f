import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { Application } from './api';

export type Sheet = Schemas['SheetWire'];
export type Letter = Schemas['LetterWire'];
export type Colleague = Schemas['ColleagueWire'];
export type QueuePage = Schemas['QueueWire'];
export type Group = keyof Schemas['QueueCountsWire'];
export type DecisionInput = Schemas['DecisionInput'];

const header = () => ({ 'Idempotency-Key': newKey() });

/** What the review of an application rests on. */
export const sheetQuery = (id: string) =>
  queryOptions({ queryKey: ['application', id, 'review'], queryFn: () => ask(api.GET('/v1/applications/{id}/review', { params: { path: { id } } })) });

export const appealsQuery = (id: string) =>
  queryOptions({ queryKey: ['application', id, 'appeals'], queryFn: () => ask(api.GET('/v1/applications/{id}/appeals', { params: { path: { id } } })) });

export const filesQuery = (id: string) =>
  queryOptions({ queryKey: ['application', id, 'attachments'], queryFn: () => ask(api.GET('/v1/applications/{id}/attachments', { params: { path: { id } } })) });

export const staffQuery = queryOptions({ queryKey: ['staff'], queryFn: () => ask(api.GET('/v1/staff')), staleTime: 60_000 });

/** What the letter of a decision would say. */
export const letterQuery = (id: string, decision: DecisionInput) =>
  queryOptions({
    queryKey: ['application', id, 'letter', decision],
    queryFn: () => ask(api.POST('/v1/applications/{id}/decision-preview', { params: { path: { id } }, body: decision })),
    enabled: decision.outcome === 'grant' || (decision.reasons ?? []).length > 0,
    placeholderData: keepPreviousData, // nothing on the page moves while the next letter is read
  });

/** The same letter as a PDF. */
export async function letterFile(id: string, decision: DecisionInput): Promise<Blob> {
  const blob = await ask<unknown>(api.POST('/v1/applications/{id}/decision-preview/file', { params: { path: { id } }, body: decision, parseAs: 'blob' }) as Promise<{ data?: unknown; error?: unknown; response: Response }>);
  return blob as Blob;
}

export const reviewCommands = {
  declare: (id: string, reason: string) => ask(api.POST('/v1/applications/{id}/conflicts', { params: { path: { id }, header: header() }, body: { reason } })),
  withdraw: (id: string, conflict: string, reason: string) => ask(api.POST('/v1/applications/{id}/conflicts/{conflict}/withdrawal', { params: { path: { id, conflict }, header: header() }, body: { reason } })),
  appeal: (id: string, text: string) => ask(api.POST('/v1/applications/{id}/appeal', { params: { path: { id }, header: header() }, body: { text } })),
  appealOutcome: (id: string, body: Schemas['AppealOutcomeInput']) => ask(api.POST('/v1/applications/{id}/appeal-outcome', { params: { path: { id }, header: header() }, body })),
  sign: (id: string, version: number, digest: string) => ask(api.POST('/v1/applications/{id}/signature', { params: { path: { id }, header: { 'If-Match': `"${version}"` } }, body: { content_digest: digest } })),
};

/** Makes somebody the officer in charge of many applications: all or none. */
export function useAssignment(after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ rows, officer }: { rows: readonly Application[]; officer: string }) =>
      ask(api.POST('/v1/applications/assignment', { params: { header: header() }, body: { ids: rows.map((row) => row.id), officer } })),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['queue'] }), client.invalidateQueries({ queryKey: ['applications'] }), client.invalidateQueries({ queryKey: ['application'] }), client.invalidateQueries({ queryKey: ['staff'] })]);
      after();
    },
  });
}

export const filtersQuery = queryOptions({ queryKey: ['session', 'filters'], queryFn: () => ask(api.GET('/v1/session/filters')) });

/** Keeps or forgets a filter under a name. */
export function useKeptFilters() {
  const client = useQueryClient();
  const reread = () => client.invalidateQueries({ queryKey: filtersQuery.queryKey });
  return {
    keep: useMutation({ mutationFn: ({ name, query }: { name: string; query: string }) => ask(api.PUT('/v1/session/filters/{name}', { params: { path: { name } }, body: { query } })), onSuccess: reread }),
    drop: useMutation({ mutationFn: (name: string) => ask(api.DELETE('/v1/session/filters/{name}', { params: { path: { name } } })), onSuccess: reread }),
  };
}
