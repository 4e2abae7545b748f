import { describe, expect, it } from 'vitest';
import { summary, toColumns, type Point } from './series';

const point = (at: number, value: number | null, good = true): Point => ({ at, value, good });

describe('columns of a chart', () => {
  it('breaks the line where readings are missing', () => {
    expect(toColumns([point(0, 1), point(10, 2), point(20, 3), point(60, 4), point(70, 5)])).toEqual({
      at: [0, 10, 20, 30, 60, 70],
      measured: [1, 2, 3, null, 4, 5],
      doubtful: [null, null, null, null, null, null],
    });
  });
  it('does not break for one late reading', () => {
    expect(toColumns([point(0, 1), point(10, 2), point(32, 3), point(42, 3)]).measured).toEqual([1, 2, 3, 3]);
  });
  it('takes no change of pace for a gap, but finds the gap after it', () => {
    const slow = Array.from({ length: 8 }, (_, i) => point(i * 300, 1));
    const fast = Array.from({ length: 8 }, (_, i) => point(2110 + i * 10, 2));
    const late = [point(2300, 3), point(2310, 3)];
    expect(toColumns([...slow, ...fast]).measured).not.toContain(null);
    expect(toColumns([...slow, ...fast, ...late]).measured.filter((value) => value === null)).toHaveLength(1);
  });
  it('sorts, keeps the last of an instant, marks the doubtful and leaves a missing value missing', () => {
    expect(toColumns([point(20, null), point(0, 1), point(10, 7), point(10, 2, false)])).toEqual({ at: [0, 10, 20], measured: [1, 2, null], doubtful: [null, 2, null] });
  });
  it('has nothing to show of nothing', () => expect(toColumns([])).toEqual({ at: [], measured: [], doubtful: [] }));
});

it('takes the greatest and the newest value, never a missing one', () => {
  expect(summary([point(0, 5), point(10, 2), point(20, null)])).toEqual({ max: 5, last: point(10, 2) });
  expect(summary([point(0, -3)]).max).toBe(-3);
  expect(summary([]).max).toBeNull();
});
