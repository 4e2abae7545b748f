import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';
import type { FleetSearch } from './search';

export type FleetUnit = Schemas['FleetUnitWire'];
export type Fleet = Schemas['FleetWire'];
export type Gateway = Schemas['GatewayWire'];

const EVERY = 5_000;
const PAGE = 200;

const filters = ({ endpoint, q }: FleetSearch) => ({ ...(endpoint ? { endpoint } : {}), ...(q ? { q } : {}) });

/** The meters of a search, part by part. */
export const fleetPages = (search: FleetSearch) => ({
  queryKey: ['fleet', 'units', search],
  read: (after: string | undefined) =>
    ask(api.GET('/v1/collectors/fleet', { params: { query: { ...filters(search), ...(search.state ? { state: search.state } : {}), limit: PAGE, ...(after ? { after } : {}) } } })),
  keyOf: (row: FleetUnit) => row.meter,
  every: EVERY,
});

/** How many there are of each state, whatever state is looked at. */
export const fleetCounts = (search: FleetSearch) =>
  queryOptions({
    queryKey: ['fleet', 'counts', filters(search)],
    queryFn: () => ask(api.GET('/v1/collectors/fleet', { params: { query: { ...filters(search), limit: 1 } } })),
    refetchInterval: EVERY,
  });

export const gatewaysQuery = (q: string | undefined) =>
  queryOptions({
    queryKey: ['fleet', 'gateways', q ?? ''],
    queryFn: () => ask(api.GET('/v1/collectors/gateways', { params: { query: { limit: 500, ...(q ? { q } : {}) } } })),
    refetchInterval: EVERY,
  });

/** How full the edge collectors' spools are; they report every half a minute. */
export const spoolsQuery = queryOptions({
  queryKey: ['fleet', 'spools'],
  queryFn: () => ask(api.GET('/v1/collectors/spools')),
  refetchInterval: 6 * EVERY,
});
