import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type ClientAccess = Schemas['ClientAccessWire'];
export type ClientKey = Schemas['ClientKeyWire'];
export type Webhook = Schemas['WebhookWire'];
export type WebhookInput = Schemas['WebhookInput'];
export type Delivery = Schemas['DeliveryWire'];

/** The API clients of one's own utility, with keys and what they asked today. */
export const accessQuery = queryOptions({ queryKey: ['access'], queryFn: () => ask(api.GET('/v1/access/clients')), refetchInterval: 30_000 });

/** The endpoints: a utility sees its own, the registry all. */
export const webhooksQuery = queryOptions({
  queryKey: ['webhooks'],
  queryFn: () => ask(api.GET('/v1/webhooks', { params: { query: { limit: 200, state: 'active' } } })),
  refetchInterval: 15_000,
});

/** The last messages to an endpoint, newest first. */
export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: () => ask(api.GET('/v1/webhooks/{id}/deliveries', { params: { path: { id }, query: { limit: 20 } } })),
    refetchInterval: 10_000,
  });

const once = () => ({ 'Idempotency-Key': newKey() });

/** Everything that changes access. */
export const commands = {
  addKey: ({ id, body }: { id: string; body: Schemas['ClientKeyInput'] }) => ask(api.POST('/v1/access/clients/{id}/keys', { params: { path: { id }, header: once() }, body })),
  retire: ({ id, credential }: { id: string; credential: string }) => ask(api.POST('/v1/access/clients/{id}/keys/{credential}/retirement', { params: { path: { id, credential }, header: once() }, body: {} })),
  addWebhook: (body: WebhookInput) => ask(api.POST('/v1/webhooks', { params: { header: once() }, body })),
  remove: (id: string) => ask(api.POST('/v1/webhooks/{id}/removal', { params: { path: { id }, header: once() } })),
  exchange: (id: string) => ask(api.POST('/v1/webhooks/{id}/key-exchange', { params: { path: { id }, header: once() } })),
  trial: (id: string) => ask(api.POST('/v1/webhooks/{id}/test', { params: { path: { id } } })),
  replay: ({ id, after }: { id: string; after: number }) => ask(api.POST('/v1/webhooks/{id}/replay', { params: { path: { id }, header: once() }, body: { after } })),
  resend: ({ id, message }: { id: string; message: string }) => ask(api.POST('/v1/webhooks/{id}/deliveries/{message}/resend', { params: { path: { id, message } } })),
};

/** Runs a command and reads what it may have changed anew. */
export function useAccessCommand<A, R>(run: (argument: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => Promise.all([client.invalidateQueries({ queryKey: ['access'] }), client.invalidateQueries({ queryKey: ['webhooks'] })]),
  });
}
