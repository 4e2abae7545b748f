import { oneOf, present, text, type RawSearch } from '@shared/search';

export const views = ['open', 'mine', 'sign', 'decided', 'all'] as const;
export type View = (typeof views)[number];

export const groups = ['new', 'overdue', 'today', 'soon', 'week', 'later', 'standing'] as const;
export const states = ['submitted', 'registered', 'in_review', 'decision_drafted'] as const;
export const kinds = ['issue', 'reissue', 'appendix_change', 'renewal', 'duplicate', 'termination'] as const;

/** What the address of the queue says: a view and its filters. */
export interface QueueSearch {
  view?: View | undefined;
  sub?: 'I' | 'II' | undefined;
  q?: string | undefined;
  group?: (typeof groups)[number] | undefined;
  state?: (typeof states)[number] | undefined;
  kind?: (typeof kinds)[number] | undefined;
  /** User id of the officer in charge; me, or none. */
  officer?: string | undefined;
  region?: string | undefined;
  /** Legal date, included. */
  until?: string | undefined;
}

export const queueSearch = (raw: RawSearch): QueueSearch =>
  present({
    view: oneOf(raw, 'view', views),
    sub: oneOf(raw, 'sub', ['I', 'II'] as const),
    q: text(raw, 'q'),
    group: oneOf(raw, 'group', groups),
    state: oneOf(raw, 'state', states),
    kind: oneOf(raw, 'kind', kinds),
    officer: text(raw, 'officer'),
    region: text(raw, 'region'),
    until: text(raw, 'until'),
  }) as QueueSearch;

/** The filters of an address as the text that is kept under a name. */
export function keptQuery(search: QueueSearch): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (value) query.set(name, String(value));
  query.sort();
  return query.toString();
}

/** The address of a kept filter. */
export const searchOf = (query: string): QueueSearch => queueSearch(Object.fromEntries(new URLSearchParams(query)) as RawSearch);
