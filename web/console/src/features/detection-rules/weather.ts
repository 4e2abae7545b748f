import type { Schemas } from '@shared/api/client';

interface Row {
  line: number;
  values: Readonly<Record<string, string>>;
}

type Reading = Schemas['WeatherReading'];

const offset = 5 * 3_600_000; // legal time of Kazakhstan

/** An instant as files write it: ISO with its offset, or the wall's time in Kazakhstan without one. */
function instantOf(typed: string): string | undefined {
  const text = typed.trim().replace(' ', 'T');
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i.exec(text);
  if (!parts) return undefined;
  const [, day = '', time = '', zone] = parts;
  const at = Date.parse(`${day}T${time}${zone ?? '+05:00'}`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** A temperature as files write it, with a comma or a point and with any minus. */
function celsiusOf(typed: string): number | undefined {
  const text = typed.trim().replace(',', '.').replace(/^[−–]/, '-');
  if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return value >= -90 && value <= 60 ? value : undefined;
}

/** What a file of temperatures says: its readings, and the lines that cannot be read. A row without a place is of the place given. */
export function weatherOf(rows: readonly Row[], place: string): { readings: Reading[]; wrong: number[] } {
  const readings: Reading[] = [];
  const wrong: number[] = [];
  for (const { line, values } of rows) {
    const at = instantOf(values.at ?? '');
    const celsius = celsiusOf(values.celsius ?? '');
    const where = (values.place ?? '').trim() || place;
    if ((values.celsius ?? '').trim() === '' && at) continue; // nothing was measured
    if (at === undefined || celsius === undefined || where === '') wrong.push(line);
    else readings.push({ place: where, at, celsius });
  }
  return { readings, wrong };
}

export interface Day {
  date: string;
  lowest: number;
  mean: number;
  highest: number;
  count: number;
}

/** Temperatures by legal day, the newest first. */
export function daysOf(points: readonly { at: string; celsius: number }[]): Day[] {
  const days = new Map<string, number[]>();
  for (const { at, celsius } of points) {
    const date = new Date(Date.parse(at) + offset).toISOString().slice(0, 10);
    days.set(date, [...(days.get(date) ?? []), celsius]);
  }
  return [...days]
    .map(([date, all]) => ({ date, lowest: Math.min(...all), mean: all.reduce((sum, one) => sum + one, 0) / all.length, highest: Math.max(...all), count: all.length }))
    .sort((a, b) => b.date.localeCompare(a.date));
}
