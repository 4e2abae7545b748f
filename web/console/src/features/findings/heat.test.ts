import { expect, it } from 'vitest';
import { cellsOf, shadeOf } from './heat';
import { pathOf } from './Neighbours';

it('puts quarter hours into the hours of the day in Kazakhstan', () => {
  const at = Date.parse('2026-11-21T19:00:00Z') / 1000; // midnight there
  const days = cellsOf([{ at, value: 1 }, { at: at + 900, value: 3 }, { at: at + 3600, value: undefined }, { at: at - 1, value: 7 }]);
  expect(days.map((day) => day.day)).toEqual(['2026-11-21', '2026-11-22']);
  expect(days[1]?.hours.slice(0, 2)).toEqual([2, null]);
  expect(days[0]?.hours[23]).toBe(7);
});
it('shades only what is beyond the uncertainty, and tells nothing from no value', () => {
  expect([null, 0.9, 1, 5.9, 6, 11, 20].map((value) => shadeOf(value, 1, 11))).toEqual([-1, 0, 1, 3, 3, 5, 5]);
  expect(shadeOf(2, 2, 2)).toBe(1);
});
it('draws gaps as gaps', () => {
  expect(pathOf([1, 1, null, 1], 30, 10).match(/M/g)?.length).toBe(2);
});
