import { oneOf, present, text, whole, type RawSearch } from '@shared/search';

export const findingStates = ['open', 'acknowledged', 'dismissed', 'closed'] as const;
export type FindingState = (typeof findingStates)[number];
export const tiers = ['A', 'B', 'C'] as const;
export type Tier = (typeof tiers)[number];
export const sorts = ['stake', 'kw', 'score', 'raised', 'seen'] as const;
export type Sort = (typeof sorts)[number];

export interface FindingsSearch {
  state?: FindingState | 'all';
  tier?: Tier;
  /** Two digits: the region of the substation. */
  region?: string;
  use?: string;
  rule?: string;
  q?: string;
  sort?: Sort;
  /** A node: its own findings and those below it. */
  target?: string;
}

export const findingsSearch = (raw: RawSearch): FindingsSearch =>
  present({
    state: oneOf(raw, 'state', [...findingStates, 'all'] as const),
    tier: oneOf(raw, 'tier', tiers),
    region: text(raw, 'region')?.match(/^\d{2}$/)?.[0],
    use: text(raw, 'use'),
    rule: text(raw, 'rule'),
    q: text(raw, 'q'),
    sort: oneOf(raw, 'sort', sorts),
    target: text(raw, 'target'),
  }) as FindingsSearch;

export interface RangeSearch {
  /** Seconds since the epoch: the part of the charts that is shown. */
  from?: number;
  to?: number;
}
export const rangeSearch = (raw: RawSearch): RangeSearch => present({ from: whole(raw, 'from'), to: whole(raw, 'to') }) as RangeSearch;

export const acts = ['acknowledgement', 'dismissal', 'reopening', 'watch'] as const;
export type Act = (typeof acts)[number];

export interface FindingSearch extends RangeSearch {
  /** The act that a key of the list asked for. */
  act?: Act;
}
export const findingSearch = (raw: RawSearch): FindingSearch => present({ ...rangeSearch(raw), act: oneOf(raw, 'act', acts) }) as FindingSearch;

export const spans = ['2d', '7d', '14d', '35d'] as const;
export type Span = (typeof spans)[number];
export interface FeederSearch extends RangeSearch {
  span?: Span;
}
export const feederSearch = (raw: RawSearch): FeederSearch => present({ ...rangeSearch(raw), span: oneOf(raw, 'span', spans) }) as FeederSearch;

export interface RegionsSearch {
  region?: string;
  tier?: Tier;
  state?: FindingState | 'all';
}
export const regionsSearch = (raw: RawSearch): RegionsSearch => {
  const { region, tier, state } = findingsSearch(raw);
  return present({ region, tier, state }) as RegionsSearch;
};

/** A search without some of its parts. */
export function without<T extends object, K extends keyof T>(search: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(search).filter(([key]) => !keys.some((one) => one === key))) as Omit<T, K>;
}

export const allowanceStates = ['proposed', 'active', 'rejected', 'ended'] as const;
export interface AllowancesSearch {
  state?: (typeof allowanceStates)[number];
}
export const allowancesSearch = (raw: RawSearch): AllowancesSearch => present({ state: oneOf(raw, 'state', allowanceStates) }) as AllowancesSearch;
