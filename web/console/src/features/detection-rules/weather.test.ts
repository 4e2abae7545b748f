import { expect, test } from 'vitest';
import { daysOf, weatherOf } from './weather';

const row = (line: number, at: string, celsius: string, place?: string) => ({ line, values: { at, celsius, ...(place ? { place } : {}) } });

test('a file of temperatures is read as stations write it, and what cannot be read is told by its line', () => {
  const { readings, wrong } = weatherOf(
    [
      row(2, '2026-11-22T05:00:00Z', '-12.3'),
      row(3, '2026-11-22 11:00', '−12,5', 'PS12'),
      row(4, '2026-11-22T12:00+05:00', '4'),
      row(5, '2026-11-22T13:00:00Z', ''),
      row(6, '22 November', '-3'),
      row(7, '2026-11-22T14:00:00Z', '-300'),
      row(8, '2026-11-22T15:00:00Z', 'cold'),
    ],
    '55',
  );
  expect(readings).toEqual([
    { place: '55', at: '2026-11-22T05:00:00.000Z', celsius: -12.3 },
    { place: 'PS12', at: '2026-11-22T06:00:00.000Z', celsius: -12.5 },
    { place: '55', at: '2026-11-22T07:00:00.000Z', celsius: 4 },
  ]);
  expect(wrong).toEqual([6, 7, 8]);
});

test('a row without a place needs the place of all', () => {
  expect(weatherOf([row(2, '2026-11-22T05:00:00Z', '1')], '')).toEqual({ readings: [], wrong: [2] });
});

test('days are those of Kazakhstan, the newest first', () => {
  expect(
    daysOf([
      { at: '2026-11-21T18:59:00Z', celsius: 2 },
      { at: '2026-11-21T19:00:00Z', celsius: -4 },
      { at: '2026-11-22T05:00:00Z', celsius: -2 },
    ]),
  ).toEqual([
    { date: '2026-11-22', lowest: -4, mean: -3, highest: -2, count: 2 },
    { date: '2026-11-21', lowest: 2, mean: 2, highest: 2, count: 1 },
  ]);
});
