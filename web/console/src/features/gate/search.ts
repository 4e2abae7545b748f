import { oneOf, present, text, type RawSearch } from '@shared/search';

export const decisions = ['permit', 'refer', 'deny'] as const;
export type DecisionFilter = (typeof decisions)[number];

export interface LogSearch {
  decision?: DecisionFilter;
}
export const logSearch = (raw: RawSearch): LogSearch => present({ decision: oneOf(raw, 'decision', decisions) }) as LogSearch;

export interface GateSearch {
  point?: string;
}
export const gateSearch = (raw: RawSearch): GateSearch => present({ point: text(raw, 'point') }) as GateSearch;
