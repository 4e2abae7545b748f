/** Reading values out of the URL: whatever is not as expected is as if it were absent. */

export type RawSearch = Record<string, unknown>;

/** A non-empty text. The router parses digits as numbers, so those count as texts too. */
export function text(raw: RawSearch, key: string): string | undefined {
  const value = raw[key];
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** One of a closed list. */
export function oneOf<T extends string>(raw: RawSearch, key: string, allowed: readonly T[]): T | undefined {
  const value = text(raw, key);
  return allowed.find((item) => item === value);
}

/** A whole number. */
export function whole(raw: RawSearch, key: string): number | undefined {
  const value = Number(raw[key]);
  return raw[key] !== undefined && raw[key] !== '' && Number.isSafeInteger(value) ? value : undefined;
}

/** The search without its absent values, so that the URL stays short. */
export function present<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T;
}
