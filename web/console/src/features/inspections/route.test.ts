import { expect, it } from 'vitest';
import { frameOf, routeOf, type Stop } from './route';

const stop = (id: string, more: Partial<Stop> = {}): Stop => ({ id, number: id, lead: 'a', route: 0, ...more });

it('orders the day of each lead by the place in the route, those without one last', () => {
  const { stops } = routeOf([stop('3'), stop('2', { route: 2 }), stop('1', { route: 1 }), stop('9', { lead: 'b', route: 7 })]);
  expect(stops.map(({ visit, order }) => `${visit.id}:${order}`)).toEqual(['1:1', '2:2', '3:3', '9:1']);
});

it('tells a known place from one of which only the region is known, and from none', () => {
  const { stops } = routeOf([stop('1', { lat: 52.3, lon: 76.9 }), stop('2', { region: '55' }), stop('3', { region: '99' })]);
  expect(stops.map(({ exact, at }) => [exact, at !== undefined])).toEqual([[true, true], [false, true], [false, false]]);
});

it('shows every stop apart from the others and inside the frame', () => {
  for (let n = 1; n <= 24; n++) {
    const { stops, frame } = routeOf(Array.from({ length: n }, (_, i) => stop(String(i), i % 3 === 0 ? { lat: 52.28 + i / 400, lon: 76.95 } : { region: '55' })));
    const places = stops.flatMap(({ at }) => (at ? [at] : []));
    expect(places.length).toBe(n);
    for (const [i, a] of places.entries()) {
      expect(a.x > frame.x && a.x < frame.x + frame.width && a.y > frame.y && a.y < frame.y + frame.height).toBe(true);
      for (const b of places.slice(i + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y) / frame.width).toBeGreaterThan(0.005);
    }
  }
});

it('shows the whole country when no place is known', () => {
  expect(frameOf([]).width).toBeGreaterThan(1000);
});
