import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(join(process.cwd(), 'console/src/app/tokens.css'), 'utf8');
const [light = '', dark = ''] = [...css.matchAll(/:root[^{]*\{([^}]*)\}/g)].map((match) => match[1]);
const token = (theme: string, name: string): [number, number, number] => {
  const hex = new RegExp(`${name}: #([0-9a-f]{6});`).exec(theme)?.[1];
  if (!hex) throw new Error(`${name} is no plain colour`);
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
};

/** Relative luminance, WCAG 2.2. */
function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: readonly number[], b: readonly number[]): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

it('measures contrast as WCAG does', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
  expect(contrast([118, 118, 118], [255, 255, 255])).toBeCloseTo(4.54, 2);
});

describe.each([['light', light], ['dark', dark]])('a chart in the %s theme', (_, theme) => {
  it.each([
    ['the measured line', '--ink'],
    ['the limit', '--refuse'],
    ['the edge of the expected band', '--band-edge'],
    ['a flag', '--stop'],
  ])('draws %s with at least 3:1', (_, name) => {
    for (const ground of ['--bg', '--surface']) expect(contrast(token(theme, name), token(theme, ground)), ground).toBeGreaterThanOrEqual(3);
  });
  it('writes its labels with at least 4.5:1', () => {
    for (const name of ['--ink-3', '--refuse', '--stop']) expect(contrast(token(theme, name), token(theme, '--bg')), name).toBeGreaterThanOrEqual(4.5);
  });
});
