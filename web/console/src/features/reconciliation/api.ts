import { queryOptions } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { powerOf, type Field } from '@shared/table';
import type { ReconciliationSearch } from './search';

export type Mismatch = Schemas['MismatchWire'];
export type Run = Schemas['ReconciliationWire'];
export type Listed = Schemas['ListedPointInput'];
export type Decision = Schemas['MismatchDecisionInput'];

const filterOf = ({ state, kind, utility }: ReconciliationSearch) => ({ state: state ?? 'open', ...(kind ? { kind } : {}), ...(utility ? { utility } : {}) });

const read = (search: ReconciliationSearch, limit: number, after?: string) =>
  ask(api.GET('/v1/mismatches', { params: { query: { limit, ...filterOf(search), ...(after ? { after } : {}) } } }));

export const mismatchPages = (search: ReconciliationSearch) => ({
  queryKey: ['mismatches', search],
  read: (after: string | undefined) => read(search, 100, after),
  keyOf: (row: Mismatch) => row.id,
});

/** How many there are of each kind, whatever kind is chosen. */
export const countsQuery = (search: ReconciliationSearch) =>
  queryOptions({ queryKey: ['mismatches', 'counts', { state: search.state, utility: search.utility }], queryFn: async () => (await read({ ...search, kind: undefined } as ReconciliationSearch, 1)).kinds });

/** Everything that the filter gives, for a file. */
export async function everyMismatch(search: ReconciliationSearch): Promise<Mismatch[]> {
  const all: Mismatch[] = [];
  let after: string | undefined;
  do {
    const part = await read(search, 1000, after);
    all.push(...part.items);
    after = part.next;
  } while (after);
  return all;
}

export const runsQuery = queryOptions({ queryKey: ['reconciliations'], queryFn: () => ask(api.GET('/v1/reconciliations', { params: { query: { limit: 10 } } })) });

export const mismatchQuery = (id: string) =>
  queryOptions({ queryKey: ['mismatch', id], queryFn: () => ask(api.GET('/v1/mismatches/{id}', { params: { path: { id } } })) });

export const decide = (mismatch: Mismatch, body: Decision) =>
  ask(api.POST('/v1/mismatches/{id}/decision', { params: { path: { id: mismatch.id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${mismatch.version}"` } }, body }));

/** Sends a list. The key makes a repeat after a broken connection safe. */
export const send = ({ points, key }: { points: Listed[]; key: string }) => ask(api.POST('/v1/reconciliations', { params: { header: { 'Idempotency-Key': key } }, body: { points } }));

/** The columns of a list, with what utilities write above them. */
export const listFields: readonly Field[] = [
  { name: 'connection_point', needed: true, words: ['код', 'код точки', 'точка подключения', 'код точки подключения', 'точка присоединения', 'код точки присоединения', 'точка учёта', 'код подключения', 'қосылу нүктесі', 'қосылу нүктесінің коды', 'нүкте коды', 'code', 'connection', 'point', 'cp'] },
  { name: 'consumer', words: ['бин', 'иин', 'бин/иин', 'иин/бин', 'потребитель', 'бин потребителя', 'бин/иин потребителя', 'бсн', 'жсн', 'бсн/жсн', 'жсн/бсн', 'тұтынушы', 'тұтынушының бсн', 'bin', 'iin', 'bin/iin', 'bin or iin'] },
  { name: 'kw', words: ['квт', 'мощность', 'нагрузка', 'мощность квт', 'нагрузка квт', 'қуат', 'қуаты', 'жүктеме', 'қуат квт', 'жүктеме квт', 'load', 'load kw', 'power', 'power kw'] },
  { name: 'meter', words: ['счётчик', 'прибор учёта', 'номер счётчика', 'заводской номер', 'серийный номер', 'есептегіш', 'есептегіш нөмірі', 'сериялық нөмір', 'serial', 'meter serial'] },
];

/** A line of the list from its cells, with what is wrong with it. */
export function listedOf(values: Record<string, string>): { point: Listed; wrong: string[] } {
  const consumer = (values.consumer ?? '').replace(/[\s-]/g, '');
  const kw = (values.kw ?? '').trim() === '' ? 0 : powerOf(values.kw ?? '');
  const wrong: string[] = [];
  const code = (values.connection_point ?? '').trim();
  if (code === '' || code.length > 64) wrong.push('point');
  if (consumer !== '' && !/^\d{12}$/.test(consumer)) wrong.push('consumer');
  if (kw === undefined) wrong.push('kw');
  return { point: { connection_point: code, ...(consumer ? { consumer } : {}), ...(kw ? { kw } : {}), ...(values.meter?.trim() ? { meter: values.meter.trim() } : {}) }, wrong };
}

export interface WrongLine {
  line: number;
  wrong: string[];
}

/** The list with what is wrong in it, line by line; a point that stands twice is wrong where it stands again. */
export function listOf(rows: readonly { line: number; values: Record<string, string> }[]): { points: Listed[]; errors: WrongLine[] } {
  const seen = new Set<string>();
  const errors: WrongLine[] = [];
  const points = rows.map(({ line, values }) => {
    const { point, wrong } = listedOf(values);
    if (point.connection_point && seen.has(point.connection_point)) wrong.push('twice');
    seen.add(point.connection_point);
    if (wrong.length > 0) errors.push({ line, wrong });
    return point;
  });
  return { points, errors };
}
