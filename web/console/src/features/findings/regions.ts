import type { Counts } from './api';
import { tiers, type Tier } from './search';

type Item = Counts['items'][number];

/** The findings of one place together. */
export interface Cluster {
  /** The key of the place. */
  region: string;
  name: string;
  count: number;
  kw: number;
  byTier: Record<Tier, number>;
  /** The tier that asks for most. */
  worst: Tier;
}

/** Puts counts together by a key, the most power first. */
export function clustersOf(items: readonly Item[], keyOf: (item: Item) => string): Cluster[] {
  const byKey = new Map<string, Cluster>();
  for (const item of items) {
    const key = keyOf(item);
    const cluster = byKey.get(key) ?? { region: key, name: item.name, count: 0, kw: 0, byTier: { A: 0, B: 0, C: 0 }, worst: 'C' as const };
    cluster.count += item.count;
    cluster.kw += item.kw;
    cluster.byTier[item.tier] += item.count;
    cluster.worst = tiers.find((tier) => cluster.byTier[tier] > 0) ?? 'C';
    byKey.set(key, cluster);
  }
  return [...byKey.values()].sort((a, b) => b.kw - a.kw);
}
