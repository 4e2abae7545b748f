import { expect, it } from 'vitest';
import { clustersOf } from './regions';

it('puts counts of one place together, with the tier that asks for most', () => {
  const item = (substation: string, tier: 'A' | 'B' | 'C', count: number, kw: number) => ({ substation, name: substation, region: '55', tier, state: 'open' as const, count, kw });
  const found = clustersOf([item('S1', 'C', 2, 10), item('S2', 'B', 1, 50), item('S1', 'A', 1, 5)], (one) => one.substation);
  expect(found.map((cluster) => [cluster.region, cluster.count, cluster.kw, cluster.worst])).toEqual([['S2', 1, 50, 'B'], ['S1', 3, 15, 'A']]);
});
