import { useRouterState } from '@tanstack/react-router';
import { text, type RawSearch } from './search';

/** What moment the pages show: RFC 3339 instants, as they stand in the URL; absent is now. */
export interface Moment {
  as_at?: string;
  known_at?: string;
}

/** The moment in an address. What is no instant is as if it were absent. */
export function momentSearch(raw: RawSearch): Moment {
  const moment: Moment = {};
  for (const key of ['as_at', 'known_at'] as const) {
    const value = text(raw, key);
    if (value && !Number.isNaN(Date.parse(value))) moment[key] = value;
  }
  return moment;
}

export const isPast = (moment: Moment): boolean => Boolean(moment.as_at ?? moment.known_at);

/** One word for the moment, to tell what was read at one from what was read at another. */
export const keyOf = (moment: Moment): string => (isPast(moment) ? `${moment.as_at ?? ''}/${moment.known_at ?? ''}` : '');

// The moment of the page being shown, for code outside React: the client of the API and the cache of its answers.
let current: Moment = {};
export const currentMoment = (): Moment => current;
export function setMoment(moment: Moment): void {
  current = moment;
}

/** The moment of the page. */
export function useMoment(): Moment {
  const as_at = useRouterState({ select: (state) => momentSearch(state.location.search as RawSearch).as_at });
  const known_at = useRouterState({ select: (state) => momentSearch(state.location.search as RawSearch).known_at });
  return { ...(as_at ? { as_at } : {}), ...(known_at ? { known_at } : {}) };
}

/** Reads that are about now whatever moment the page shows, as the server excuses them. */
const presentOnly: ReadonlySet<string> = new Set(['/v1/session', '/v1/users', '/v1/clients', '/v1/collectors/units', '/v1/search', '/v1/parties/duplicates', '/v1/parties/{id}/merge']);

/** The address of a read of the moment. */
export function addressOf(url: string, path: string, moment: Moment): string {
  if (!isPast(moment) || presentOnly.has(path)) return url;
  const address = new URL(url);
  for (const [key, value] of Object.entries(moment)) if (!address.searchParams.has(key)) address.searchParams.set(key, value as string);
  return address.toString();
}

/** What the server answered about the past, without what could be done if it were now. */
export function withoutCommands(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutCommands);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === 'allowed' && Array.isArray(inner) ? [] : withoutCommands(inner)]));
}
