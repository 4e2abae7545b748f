import { present, text, type RawSearch } from '@shared/search';

export interface RegisterSearch {
  q?: string;
}

export const registerSearch = (raw: RawSearch): RegisterSearch => present({ q: text(raw, 'q') }) as RegisterSearch;

export interface DuplicatesSearch {
  state?: 'dismissed';
  party?: string;
}

export const duplicatesSearch = (raw: RawSearch): DuplicatesSearch =>
  present({ state: text(raw, 'state') === 'dismissed' ? 'dismissed' : undefined, party: text(raw, 'party') }) as DuplicatesSearch;

export interface MergeSearch {
  into?: string;
  from?: string;
}

export const mergeSearch = (raw: RawSearch): MergeSearch => present({ into: text(raw, 'into'), from: text(raw, 'from') }) as MergeSearch;
