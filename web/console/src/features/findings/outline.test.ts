import { expect, it } from 'vitest';
import { centres, mapSize, outline, project } from '@shared/country';
import { regionCodes } from './place';

/** Whether a place is inside the outline, by the number of its edges to the right. */
function inside(x: number, y: number): boolean {
  const points = outline.replace(/^M|Z$/g, '').split('L').map((pair) => pair.split(' ').map(Number));
  let odd = false;
  for (const [i, [ax = 0, ay = 0]] of points.entries()) {
    const [bx = 0, by = 0] = points[(i + points.length - 1) % points.length] ?? [];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
  }
  return odd;
}

it('puts every region inside the country, and places abroad outside', () => {
  expect(Object.keys(centres).sort()).toEqual([...regionCodes].sort());
  for (const code of regionCodes) {
    const [longitude, latitude] = centres[code] ?? [0, 0];
    const { x, y } = project(longitude, latitude);
    expect(x > 0 && x < mapSize.width && y > 0 && y < mapSize.height, code).toBe(true);
    expect(inside(x, y), code).toBe(true);
  }
  const abroad: [number, number][] = [[69.24, 41.3], [74.59, 42.87], [73.37, 54.98]]; // Tashkent, Bishkek, Omsk
  for (const [longitude, latitude] of abroad) {
    const { x, y } = project(longitude, latitude);
    expect(inside(x, y)).toBe(false);
  }
});
