import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';
import type { Resolution, Span } from './span';

export type Meter = Schemas['MeterWire'];
export type Interval = Schemas['IntervalWire'];

export const meterQuery = (id: string) =>
  queryOptions({
    queryKey: ['meter', id],
    queryFn: () => ask(api.GET('/v1/meters/{id}', { params: { path: { id } } })),
    refetchInterval: 5_000,
  });

const PAGE = 5000;
const MAX_PAGES = 6;

async function readings(meter: string, from: string, to: string, resolution: Resolution): Promise<Interval[]> {
  const items: Interval[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await ask(api.GET('/v1/readings', { params: { query: { meter, from, to, resolution, limit: PAGE, ...(after ? { after } : {}) } } }));
    items.push(...answer.items);
    if (!answer.next) break;
    after = answer.next;
  }
  return items;
}

/** The readings of a span. A span that ends now is asked again every few seconds. */
export const readingsQuery = (meter: string, span: Span) =>
  queryOptions({
    queryKey: ['readings', meter, span.key, span.resolution],
    queryFn: () => {
      const { from, to } = span.bounds(new Date());
      return readings(meter, from.toISOString(), to.toISOString(), span.resolution);
    },
    refetchInterval: span.live ? (span.resolution === 'raw' ? 5_000 : 30_000) : false,
    placeholderData: (before) => before,
  });
