import type { Schemas } from '@shared/api/client';

export type Table = Schemas['ReferenceTableWire'];
export type Row = Schemas['ReferenceRowWire'];

/** What names a row in its table. */
export const keyOf = (table: Table, row: Row): string => table.key.map((name) => row.values[name] ?? '').join(' · ');

/** A row holds on a legal date. */
export const holdsOn = (table: Table, row: Row, date: string): boolean => !table.dated || ((row.valid_from ?? '') <= date && (!row.valid_until || row.valid_until > date));

/** The legal dates on which something changes, and today, in order: where the slider stops. */
export function stops(rows: readonly Row[], today: string): string[] {
  const days = new Set([today]);
  for (const row of rows) for (const day of [row.valid_from, row.valid_until]) if (day) days.add(day);
  return [...days].sort();
}

/** The stop that a date stands on: the last that is not after it. */
export function stopAt(days: readonly string[], date: string): number {
  const after = days.findIndex((day) => day > date);
  return after === -1 ? days.length - 1 : Math.max(0, after - 1);
}
