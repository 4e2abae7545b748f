import { present, oneOf, whole, type RawSearch } from '@shared/search';

export const windows = ['1h', '24h', '7d', '14d', '30d'] as const;
export type Window = (typeof windows)[number];
export type Resolution = 'raw' | '15m' | '1h' | '1d';

export interface MeterSearch {
  window?: Window;
  /** Seconds since the epoch: a fixed range, as dragged on the chart. */
  from?: number;
  to?: number;
}

export const meterSearch = (raw: RawSearch): MeterSearch => present({ window: oneOf(raw, 'window', windows), from: whole(raw, 'from'), to: whole(raw, 'to') }) as MeterSearch;

const HOUR = 3600;
const seconds: Record<Window, number> = { '1h': HOUR, '24h': 24 * HOUR, '7d': 7 * 24 * HOUR, '14d': 14 * 24 * HOUR, '30d': 30 * 24 * HOUR };

/** The finest resolution that a chart of so many seconds can show. */
export function resolutionFor(length: number): Resolution {
  if (length <= 6 * HOUR) return 'raw';
  if (length <= 8 * 24 * HOUR) return '15m';
  return length <= 62 * 24 * HOUR ? '1h' : '1d';
}

/** The span that a page shows. */
export interface Span {
  key: string;
  live: boolean;
  length: number;
  resolution: Resolution;
  bounds: (now: Date) => { from: Date; to: Date };
}

/** The span of a search: a fixed range where there is one, else a window that ends now. */
export function spanOf({ window = '24h', from, to }: MeterSearch): Span {
  if (from !== undefined && to !== undefined && to > from) {
    const length = to - from;
    return { key: `${from}-${to}`, live: false, length, resolution: resolutionFor(length), bounds: () => ({ from: new Date(from * 1000), to: new Date(to * 1000) }) };
  }
  const length = seconds[window];
  return { key: window, live: true, length, resolution: resolutionFor(length), bounds: (now) => ({ from: new Date(now.getTime() - length * 1000), to: now }) };
}
