import { oneOf, present, text, type RawSearch } from '@shared/search';

export const caseViews = ['mine', 'ongoing', 'overdue', 'look', 'ended', 'all'] as const;
export type CaseView = (typeof caseViews)[number];

export interface CasesSearch {
  view?: CaseView;
  q?: string;
  subject?: string;
}

export const casesSearch = (raw: RawSearch): CasesSearch => present({ view: oneOf(raw, 'view', caseViews), q: text(raw, 'q'), subject: text(raw, 'subject') }) as CasesSearch;

/** What a form for a new case begins with, from where it was opened. */
export interface NewCaseSearch {
  source?: 'finding' | 'mismatch';
  ref?: string;
  kw?: string;
  title?: string;
}

export const newCaseSearch = (raw: RawSearch): NewCaseSearch =>
  present({ source: oneOf(raw, 'source', ['finding', 'mismatch'] as const), ref: text(raw, 'ref'), kw: text(raw, 'kw'), title: text(raw, 'title') }) as NewCaseSearch;

export interface ReportSearch {
  year?: string;
}

export const reportSearch = (raw: RawSearch): ReportSearch => present({ year: text(raw, 'year') }) as ReportSearch;
