/** Time series as a chart wants them: seconds, aligned, gaps as nulls. Pure, so that it can be tested as a table. */

export interface Point {
  /** Seconds since the epoch. */
  at: number;
  /** Kilowatts; null is no value. */
  value: number | null;
  /** Whether the value may be relied on. */
  good: boolean;
}

/** Columns for the chart: measured, and the same values where they are doubtful. */
export interface Columns {
  at: number[];
  measured: (number | null)[];
  doubtful: (number | null)[];
}

const NEIGHBOURS = 4;

/**
 * The usual distance to the point before, around a place: the upper median of the distances of its neighbours,
 * because old points may be further apart than new ones. Infinity when there is none to compare with.
 */
export function usualStep(steps: readonly number[], place: number): number {
  const around = [...steps.slice(Math.max(1, place - NEIGHBOURS), place), ...steps.slice(place + 1, place + 1 + NEIGHBOURS)].sort((a, b) => a - b);
  return around[Math.floor(around.length / 2)] ?? Infinity;
}

/** Sorts points, keeps the last of each instant, and puts a null where more than two and a half usual steps are missing. */
export function toColumns(points: readonly Point[]): Columns {
  const byInstant = new Map(points.map((point) => [point.at, point]));
  const sorted = [...byInstant.values()].sort((a, b) => a.at - b.at);
  const steps = sorted.map((point, i) => (i === 0 ? 0 : point.at - (sorted[i - 1]?.at ?? 0)));
  const out: Columns = { at: [], measured: [], doubtful: [] };
  for (const [i, point] of sorted.entries()) {
    const step = steps[i] ?? 0;
    const usual = usualStep(steps, i);
    if (i > 0 && step > 2.5 * usual) {
      out.at.push(point.at - step + usual);
      out.measured.push(null);
      out.doubtful.push(null);
    }
    out.at.push(point.at);
    out.measured.push(point.value);
    out.doubtful.push(point.good ? null : point.value);
  }
  return out;
}

/** The greatest and the last value that there is. */
export function summary(points: readonly Point[]): { max: number | null; last: Point | undefined } {
  let max: number | null = null;
  let last: Point | undefined;
  for (const point of points) {
    if (point.value === null) continue;
    if (max === null || point.value > max) max = point.value;
    if (!last || point.at >= last.at) last = point;
  }
  return { max, last };
}
