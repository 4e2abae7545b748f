import { oneOf, present, text, type RawSearch } from '@shared/search';

export const unitStates = ['mismatch', 'dead', 'frozen', 'late', 'budget', 'due', 'ok'] as const;
export type UnitState = (typeof unitStates)[number];

export interface FleetSearch {
  state?: UnitState;
  /** By gateway and not by meter. */
  view?: 'gateways';
  endpoint?: string;
  q?: string;
}

export const fleetSearch = (raw: RawSearch): FleetSearch =>
  present({ state: oneOf(raw, 'state', unitStates), view: oneOf(raw, 'view', ['gateways'] as const), endpoint: text(raw, 'endpoint'), q: text(raw, 'q') }) as FleetSearch;
