import { expect, test } from 'vitest';
import { exact, fits, typedNumber } from './numbers';

test('a number is read with a comma or a point, and nothing else is', () => {
  expect(['2,4', '2.4', ' 1 000 ', '-3', '.5'].map(typedNumber)).toEqual([2.4, 2.4, 1000, -3, 0.5]);
  expect(['', 'a', '2.4 kW', '1,2,3', '0x10', '1e3'].map(typedNumber)).toEqual(Array(6).fill(undefined));
});

test('a number is shown with all its digits and no more', () => {
  expect([0.0018, 1.015, 3, 0.5].map((value) => exact(value, 'en'))).toEqual(['0.0018', '1.015', '3', '0.5']);
});

test('a number fits within its bounds, and whole where it has to be', () => {
  const runs = { min: 1, max: 96, whole: true };
  expect([0, 1, 2.5, 96, 97, undefined].map((value) => fits(value, runs))).toEqual([false, true, false, true, false, false]);
  expect(fits(2.5, { ...runs, whole: false })).toBe(true);
});
