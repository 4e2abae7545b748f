import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type Party = Schemas['PartyWire'];
export type LicenseRow = Schemas['LicenseWire'];

export const partiesQuery = (q: string | undefined) =>
  queryOptions({
    queryKey: ['parties', { q }],
    queryFn: () => ask(api.GET('/v1/parties', { params: { query: { limit: 100, ...(q ? { q } : {}) } } })),
  });

export const partyQuery = (id: string) =>
  queryOptions({
    queryKey: ['party', id],
    queryFn: () => ask(api.GET('/v1/parties/{id}', { params: { path: { id } } })),
  });

export const licensesQuery = (q: string) =>
  queryOptions({
    queryKey: ['licenses', { q }],
    queryFn: () => ask(api.GET('/v1/licenses', { params: { query: { q, limit: 20 } } })),
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
