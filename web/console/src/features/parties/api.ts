import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type Party = Schemas['PartyWire'];
export type LicenseRow = Schemas['LicenseWire'];

const PAGE = 100;

/** The parties, part by part. */
export const partyPages = (q: string | undefined) => ({
  queryKey: ['parties', 'pages', { q }],
  read: (after: string | undefined) => ask(api.GET('/v1/parties', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(q ? { q } : {}) } } })),
  keyOf: (row: Party) => row.id ?? row.bin_or_iin,
});

export const partyQuery = (id: string) =>
  queryOptions({
    queryKey: ['party', id],
    queryFn: () => ask(api.GET('/v1/parties/{id}', { params: { path: { id } } })),
  });

/** How many matching licenses stand above the parties; the list of licenses has the rest. */
export const LICENSES = 20;

export const licensesQuery = (q: string) =>
  queryOptions({
    queryKey: ['licenses', { q }],
    queryFn: () => ask(api.GET('/v1/licenses', { params: { query: { q, limit: LICENSES } } })),
    enabled: q !== '',
  });

export const holderLicensesQuery = (holder: string) =>
  queryOptions({
    queryKey: ['licenses', { holder }],
    queryFn: () => ask(api.GET('/v1/licenses', { params: { query: { holder, limit: 50 } } })),
  });

export const ownerEquipmentQuery = (owner: string) =>
  queryOptions({
    queryKey: ['equipment', { owner }],
    queryFn: () => ask(api.GET('/v1/equipment', { params: { query: { owner, limit: 200 } } })),
  });
