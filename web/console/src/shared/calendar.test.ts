import { describe, expect, it } from 'vitest';
import { daysOf, monthAfter, step } from './calendar';

describe('a page of the calendar', () => {
  it.each([
    ['2026-11', '2026-10-26', '2026-12-06'],
    ['2027-02', '2027-02-01', '2027-02-28'],
    ['2026-12', '2026-11-30', '2027-01-03'],
  ])('%s begins on Monday %s and ends on Sunday %s', (month, first, last) => {
    const days = daysOf(month);
    expect([days.at(0)?.date, days.at(-1)?.date, days.length % 7]).toEqual([first, last, 0]);
  });

  it.each([
    ['2026-03-31', -1, '2026-02-28'],
    ['2026-12-15', 1, '2027-01-15'],
    ['2026-01-31', 1, '2026-02-28'],
  ])('%s and %d months is %s', (date, months, result) => expect(monthAfter(date, months)).toBe(result));

  it('moves by keys and by no others', () => {
    expect(step('2026-03-01', 'ArrowLeft')).toBe('2026-02-28');
    expect(step('2026-03-01', 'ArrowDown')).toBe('2026-03-08');
    expect(step('2026-03-01', 'a')).toBeUndefined();
  });
});
