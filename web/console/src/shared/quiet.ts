import { useState } from 'react';

/** What a reader sees of a list that changes behind them. */
export interface Quiet<T> {
  rows: readonly T[];
  /** Rows that came since, and are not shown yet. */
  waiting: number;
  show: () => void;
}

/**
 * The rows to show: those the reader has, each in its newest form and in its old
 * place; rows that came since wait to be asked for, rows that went away go.
 */
export function quietRows<T>(shown: readonly string[], fresh: readonly T[], keyOf: (row: T) => string): { rows: T[]; waiting: number } {
  const byKey = new Map(fresh.map((row) => [keyOf(row), row]));
  const rows = shown.flatMap((key) => {
    const row = byKey.get(key);
    return row === undefined ? [] : [row];
  });
  const known = new Set(shown);
  return { rows, waiting: fresh.filter((row) => !known.has(keyOf(row))).length };
}

/** Keeps a refreshed list still under its reader. A change of scope (filters) starts anew. */
export function useQuietRows<T>(fresh: readonly T[] | undefined, keyOf: (row: T) => string, scope: string): Quiet<T> {
  const [shown, setShown] = useState<{ scope: string; keys: readonly string[] } | undefined>(undefined);
  if (fresh && shown?.scope !== scope) {
    const keys = fresh.map(keyOf);
    setShown({ scope, keys });
    return { rows: fresh, waiting: 0, show: () => undefined };
  }
  if (!fresh || !shown) return { rows: [], waiting: 0, show: () => undefined };
  return { ...quietRows(shown.keys, fresh, keyOf), show: () => setShown({ scope, keys: fresh.map(keyOf) }) };
}
