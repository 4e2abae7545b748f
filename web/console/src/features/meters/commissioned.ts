import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type Commissioning = Schemas['CommissioningWire'];

/** How a meter was commissioned; null for one that came otherwise. */
export const commissioningQuery = (id: string) =>
  queryOptions({
    queryKey: ['meter', id, 'commissioning'],
    queryFn: async (): Promise<Commissioning | null> => (await ask(api.GET('/v1/meters/{id}/commissioning', { params: { path: { id } } }))).commissioning ?? null,
    refetchInterval: (query: { state: { data?: Commissioning | null | undefined } }) => (query.state.data?.state === 'bound' ? 3_000 : false),
  });
