import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type UnitHealth = Schemas['UnitHealthWire'];

export const unitsQuery = queryOptions({
  queryKey: ['collectors'],
  queryFn: () => ask(api.GET('/v1/collectors/units')),
  refetchInterval: 5_000,
});
