import { present, text, type RawSearch } from '@shared/search';

export interface RegisterSearch {
  q?: string;
}

export const registerSearch = (raw: RawSearch): RegisterSearch => present({ q: text(raw, 'q') }) as RegisterSearch;
