import { describe, expect, it } from 'vitest';
import type { Person } from './api';
import { blankPerson, formOf, heldOn, inputOf, never, shareOn, timelineOf } from './persons';

const line = (id: string, valid_from: string, valid_until?: string, share_percent = 0): Person =>
  ({ id, version: 1, role: share_percent ? 'beneficial_owner' : 'director', name: 'Ә', citizenship: 'KZ', valid_from, ...(valid_until ? { valid_until } : {}), share_percent, recorded_at: '2026-03-01T00:00:00Z', also_at: [] }) as Person;

describe('people of a party', () => {
  it('are in effect from the first day until the day of the end, which is not included', () => {
    const person = line('a', '2026-01-10', '2026-02-01');
    expect(['2026-01-09', '2026-01-10', '2026-01-31', '2026-02-01'].map((date) => heldOn(person, date))).toEqual([false, true, true, false]);
    expect(never(line('b', '2026-01-10', '2026-01-10'))).toBe(true);
  });

  it('sum to the shares of a day', () => {
    const owners = [line('a', '2026-01-01', '2026-02-01', 33.34), line('b', '2026-01-15', undefined, 66.66)];
    expect(['2026-01-01', '2026-01-20', '2026-02-01'].map((date) => shareOn(owners, date))).toEqual([33.34, 100, 66.66]);
  });

  it('lie in time from the first beginning to the end of today', () => {
    const { from, bars, mark } = timelineOf([line('a', '2026-01-01', '2026-01-06'), line('b', '2026-01-06'), line('c', '2026-01-02', '2026-01-02')], '2026-01-10', '2026-01-06');
    expect(from).toBe('2026-01-01');
    expect(bars).toEqual([
      { id: 'a', start: 0, length: 0.5, open: false },
      { id: 'b', start: 0.5, length: 0.5, open: true },
    ]);
    expect(mark).toBe(0.5);
  });

  it('are typed day first with a comma and sent as the API takes them', () => {
    expect(inputOf({ ...blankPerson, role: 'beneficial_owner', name: ' Әлия ', iin: '900101 400 000', citizenship: 'kz', share: '33,34 %', from: '02.03.2026', until: '' })).toEqual({
      role: 'beneficial_owner', name: 'Әлия', iin: '900101400000', citizenship: 'KZ', share_percent: 33.34, valid_from: '2026-03-02',
    });
    expect(inputOf({ ...blankPerson, from: 'кеше' }).valid_from).toBe('кеше');
    expect(formOf(line('a', '2026-01-10', '2026-02-01', 33.34))).toMatchObject({ from: '10.01.2026', until: '01.02.2026', share: '33,34' });
  });
});
