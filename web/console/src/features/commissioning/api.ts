import { queryOptions } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type CommissionLink = Schemas['CommissionLinkWire'];
export type Job = Schemas['CommissionJobWire'];
export type ScannedUnit = Schemas['ScannedUnitWire'];
export type Difference = Schemas['DifferenceWire'];
export type BindingBody = Schemas['BindingBody'];
export type CheckBody = Schemas['BindingCheckBody'];
export type Plate = Schemas['PlateWire'];
export type Commissioning = Schemas['CommissioningWire'];
export type AskBody = Schemas['CommissionAskWire'];

const SOON = 1_500;

export const linksQuery = queryOptions({
  queryKey: ['commissioning', 'links'],
  queryFn: () => ask(api.GET('/v1/commissioning/links')),
  refetchInterval: 10_000,
});

export const recentQuery = queryOptions({
  queryKey: ['commissioning', 'jobs'],
  queryFn: () => ask(api.GET('/v1/commissioning/jobs', { params: { query: { limit: 8 } } })),
});

export const profilesQuery = queryOptions({
  queryKey: ['commissioning', 'profiles'],
  queryFn: () => ask(api.GET('/v1/meter-profiles')),
  staleTime: Infinity,
});

export const going = (job: Job | undefined) => job?.state === 'asked' || job?.state === 'taken';

/** A job, asked for again while somebody is at it. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['commissioning', 'job', id],
    queryFn: () => ask(api.GET('/v1/commissioning/jobs/{id}', { params: { path: { id } } })),
    refetchInterval: (query: { state: { data?: Job | undefined } }) => (going(query.state.data) ? SOON : false),
  });

/** How a meter was bound, asked for again until its first reading has come; null when nothing says so. */
export const boundQuery = (meter: string) =>
  queryOptions({
    queryKey: ['commissioning', 'bound', meter],
    queryFn: async (): Promise<Commissioning | null> => (await ask(api.GET('/v1/meters/{id}/commissioning', { params: { path: { id: meter } } }))).commissioning ?? null,
    refetchInterval: (query: { state: { data?: Commissioning | null | undefined } }) => (query.state.data?.state === 'bound' ? SOON : false),
  });

export const checkQuery = (body: CheckBody) =>
  queryOptions({
    queryKey: ['commissioning', 'check', body],
    queryFn: () => ask(api.POST('/v1/commissioning/check', { body })),
    staleTime: 0,
  });

export const askJob = (body: AskBody) => ask(api.POST('/v1/commissioning/jobs', { params: { header: { 'Idempotency-Key': newKey() } }, body }));

export const cancelJob = (id: string) => ask(api.POST('/v1/commissioning/jobs/{id}/cancellation', { params: { path: { id } } }));

/** Binds a meter; the key makes a second try the same one. */
export const bind = (body: BindingBody, key: string) => ask(api.POST('/v1/commissioning', { params: { header: { 'Idempotency-Key': key } }, body }));

export const freshKey = newKey;
