import { oneOf, present, text, type RawSearch } from '@shared/search';

export const inspectionViews = ['mine', 'ongoing', 'planned', 'ready', 'in_progress', 'submitted', 'finalized', 'cancelled', 'all'] as const;
export type InspectionView = (typeof inspectionViews)[number];
export const inspectionKinds = ['planned', 'unscheduled', 'preventive'] as const;
export type InspectionKind = (typeof inspectionKinds)[number];

export interface InspectionsSearch {
  view?: InspectionView;
  kind?: InspectionKind;
  q?: string;
  /** Planned on or after, and on or before, this legal date. */
  from?: string;
  until?: string;
  /** Only those of a case, by its id. */
  case?: string;
}

const day = (raw: RawSearch, key: string) => {
  const value = text(raw, key);
  return value !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined;
};

export const inspectionsSearch = (raw: RawSearch): InspectionsSearch =>
  present({ view: oneOf(raw, 'view', inspectionViews), kind: oneOf(raw, 'kind', inspectionKinds), q: text(raw, 'q'), from: day(raw, 'from'), until: day(raw, 'until'), case: text(raw, 'case') }) as InspectionsSearch;

/** What the form for a new inspection begins with, from the case where it was opened. */
export interface NewInspectionSearch {
  case?: string;
  title?: string;
  site?: string;
  point?: string;
}

export const newInspectionSearch = (raw: RawSearch): NewInspectionSearch =>
  present({ case: text(raw, 'case'), title: text(raw, 'title'), site: text(raw, 'site'), point: text(raw, 'point') }) as NewInspectionSearch;
