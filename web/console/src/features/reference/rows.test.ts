import { describe, expect, it } from 'vitest';
import { holdsOn, keyOf, stopAt, stops, type Row, type Table } from './rows';

const table: Table = { kind: 'legal_values', key: ['code'], dated: true, columns: [] };
const row = (valid_from: string, valid_until = ''): Row => ({ values: { code: 'mci' }, valid_from, ...(valid_until ? { valid_until } : {}), in_force: true });

describe('rows by date', () => {
  const rows = [row('2025-01-01', '2026-01-01'), row('2026-01-01')];

  it.each([
    ['2024-12-31', 0],
    ['2025-01-01', 1],
    ['2025-12-31', 1],
    ['2026-01-01', 1],
  ])('on %s %d holds', (date, count) => expect(rows.filter((one) => holdsOn(table, one, date))).toHaveLength(count));

  it('stops where something changes, and today', () => {
    const days = stops(rows, '2026-11-22');
    expect(days).toEqual(['2025-01-01', '2026-01-01', '2026-11-22']);
    expect(days[stopAt(days, '2026-06-01')]).toBe('2026-01-01');
    expect(stopAt(days, '2020-01-01')).toBe(0);
    expect(keyOf(table, rows[0] as Row)).toBe('mci');
  });
});
