import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { problemOf } from '@shared/api/problem';
import { currentLanguage, textOfProblem } from '@shared/i18n';
import { present } from '@shared/search';
import type { AlarmsSearch, EquipmentSearch } from './search';

export type Rig = Schemas['EquipmentWire'];
export type RigEvent = Schemas['EquipmentEventWire'];
export type Position = Schemas['PositionWire'];
export type Alarm = Schemas['AlarmWire'];
export type Import = Schemas['ImportWire'];
export type RowError = Schemas['ImportRowError'];

const PAGE = 100;

const filters = (search: EquipmentSearch) => present({ q: search.q, owner: search.owner, site: search.site, license: search.license, state: search.state, import: search.import });

/** The rigs of a filter, part by part. */
export const rigPages = (search: EquipmentSearch) => ({
  queryKey: ['equipment', 'pages', search],
  read: (after: string | undefined) => ask(api.GET('/v1/equipment', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...filters(search) } } })),
  keyOf: (row: Rig) => row.id ?? row.serial,
});

/** Where the CSV of a filter is. */
export function exportAddress(search: EquipmentSearch): string {
  const query = new URLSearchParams(Object.entries(filters(search)) as [string, string][]).toString();
  return `/v1/equipment/export${query ? `?${query}` : ''}`;
}

export const rigQuery = (id: string) =>
  queryOptions({ queryKey: ['rig', id], queryFn: () => ask(api.GET('/v1/equipment/{id}', { params: { path: { id } } })) });

export const rigEventsQuery = (id: string) =>
  queryOptions({ queryKey: ['rig', id, 'events'], queryFn: () => ask(api.GET('/v1/equipment/{id}/events', { params: { path: { id } } })) });

export const rigAlarmsQuery = (id: string) =>
  queryOptions({ queryKey: ['alarms', { rig: id }], queryFn: () => ask(api.GET('/v1/equipment/alarms', { params: { query: { rig: id, limit: 50 } } })) });

/** The seizures of a rig, in the cases that the reader may know of. */
export const rigSeizuresQuery = (id: string) =>
  queryOptions({ queryKey: ['equipment', id, 'seizures'], queryFn: () => ask(api.GET('/v1/equipment/{id}/seizures', { params: { path: { id } } })) });

/** The alarms, part by part; the open ones unless asked otherwise. */
export const alarmPages = (search: AlarmsSearch) => ({
  queryKey: ['alarms', 'pages', search],
  read: (after: string | undefined) =>
    ask(api.GET('/v1/equipment/alarms', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(search.state === 'all' ? {} : { state: search.state ?? ('open' as const) }) } } })),
  keyOf: (row: Alarm) => row.id,
});

export const alarmQuery = (id: string) =>
  queryOptions({ queryKey: ['alarm', id], queryFn: () => ask(api.GET('/v1/equipment/alarms/{id}', { params: { path: { id } } })) });

/** States in which an import goes on by itself. */
const moving = ['uploading', 'uploaded', 'checking', 'running', 'undoing'];
export const isMoving = (job: Pick<Import, 'state'> | undefined): boolean => job !== undefined && moving.includes(job.state);

export const importPages = {
  queryKey: ['imports', 'pages'],
  read: (after: string | undefined) => ask(api.GET('/v1/imports', { params: { query: { limit: 50, ...(after ? { after } : {}) } } })),
  keyOf: (row: Import) => row.id,
  every: 5000,
};

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['import', id],
    queryFn: () => ask(api.GET('/v1/imports/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => (isMoving(query.state.data) ? 800 : false),
  });

/** The refused rows of an import, part by part; phase changes when another set of errors is meant. */
export const importErrorPages = (id: string, phase: string) => ({
  queryKey: ['import', id, 'errors', phase],
  read: (after: string | undefined) => ask(api.GET('/v1/imports/{id}/errors', { params: { path: { id }, query: { limit: 50, ...(after ? { after } : {}) } } })),
  keyOf: (row: RowError) => `${row.row} ${row.field} ${row.code}`,
});

export const errorsAddress = (id: string): string => `/v1/imports/${encodeURIComponent(id)}/errors/file`;

/** Sends a file as it is; it is checked, and nothing is written before somebody starts it. */
async function upload(file: File): Promise<Import> {
  const query = new URLSearchParams({ kind: 'equipment', name: file.name, dry_run: 'true' });
  const response = await fetch(`/v1/imports?${query.toString()}`, {
    method: 'POST',
    body: file,
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': newKey(), 'Accept-Language': currentLanguage() },
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(body, response.status, textOfProblem);
  return body as Import;
}

const header = () => ({ 'Idempotency-Key': newKey() });
const change = (version: number | undefined) => ({ ...header(), ...(version ? { 'If-Match': `"${version}"` } : {}) });

export type ActBody =
  | { act: 'move'; body: Schemas['MoveInput'] }
  | { act: 'store'; body: Schemas['StorageInput'] }
  | { act: 'sell'; body: Schemas['SaleInput'] }
  | { act: 'seize'; body: Schemas['SeizureInput'] }
  | { act: 'release'; body: Schemas['ReleaseInput'] }
  | { act: 'remove'; body: Schemas['RemovalInput'] };

/** Everything that changes a rig, an alarm or an import. */
export const commands = {
  record: (rig: Rig, { act, body }: ActBody): Promise<Rig> => {
    const params = { path: { id: rig.id ?? '' }, header: change(rig.version) };
    switch (act) {
      case 'move':
        return ask(api.POST('/v1/equipment/{id}/moves', { params, body }));
      case 'store':
        return ask(api.POST('/v1/equipment/{id}/storage', { params, body }));
      case 'sell':
        return ask(api.POST('/v1/equipment/{id}/sales', { params, body }));
      case 'seize':
        return ask(api.POST('/v1/equipment/{id}/seizures', { params, body }));
      case 'release':
        return ask(api.POST('/v1/equipment/{id}/releases', { params, body }));
      case 'remove':
        return ask(api.POST('/v1/equipment/{id}/removals', { params, body }));
    }
  },
  resolve: (alarm: Alarm, body: Schemas['ResolutionInput']) => ask(api.POST('/v1/equipment/alarms/{id}/resolution', { params: { path: { id: alarm.id }, header: change(alarm.version) }, body })),
  upload,
  map: (id: string, fields: string[]) => ask(api.POST('/v1/imports/{id}/mapping', { params: { path: { id }, header: header() }, body: { fields } })),
  start: (id: string) => ask(api.POST('/v1/imports/{id}/start', { params: { path: { id }, header: header() } })),
  cancel: (id: string) => ask(api.POST('/v1/imports/{id}/cancellation', { params: { path: { id }, header: header() } })),
  undo: (id: string) => ask(api.POST('/v1/imports/{id}/undo', { params: { path: { id }, header: header() } })),
};

const touched = ['equipment', 'rig', 'alarms', 'alarm', 'imports', 'import'];

/** Runs a command and reads again what it may have changed. */
export function useCommand<A, R>(run: (argument: A) => Promise<R>, after?: (result: R) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result: R) => {
      after?.(result);
      await Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
}
