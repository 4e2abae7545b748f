/** A value at an instant, in seconds since the epoch. */
export interface Sample {
  at: number;
  value: number | undefined;
}

export interface HeatDay {
  /** Legal date in Kazakhstan. */
  day: string;
  /** Mean of each hour, null where nothing is known. */
  hours: (number | null)[];
}

const ALMATY = 5 * 3600;

/** Means by hour of the day in Kazakhstan, one row a day, oldest first. */
export function cellsOf(samples: readonly Sample[]): HeatDay[] {
  const sums = new Map<string, { sum: number; count: number }[]>();
  for (const { at, value } of samples) {
    const local = new Date((at + ALMATY) * 1000);
    const day = local.toISOString().slice(0, 10);
    const hours = sums.get(day) ?? Array.from({ length: 24 }, () => ({ sum: 0, count: 0 }));
    sums.set(day, hours);
    const cell = hours[local.getUTCHours()];
    if (cell && value !== undefined) {
      cell.sum += value;
      cell.count++;
    }
  }
  return [...sums.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([day, hours]) => ({ day, hours: hours.map(({ sum, count }) => (count === 0 ? null : sum / count)) }));
}

/** How many shades there are above the uncertainty. */
export const shades = 5;

/** The shade of a value: -1 nothing is known, 0 within the uncertainty, 1 to 5 above it. */
export function shadeOf(value: number | null, least: number, top: number): number {
  if (value === null) return -1;
  if (value < least) return 0;
  return top <= least ? 1 : Math.min(shades, 1 + Math.floor(((value - least) / (top - least)) * shades));
}
