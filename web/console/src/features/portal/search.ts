import { oneOf, present, text, type RawSearch } from '@shared/search';

export const kinds = ['issue', 'reissue', 'appendix_change', 'renewal', 'duplicate', 'termination'] as const;
export const steps = ['party', 'base'] as const;

export interface StartSearch {
  kind?: (typeof kinds)[number];
  sub?: 'I' | 'II';
  /** Absent while the reader only reads what it takes. */
  step?: (typeof steps)[number];
  /** The party that a clerk files for, by id. */
  party?: string;
  /** The license that it is about. */
  base?: string;
}

export const startSearch = (raw: RawSearch): StartSearch =>
  present({ kind: oneOf(raw, 'kind', kinds), sub: oneOf(raw, 'sub', ['I', 'II'] as const), step: oneOf(raw, 'step', steps), party: text(raw, 'party'), base: text(raw, 'base') }) as StartSearch;

export interface QuestionSearch {
  /** Back to the answers after this one. */
  from?: 'check';
  /** Show at once what is wrong. */
  show?: true;
}

export const questionSearch = (raw: RawSearch): QuestionSearch => present({ from: oneOf(raw, 'from', ['check'] as const), show: raw.show === true ? (true as const) : undefined }) as QuestionSearch;
