import { oneOf, present, text, type RawSearch } from '@shared/search';

export const standingKinds = ['supply_basis', 'curtailment', 'legal_hold', 'suspect_premises', 'claim', 'area_transfer'] as const;
export type StandingKind = (typeof standingKinds)[number];

/** What each kind can be recorded for; the server holds the same table. */
export const scopesOf = {
  supply_basis: ['connection_point', 'license'],
  curtailment: ['connection_point', 'feeder', 'substation', 'grid'],
  legal_hold: ['connection_point', 'site', 'license', 'party'],
  suspect_premises: ['connection_point', 'site', 'party'],
  claim: ['connection_point'],
  area_transfer: ['connection_point', 'feeder', 'substation'],
} as const satisfies Record<StandingKind, readonly string[]>;

export interface StandingSearch {
  kind?: StandingKind;
  view?: 'all';
  scope_id?: string;
}

export const standingSearch = (raw: RawSearch): StandingSearch =>
  present({ kind: oneOf(raw, 'kind', standingKinds), view: oneOf(raw, 'view', ['all'] as const), scope_id: text(raw, 'scope_id') }) as StandingSearch;
