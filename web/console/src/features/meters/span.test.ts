import { expect, it } from 'vitest';
import { meterSearch, resolutionFor, spanOf } from './span';

it('takes a fixed range over a window, and a window when the range is none', () => {
  expect(spanOf({ window: '7d', from: 1000, to: 4600 })).toMatchObject({ live: false, resolution: 'raw', length: 3600 });
  expect(spanOf({ window: '7d', from: 4600, to: 1000 })).toMatchObject({ live: true, resolution: '15m' });
  const now = new Date('2026-11-22T08:00:00Z');
  expect(spanOf({}).bounds(now)).toEqual({ from: new Date('2026-11-21T08:00:00Z'), to: now });
});
it('reads only what it understands from the address', () => {
  expect(meterSearch({ window: '5y', from: '12', to: 'x' })).toEqual({ from: 12 });
});
it('shows longer ranges more coarsely', () => {
  expect([3600, 86_400, 30 * 86_400, 300 * 86_400].map(resolutionFor)).toEqual(['raw', '15m', '1h', '1d']);
});
