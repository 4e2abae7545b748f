import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type License = Schemas['LicenseWire'];
export type Ground = Schemas['GroundWire'];
/** The acts that the catalogue has grounds for. */
export type GroundAct = 'suspend' | 'lift' | 'revoke' | 'terminate';

const PAGE = 100;

/** The licenses, part by part. */
export const licensePages = (q: string | undefined, state: License['state'] | undefined) => ({
  queryKey: ['licenses', 'pages', { q, state }],
  read: (after: string | undefined) => ask(api.GET('/v1/licenses', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(q ? { q } : {}), ...(state ? { state } : {}) } } })),
  keyOf: (row: License) => row.number,
  every: 20_000,
});

export const licenseQuery = (number: string) =>
  queryOptions({
    queryKey: ['license', number],
    queryFn: () => ask(api.GET('/v1/licenses/{number}', { params: { path: { number } } })),
  });

export const timelineQuery = (number: string) =>
  queryOptions({
    queryKey: ['license', number, 'timeline'],
    queryFn: () => ask(api.GET('/v1/licenses/{number}/timeline', { params: { path: { number } } })),
  });

export const groundsQuery = (act: GroundAct) =>
  queryOptions({
    queryKey: ['grounds', act],
    queryFn: () => ask(api.GET('/v1/reference/grounds', { params: { query: { act } } })),
    staleTime: 3_600_000,
  });

/** What has to be switched off because of the license, the first hundred. */
export const licenseOrdersQuery = (license: string) =>
  queryOptions({
    queryKey: ['orders', { license, on: 'license' }],
    queryFn: () => ask(api.GET('/v1/disconnection-orders', { params: { query: { license, limit: 100 } } })),
    refetchInterval: 15_000,
  });

/** The address of the license's QR code as an image. */
export const qrAddress = (number: string) => `/v1/licenses/${encodeURIComponent(number)}/qr.svg`;

