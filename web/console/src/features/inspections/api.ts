import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { InspectionsSearch, InspectionView } from './search';

export type Inspection = Schemas['InspectionWire'];
export type InspectionInput = Schemas['InspectionInput'];
export type Team = Schemas['InspectionTeamInput'];
export type Review = Schemas['ReviewWire'];
export type FieldEvent = Schemas['FieldEventWire'];
export type Photo = Schemas['PhotoWire'];
export type RigLine = Schemas['RigLineWire'];
export type Remedy = Schemas['RemedyInput'];

/** Who can send people along. */
export const agencies = ['financial_monitoring', 'police', 'prosecutor', 'energy_supervision', 'tax', 'utility', 'system_operator'] as const;

const PAGE = 100;
/** While a visit is under way its events come in by themselves. */
const LIVE_MS = 10_000;

/** What a saved view asks of the API. */
function asked(view: InspectionView): Readonly<Record<string, string>> {
  if (view === 'mine') return { mine: 'true', open: 'true' };
  if (view === 'ongoing') return { open: 'true' };
  return view === 'all' ? {} : { state: view };
}

/** The inspections of a view, the newest first. */
export const inspectionPages = ({ view = 'ongoing', ...rest }: InspectionsSearch) => ({
  queryKey: ['inspections', 'pages', { view, ...rest }],
  read: (after: string | undefined) => ask(api.GET('/v1/inspections', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...rest, ...asked(view) } } })),
  keyOf: (row: Inspection) => row.id,
  every: 30_000,
});

/** Where a visit goes, in as few words as there are. */
export const placeOf = (row: Inspection) => row.site_name ?? row.connection_point ?? row.address ?? '–';

/** How many a board shows: all that is ongoing in an office, and the newest that ended. */
const BOARD = 300;
const ENDED = 15;

/** The inspections of the board: what is ongoing and what was finalized last, read again by itself. */
export const boardQuery = ({ view, q, kind }: InspectionsSearch) => {
  const narrow = { ...(view === 'mine' ? { mine: 'true' as const } : {}), ...(q ? { q } : {}), ...(kind ? { kind } : {}) };
  return queryOptions({
    queryKey: ['inspections', 'board', narrow],
    queryFn: async () => {
      const [open, ended] = await Promise.all([
        ask(api.GET('/v1/inspections', { params: { query: { ...narrow, open: 'true', limit: BOARD } } })),
        ask(api.GET('/v1/inspections', { params: { query: { ...narrow, state: 'finalized', limit: ENDED } } })),
      ]);
      return [...open.items, ...ended.items].sort((a, b) => a.planned_on.localeCompare(b.planned_on) || a.route - b.route || a.number.localeCompare(b.number));
    },
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
};

/** The inspections of one legal day. */
export const dayQuery = ({ view, q, kind, from, until }: InspectionsSearch) => {
  const narrow = { ...(view === 'mine' ? { mine: 'true' as const } : {}), ...(q ? { q } : {}), ...(kind ? { kind } : {}), ...(from ? { from } : {}), ...(until ? { until } : {}) };
  return queryOptions({
    queryKey: ['inspections', 'day', narrow],
    queryFn: () => ask(api.GET('/v1/inspections', { params: { query: { ...narrow, limit: BOARD } } })),
    refetchInterval: 30_000,
  });
};

/** Whether something may still come in from the field. */
export const isLive = ({ state }: Inspection) => state === 'ready' || state === 'in_progress' || state === 'submitted';

export const inspectionQuery = (id: string) =>
  queryOptions({
    queryKey: ['inspection', id],
    queryFn: () => ask(api.GET('/v1/inspections/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (query.state.data && isLive(query.state.data) ? LIVE_MS : false),
  });

/** The events as they were signed; read again when there are more of them. */
export const fieldEventsQuery = ({ id, events, updated_at }: Inspection) =>
  queryOptions({
    queryKey: ['inspection', id, 'field', events, updated_at],
    queryFn: () => ask(api.GET('/v1/inspections/{id}/events', { params: { path: { id } } })),
    placeholderData: keepPreviousData,
  });

export const reviewQuery = ({ id, events, files_received, updated_at }: Inspection) =>
  queryOptions({
    queryKey: ['inspection', id, 'review', events, files_received, updated_at],
    queryFn: () => ask(api.GET('/v1/inspections/{id}/review', { params: { path: { id } } })),
    placeholderData: keepPreviousData,
  });

/** The ledger's entries about an inspection. */
export const historyQuery = ({ id, updated_at }: Inspection) =>
  queryOptions({
    queryKey: ['inspection', id, 'history', updated_at],
    queryFn: () => ask(api.GET('/v1/ledger/entries', { params: { query: { subject_kind: 'inspection', subject_id: id, limit: 200 } } })),
    placeholderData: keepPreviousData,
  });

/** Who works here: inspectors and heads may go on a visit. */
export const staffQuery = queryOptions({ queryKey: ['staff'], queryFn: () => ask(api.GET('/v1/staff')), staleTime: 60_000 });

const add = ({ id }: Inspection) => ({ path: { id }, header: { 'Idempotency-Key': newKey() } });
const change = ({ id, version }: Inspection) => ({ path: { id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${version}"` } });

export const commands = {
  make: (body: InspectionInput) => ask(api.POST('/v1/inspections', { params: { header: { 'Idempotency-Key': newKey() } }, body })),
  legal: (row: Inspection, legal: Record<string, string>) => ask(api.PUT('/v1/inspections/{id}/legal', { params: change(row), body: { legal } })),
  team: (row: Inspection, body: Team) => ask(api.PUT('/v1/inspections/{id}/team', { params: change(row), body })),
  cancel: (row: Inspection, reason: string) => ask(api.POST('/v1/inspections/{id}/cancellation', { params: change(row), body: { reason } })),
  finalize: (row: Inspection) => ask(api.POST('/v1/inspections/{id}/finalization', { params: change(row) })),
  hold: (row: Inspection, reason: string) => ask(api.PUT('/v1/inspections/{id}/hold', { params: change(row), body: reason ? { reason } : {} })),
  order: (row: Inspection, body: Remedy) => ask(api.POST('/v1/inspections/{id}/remedy-orders', { params: add(row), body })),
};

/** A command on an inspection; its answer is the next version. */
export function useInspectionCommand<T>(command: (input: T) => Promise<Inspection>, after?: (row: Inspection) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: command,
    onSuccess: async (next) => {
      // Its page stands under the number or under the id, as the address has it.
      for (const name of [next.number, next.id]) client.setQueryData(inspectionQuery(name).queryKey, next);
      await client.invalidateQueries({ queryKey: ['inspections'] });
      after?.(next);
    },
  });
}
