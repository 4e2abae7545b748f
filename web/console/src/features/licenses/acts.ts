import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type ActRow = Schemas['ActWire'];
export type Impact = Schemas['ImpactWire'];
export type ActKind = ActRow['kind'];

const PAGE = 100;

export type ActsView = 'open' | 'closed' | 'mine';

/** The acts on licenses, part by part: those that wait, those that are over, or one's own. */
export const actPages = (view: ActsView) => ({
  queryKey: ['acts', 'pages', view],
  read: (after: string | undefined) =>
    ask(api.GET('/v1/acts', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(view === 'mine' ? { drafter: 'me' } : { open: view }) } } })),
  keyOf: (row: ActRow) => row.id,
  every: 20_000,
});

export const actQuery = (id: string) =>
  queryOptions({
    queryKey: ['acts', id],
    queryFn: () => ask(api.GET('/v1/acts/{id}', { params: { path: { id } } })),
  });

/** What waits on one license. */
export const licenseActsQuery = (license: string) =>
  queryOptions({
    queryKey: ['acts', { license }],
    queryFn: () => ask(api.GET('/v1/acts', { params: { query: { license, limit: 20 } } })),
  });

export const impactQuery = (number: string, act: ActKind, months: number) =>
  queryOptions({
    queryKey: ['impact', number, act, months],
    queryFn: () => ask(api.GET('/v1/licenses/{number}/impact', { params: { path: { number }, query: { act, ...(months > 0 ? { months } : {}) } } })),
    staleTime: 0,
  });

const header = (version: number) => ({ 'Idempotency-Key': newKey(), 'If-Match': `"${version}"` });

/** Everything that happens to an act; version is that of the act, or of the license for what begins one. */
export const commands = {
  draft: (body: Schemas['ActInput'], version: number) => ask(api.POST('/v1/acts', { params: { header: header(version) }, body })),
  sign: (act: ActRow) => ask(api.POST('/v1/acts/{id}/signature', { params: { path: { id: act.id }, header: header(act.version) } })),
  confirm: (act: ActRow) => ask(api.POST('/v1/acts/{id}/confirmation', { params: { path: { id: act.id }, header: header(act.version) } })),
  reject: (act: ActRow, reason: string) => ask(api.POST('/v1/acts/{id}/rejection', { params: { path: { id: act.id }, header: header(act.version) }, body: { reason } })),
  suspendNow: (number: string, body: Schemas['SuspensionInput'], version: number) =>
    ask(api.POST('/v1/licenses/{number}/suspension', { params: { path: { number }, header: header(version) }, body })),
};

/** Runs a command; whatever an act may have changed is read again. */
export function useCommand<A, R>(run: (argument: A) => Promise<R>, after?: (result: R) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result) => {
      await Promise.all(['acts', 'licenses', 'license', 'orders', 'tasks'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      after?.(result);
    },
  });
}

/** The tenants of a data centre: licenses of sub-type II that name it as host. */
export const tenantsQuery = (host: string) =>
  queryOptions({
    queryKey: ['licenses', { host }],
    queryFn: () => ask(api.GET('/v1/licenses', { params: { query: { host, limit: 100 } } })),
  });

export const versionsQuery = (number: string) =>
  queryOptions({
    queryKey: ['license', number, 'versions'],
    queryFn: () => ask(api.GET('/v1/licenses/{number}/versions', { params: { path: { number } } })),
  });
