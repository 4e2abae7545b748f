import { present, text, type RawSearch } from '@shared/search';

export interface GridSearch {
  node?: string;
}
export const gridSearch = (raw: RawSearch): GridSearch => present({ node: text(raw, 'node') }) as GridSearch;
