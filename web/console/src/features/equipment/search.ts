import { oneOf, present, text, type RawSearch } from '@shared/search';

export const rigStates = ['active', 'stored', 'seized', 'sold', 'exported', 'scrapped'] as const;
export type RigState = (typeof rigStates)[number];

export interface EquipmentSearch {
  q?: string;
  owner?: string;
  site?: string;
  license?: string;
  state?: RigState;
  import?: string;
}

export const equipmentSearch = (raw: RawSearch): EquipmentSearch =>
  present({ q: text(raw, 'q'), owner: text(raw, 'owner'), site: text(raw, 'site'), license: text(raw, 'license'), state: oneOf(raw, 'state', rigStates), import: text(raw, 'import') }) as EquipmentSearch;

export interface AlarmsSearch {
  state?: 'resolved' | 'all';
}

export const alarmsSearch = (raw: RawSearch): AlarmsSearch => present({ state: oneOf(raw, 'state', ['resolved', 'all'] as const) }) as AlarmsSearch;
