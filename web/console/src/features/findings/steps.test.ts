import { expect, test } from 'vitest';
import { flagged } from './steps';

const step = (at: string, before_kw: number, after_kw: number) => ({ at, before_kw, after_kw });

test('of steps so near that their flags would cover each other the largest is flagged, and others stay', () => {
  const items = [{ at: '2026-11-02T00:00:00Z' }, { at: '2026-11-22T00:00:00Z' }];
  const small = step('2026-11-13T06:30:00Z', 0.2, 3);
  const large = step('2026-11-13T09:00:00Z', 3, 40.8);
  const down = step('2026-11-18T09:00:00Z', 40.8, 1);
  expect(flagged({ steps: [small, large, down], items })).toEqual([large, down]);
  expect(flagged({ steps: [small], items })).toEqual([small]);
  expect(flagged({ steps: [large, small], items: [] })).toEqual([small, large]);
});
