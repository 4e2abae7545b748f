import { queryOptions } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { StandingSearch } from './search';

export type Standing = Schemas['StandingWire'];
export type NewStanding = Schemas['StandingInput'];
export type Scope = NewStanding['scope'];

export const standingPages = ({ kind, view, scope_id }: StandingSearch) => ({
  queryKey: ['standing', { kind, view, scope_id }],
  read: (after: string | undefined) =>
    ask(api.GET('/v1/gate/standing-facts', { params: { query: { limit: 100, ...(kind ? { kind } : {}), ...(scope_id ? { scope_id } : {}), ...(view === 'all' ? {} : { holds: true }), ...(after ? { after } : {}) } } })),
  keyOf: (row: Standing) => row.id,
});

export const standingQuery = (id: string) =>
  queryOptions({ queryKey: ['standing', 'one', id], queryFn: () => ask(api.GET('/v1/gate/standing-facts/{id}', { params: { path: { id } } })) });

export const record = ({ body, key }: { body: NewStanding; key: string }) => ask(api.POST('/v1/gate/standing-facts', { params: { header: { 'Idempotency-Key': key } }, body }));

export const end = ({ id, reason }: { id: string; reason: string }) => ask(api.POST('/v1/gate/standing-facts/{id}/end', { params: { path: { id }, header: { 'Idempotency-Key': newKey() } }, body: { reason } }));

/** Open permits at a connection point: what a new fact there would stand against. */
export const openPermitsQuery = (scope: Scope, scopeID: string) =>
  queryOptions({
    queryKey: ['standing', 'effect', scope, scopeID],
    enabled: scope === 'connection_point' && scopeID !== '',
    queryFn: async () => {
      const { items } = await ask(api.GET('/v1/gate/checks', { params: { query: { limit: 200, decision: 'permit', connection_point: scopeID } } }));
      return items.filter((row) => row.reservation_state === 'held');
    },
  });

/** The hours of a text like 8-12, 20, 22-2; undefined when it is none. */
export function hoursOf(typed: string): number[] | undefined {
  const hours = new Set<number>();
  for (const part of typed.split(/[,;]/).map((one) => one.trim()).filter(Boolean)) {
    const found = /^(\d{1,2})(?:\s*[-–]\s*(\d{1,2}))?$/.exec(part);
    if (!found) return undefined;
    const from = Number(found[1]);
    const to = found[2] === undefined ? from + 1 : Number(found[2]);
    if (from > 23 || to > 24) return undefined;
    for (let hour = from; hour !== to % 24 || hours.size === 0; hour = (hour + 1) % 24) {
      hours.add(hour);
      if (hours.size === 24) break;
    }
  }
  return [...hours].sort((a, b) => a - b);
}
