import { centres, mapSize, project } from '@shared/country';

/** What a stop needs to know of a visit. */
export interface Stop {
  id: string;
  lead: string;
  route: number;
  number: string;
  region?: string | undefined;
  lat?: number | undefined;
  lon?: number | undefined;
}

export interface Placed<T extends Stop> {
  visit: T;
  /** The place in the order of the day of its lead, from 1. */
  order: number;
  /** Where on the map; absent when neither a place nor a region is known. */
  at?: { x: number; y: number } | undefined;
  /** Whether the place itself is known, or only its region. */
  exact: boolean;
}

export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Stops that share a place stand around it, so that each can be seen and chosen. */
const APART = 0.035;

function placeOf({ lat, lon, region }: Stop): { at?: { x: number; y: number }; exact: boolean } {
  if (lat !== undefined && lon !== undefined) return { at: project(lon, lat), exact: true };
  const centre = region === undefined ? undefined : centres[region];
  return centre ? { at: project(centre[0], centre[1]), exact: false } : { exact: false };
}

/** The part of the map that shows every place with room around, and not less than a fifth of the country. */
export function frameOf(places: readonly { x: number; y: number }[]): Frame {
  if (places.length === 0) return { x: -10, y: -10, width: mapSize.width + 20, height: mapSize.height + 20 };
  const xs = places.map(({ x }) => x);
  const ys = places.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const width = Math.max((right - left) * 1.5, ((bottom - top) * 1.7 * mapSize.width) / mapSize.height, mapSize.width / 5);
  const height = (width * mapSize.height) / mapSize.width;
  return { x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height };
}

/** The visits of a day in the order in which they are made: by who leads, by the place in the route, by number. */
export function routeOf<T extends Stop>(visits: readonly T[]): { stops: Placed<T>[]; frame: Frame } {
  const sorted = [...visits].sort((a, b) => a.lead.localeCompare(b.lead) || (a.route || Infinity) - (b.route || Infinity) || a.number.localeCompare(b.number));
  const counts = new Map<string, number>();
  const stops: Placed<T>[] = sorted.map((visit) => {
    const order = (counts.get(visit.lead) ?? 0) + 1;
    counts.set(visit.lead, order);
    return { visit, order, ...placeOf(visit) };
  });
  const frame = frameOf(stops.flatMap(({ at }) => (at ? [at] : [])));
  const crowds = new Map<string, Placed<T>[]>();
  for (const stop of stops) {
    if (!stop.at) continue;
    const key = `${Math.round((stop.at.x / frame.width) * 60)} ${Math.round((stop.at.y / frame.width) * 60)}`;
    crowds.set(key, [...(crowds.get(key) ?? []), stop]);
  }
  for (const crowd of crowds.values()) {
    if (crowd.length < 2) continue;
    const around = frame.width * APART * Math.max(1, crowd.length / 6);
    crowd.forEach((stop, index) => {
      const angle = (2 * Math.PI * index) / crowd.length - Math.PI / 2;
      if (stop.at) stop.at = { x: stop.at.x + around * Math.cos(angle), y: stop.at.y + around * Math.sin(angle) };
    });
  }
  return { stops, frame };
}
