import { oneOf, present, type RawSearch } from '@shared/search';

export const paperStates = ['differs', 'answered', 'reported', 'matched', 'settled', 'spoiled'] as const;

export interface PaperSearch {
  state?: (typeof paperStates)[number];
}

export const paperSearch = (raw: RawSearch): PaperSearch => present({ state: oneOf(raw, 'state', paperStates) }) as PaperSearch;
