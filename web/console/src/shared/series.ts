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

/** The usual distance between points: the median, so that gaps do not count. */
export function usualStep(points: readonly Point[]): number {
  const steps: number[] = [];
  for (let i = 1; i < points.length; i++) {
    const step = (points[i]?.at ?? 0) - (points[i - 1]?.at ?? 0);
    if (step > 0) steps.push(step);
  }
  if (steps.length === 0) return 0;
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/** Sorts points, keeps the last of each instant, and puts a null where more than two and a half steps are missing. */
export function toColumns(points: readonly Point[]): Columns {
  const byInstant = new Map(points.map((point) => [point.at, point]));
  const sorted = [...byInstant.values()].sort((a, b) => a.at - b.at);
  const step = usualStep(sorted);
  const out: Columns = { at: [], measured: [], doubtful: [] };
  let before: Point | undefined;
  for (const point of sorted) {
    if (before && step > 0 && point.at - before.at > 2.5 * step) {
      out.at.push(before.at + step);
      out.measured.push(null);
      out.doubtful.push(null);
    }
    out.at.push(point.at);
    out.measured.push(point.value);
    out.doubtful.push(point.good ? null : point.value);
    before = point;
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
