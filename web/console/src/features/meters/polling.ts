import { queryOptions } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { Meter } from './api';

export type Polling = Schemas['PollingWire'];
export type Exchange = Schemas['MeterExchangeWire'];
export type ExchangeBody = Schemas['MeterExchangeInput'];

export const pollingQuery = (id: string) =>
  queryOptions({
    queryKey: ['meter', id, 'polling'],
    queryFn: () => ask(api.GET('/v1/meters/{id}/polling', { params: { path: { id } } })),
    refetchInterval: 5_000,
  });

export const exchangesQuery = (id: string) =>
  queryOptions({
    queryKey: ['meter', id, 'exchanges'],
    queryFn: () => ask(api.GET('/v1/meters/{id}/exchanges', { params: { path: { id } } })),
  });

/** When the meter itself began to tell another ratio of its transformers. */
export const ratiosQuery = (id: string) =>
  queryOptions({
    queryKey: ['meter', id, 'ratios'],
    queryFn: () => ask(api.GET('/v1/meters/{id}/ratios', { params: { path: { id } } })),
  });

/** Records an exchange; the key makes a second try the same one. */
export const exchange = (meter: Meter, body: ExchangeBody, key: string) =>
  ask(api.POST('/v1/meters/{id}/exchange', { params: { path: { id: meter.id ?? '' }, header: { 'If-Match': `"${meter.version}"`, 'Idempotency-Key': key } }, body }));

export const freshKey = newKey;
