import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { OrderState } from './search';

export type Order = Schemas['OrderWire'];
export type OrderAct = 'acknowledgement' | 'execution' | 'objection';

const PAGE = 100;

/** The disconnection orders, oldest first, part by part. A utility sees its own. */
export const orderPages = (state: OrderState | undefined, license: string | undefined) => ({
  queryKey: ['orders', { state, license }],
  read: (after: string | undefined) => ask(api.GET('/v1/disconnection-orders', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(state ? { state } : {}), ...(license ? { license } : {}) } } })),
  keyOf: (row: Order) => row.id,
  every: 15_000,
});

/** One order. The first time its utility reads it, it counts as delivered. */
export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id],
    queryFn: () => ask(api.GET('/v1/disconnection-orders/{id}', { params: { path: { id } } })),
    refetchInterval: 15_000,
  });

export const orderEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id, 'events'],
    queryFn: () => ask(api.GET('/v1/ledger/entries', { params: { query: { subject_kind: 'disconnection_order', subject_id: id, limit: 200 } } })),
  });

function perform(id: string, act: OrderAct, body: Schemas['OrderActInput']): Promise<Order> {
  const options = { params: { path: { id }, header: { 'Idempotency-Key': newKey() } }, body };
  switch (act) {
    case 'acknowledgement':
      return ask(api.POST('/v1/disconnection-orders/{id}/acknowledgement', options));
    case 'execution':
      return ask(api.POST('/v1/disconnection-orders/{id}/execution', options));
    case 'objection':
      return ask(api.POST('/v1/disconnection-orders/{id}/objection', options));
  }
}

/** What a utility does about an order; the answer is its next version. */
export function useOrderAct(id: string, act: OrderAct, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas['OrderActInput']) => perform(id, act, body),
    onSuccess: async (order) => {
      client.setQueryData(orderQuery(id).queryKey, order);
      await Promise.all([client.invalidateQueries({ queryKey: ['orders'] }), client.invalidateQueries({ queryKey: ['order', id, 'events'] }), client.invalidateQueries({ queryKey: ['grid'] })]);
      after();
    },
  });
}
