import { oneOf, present, text, type RawSearch } from '@shared/search';

export const findingStates = ['open', 'acknowledged', 'dismissed', 'closed'] as const;
export type FindingState = (typeof findingStates)[number];

export interface FindingsSearch {
  state?: FindingState | 'all';
  target?: string;
}

export const findingsSearch = (raw: RawSearch): FindingsSearch => present({ state: oneOf(raw, 'state', [...findingStates, 'all'] as const), target: text(raw, 'target') }) as FindingsSearch;
