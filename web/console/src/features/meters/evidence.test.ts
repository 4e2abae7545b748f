import { expect, test } from 'vitest';
import { energyOf, intervalsOf, startOf } from './evidence';

test('a start is read with a zone, or in the time of the country', () => {
  expect(startOf('2026-11-20T05:15:00Z')).toBe('2026-11-20T05:15:00.000Z');
  expect(startOf('2026-11-20T10:15+05:00')).toBe('2026-11-20T05:15:00.000Z');
  expect(Date.parse(startOf('20.11.2026 10:15') ?? '')).toBe(Date.UTC(2026, 10, 20, 5, 15));
  expect(startOf('yesterday')).toBeUndefined();
});

test('an energy is a number of either comma; anything else is not 0', () => {
  expect(energyOf('12,5')).toBe(12.5);
  expect(energyOf('1 250.25')).toBe(1250.25);
  expect(energyOf('')).toBeUndefined();
  expect(energyOf('-1')).toBeUndefined();
});

test('rows come in order of time, and lines that are no quarter of an hour are named', () => {
  const { intervals, wrong } = intervalsOf([
    { line: 2, values: { start: '20.11.2026 10:30', kwh: '2' } },
    { line: 3, values: { start: '20.11.2026 10:15', kwh: '1', export_kwh: '0,5' } },
    { line: 4, values: { start: '20.11.2026 10:20', kwh: '1' } },
    { line: 5, values: { start: '20.11.2026 10:45', kwh: '' } },
  ]);
  expect(intervals.map((row) => [row.kwh, row.export_kwh])).toEqual([[1, 0.5], [2, undefined]]);
  expect(wrong).toEqual([4, 5]);
});
