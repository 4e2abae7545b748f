import { present, text, type RawSearch } from '@shared/search';

export interface ReferenceSearch {
  kind?: string;
  /** The legal date whose rows are shown. */
  on?: string;
  /** The key of the row that a proposal begins from. */
  row?: string;
}

export const referenceSearch = (raw: RawSearch): ReferenceSearch => present({ kind: text(raw, 'kind'), on: text(raw, 'on'), row: text(raw, 'row') }) as ReferenceSearch;
