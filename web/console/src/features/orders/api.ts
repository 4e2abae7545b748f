import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { OrdersSearch } from './search';

export type Order = Schemas['OrderWire'];
export type OrderAct = 'acknowledgement' | 'execution' | 'objection';
export type RegistryAct = 'objection-decision' | 'verification' | 'closure';
export type ObjectionCode = NonNullable<Schemas['OrderActInput']['code']>;
export const objectionCodes: ObjectionCode[] = ['safety', 'critical_load', 'mixed_supply', 'access_denied', 'wrong_point', 'other'];

const PAGE = 100;

/** The orders, oldest first, part by part. A utility sees its own. */
export const orderPages = (search: OrdersSearch) => ({
  queryKey: ['orders', search],
  read: (after: string | undefined) => ask(api.GET('/v1/disconnection-orders', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...search } } })),
  keyOf: (row: Order) => row.id,
  every: 15_000,
});

/** How the orders of each utility stand. */
export const orderSummaryQuery = queryOptions({
  queryKey: ['orders', 'summary'],
  queryFn: () => ask(api.GET('/v1/disconnection-orders/summary')),
  refetchInterval: 15_000,
});

/** One order. The first time its utility reads it, it counts as delivered. */
export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id],
    queryFn: () => ask(api.GET('/v1/disconnection-orders/{id}', { params: { path: { id } } })),
    refetchInterval: 15_000,
  });

/** What the revenue meters of the point say about an order now. */
export const orderEvidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id, 'evidence'],
    queryFn: () => ask(api.GET('/v1/disconnection-orders/{id}/evidence', { params: { path: { id } } })),
    refetchInterval: 30_000,
  });

export const orderEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id, 'events'],
    queryFn: () => ask(api.GET('/v1/ledger/entries', { params: { query: { subject_kind: 'disconnection_order', subject_id: id, limit: 200 } } })),
  });

function perform(id: string, version: number | undefined, act: OrderAct, body: Schemas['OrderActInput']): Promise<Order> {
  const options = { params: { path: { id }, header: { 'Idempotency-Key': newKey(), ...(version ? { 'If-Match': `"${String(version)}"` } : {}) } }, body };
  switch (act) {
    case 'acknowledgement':
      return ask(api.POST('/v1/disconnection-orders/{id}/acknowledgement', options));
    case 'execution':
      return ask(api.POST('/v1/disconnection-orders/{id}/execution', options));
    case 'objection':
      return ask(api.POST('/v1/disconnection-orders/{id}/objection', options));
  }
}

/** Acknowledges several orders, one by one, and tells how many it could. */
export async function acknowledgeAll(orders: readonly Order[], person: string): Promise<{ done: number; failed: number }> {
  const results = await Promise.allSettled(orders.map((order) => perform(order.id, undefined, 'acknowledgement', { person })));
  const done = results.filter((result) => result.status === 'fulfilled').length;
  return { done, failed: results.length - done };
}

function useOrderChange<B>(id: string, change: (body: B) => Promise<Order>, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (order) => {
      client.setQueryData(orderQuery(id).queryKey, order);
      await Promise.all([client.invalidateQueries({ queryKey: ['orders'] }), client.invalidateQueries({ queryKey: ['order', id, 'events'] }), client.invalidateQueries({ queryKey: ['order', id, 'evidence'] }), client.invalidateQueries({ queryKey: ['grid'] })]);
      after();
    },
  });
}

/** What a utility does about an order; the answer is its next version. */
export const useOrderAct = (order: Order, act: OrderAct, after: () => void) => useOrderChange(order.id, (body: Schemas['OrderActInput']) => perform(order.id, order.version, act, body), after);

/** What the registry does about an order. */
export function useRegistryAct(order: Order, after: () => void) {
  const options = { params: { path: { id: order.id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${String(order.version)}"` } } };
  return useOrderChange(
    order.id,
    (act: { decide: Schemas['ObjectionDecisionInput'] } | { verify: Schemas['OrderVerificationInput'] } | 'close') => {
      if (act === 'close') return ask(api.POST('/v1/disconnection-orders/{id}/closure', options));
      return 'decide' in act ? ask(api.POST('/v1/disconnection-orders/{id}/objection-decision', { ...options, body: act.decide })) : ask(api.POST('/v1/disconnection-orders/{id}/verification', { ...options, body: act.verify }));
    },
    after,
  );
}
