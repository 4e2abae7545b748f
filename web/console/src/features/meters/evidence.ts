import { queryOptions } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';
import { toInstant } from '@shared/parse';

export type Chunk = Schemas['ChunkWire'];
export type Correction = Schemas['IntervalCorrectionWire'];
export type CorrectionBody = Schemas['IntervalCorrectionInput'];
export type CorrectedInterval = Schemas['CorrectedIntervalWire'];

export const chunksQuery = (id: string) =>
  queryOptions({
    queryKey: ['meter', id, 'chunks'],
    queryFn: () => ask(api.GET('/v1/meters/{id}/chunks', { params: { path: { id }, query: { limit: 672 } } })),
    refetchInterval: 60_000,
  });

export const correctionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['meter', id, 'corrections'],
    queryFn: () => ask(api.GET('/v1/meters/{id}/corrections', { params: { path: { id } } })),
  });

export const correctionQuery = (id: string, correction: string) =>
  queryOptions({
    queryKey: ['meter', id, 'corrections', correction],
    queryFn: () => ask(api.GET('/v1/meters/{id}/corrections/{correction}', { params: { path: { id, correction } } })),
  });

export const preview = (id: string, body: CorrectionBody) => ask(api.POST('/v1/meters/{id}/corrections/preview', { params: { path: { id } }, body }));

export const propose = (id: string, body: CorrectionBody, key: string) =>
  ask(api.POST('/v1/meters/{id}/corrections', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body }));

export const decide = (id: string, row: Correction, what: 'confirmation' | 'rejection') =>
  ask(
    api.POST(what === 'confirmation' ? '/v1/meters/{id}/corrections/{correction}/confirmation' : '/v1/meters/{id}/corrections/{correction}/rejection', {
      params: { path: { id, correction: row.id ?? '' }, header: { 'If-Match': `"${row.version}"` } },
    }),
  );

export const QUARTER = 15 * 60_000;

/** An instant as people write it in a table: with a zone, or in the country's own time. */
export function startOf(text: string): string | undefined {
  const typed = text.trim();
  if (/[zZ]$|[+-]\d\d:?\d\d$/.test(typed)) {
    const at = Date.parse(typed);
    return Number.isNaN(at) ? undefined : new Date(at).toISOString();
  }
  const [date = '', time = ''] = typed.split(/[ T]+/);
  return toInstant(date, time.slice(0, 5));
}

/** An energy as people write it; undefined when it is none. */
export function energyOf(text: string): number | undefined {
  const plain = text.replaceAll(/[\s\u00a0\u202f]/g, '').replace(',', '.');
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : undefined;
}

/** Rows of a table as intervals in order of time, and the lines that are none. */
export function intervalsOf(rows: readonly { line: number; values: Record<string, string> }[]): { intervals: CorrectedInterval[]; wrong: number[] } {
  const intervals: CorrectedInterval[] = [];
  const wrong: number[] = [];
  for (const row of rows) {
    const start = startOf(row.values['start'] ?? '');
    const kwh = energyOf(row.values['kwh'] ?? '');
    const exported = row.values['export_kwh']?.trim() ? energyOf(row.values['export_kwh']) : 0;
    if (!start || kwh === undefined || exported === undefined || Date.parse(start) % QUARTER !== 0) wrong.push(row.line);
    else intervals.push({ start, kwh, ...(exported ? { export_kwh: exported } : {}) });
  }
  intervals.sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  return { intervals, wrong };
}
