import { present, whole, type RawSearch } from '@shared/search';

export interface LedgerSearch {
  /** The newest index shown. */
  before?: number;
}
export const ledgerSearch = (raw: RawSearch): LedgerSearch => present({ before: whole(raw, 'before') }) as LedgerSearch;
