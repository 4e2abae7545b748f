import { oneOf, present, text, type RawSearch } from '@shared/search';

export const mismatchStates = ['open', 'accepted', 'corrected', 'gone'] as const;
export const mismatchKinds = [
  'disconnected_on_paper_drawing',
  'energised_not_permitted',
  'permitted_not_confirmed',
  'load_over_license',
  'flat_load_unlicensed',
  'registered_missing_from_list',
  'listed_unknown_point',
  'consumer_differs',
] as const;

export interface ReconciliationSearch {
  state?: (typeof mismatchStates)[number];
  kind?: (typeof mismatchKinds)[number];
  utility?: string;
}

export const reconciliationSearch = (raw: RawSearch): ReconciliationSearch =>
  present({ state: oneOf(raw, 'state', mismatchStates), kind: oneOf(raw, 'kind', mismatchKinds), utility: text(raw, 'utility') }) as ReconciliationSearch;
