import { oneOf, present, text, type RawSearch } from '@shared/search';

export const obligationViews = ['open', 'overdue', 'due', 'upcoming', 'fulfilled', 'waivers', 'closed', 'all'] as const;
export type ObligationView = (typeof obligationViews)[number];

export interface ObligationsSearch {
  view?: ObligationView;
  kind?: string;
  license?: string;
}

export const obligationsSearch = (raw: RawSearch): ObligationsSearch =>
  present({ view: oneOf(raw, 'view', obligationViews), kind: text(raw, 'kind'), license: text(raw, 'license') }) as ObligationsSearch;
