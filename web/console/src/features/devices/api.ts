import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { problemOf } from '@shared/api/problem';
import { textOfProblem } from '@shared/i18n';
import { readArchive } from './archive';

export type Device = Schemas['DeviceWire'];
export type Refused = Schemas['RefusedEventWire'];

const PAGE = 100;
const BATCH = 100;

export const devicePages = {
  queryKey: ['devices'],
  read: (after: string | undefined) => ask(api.GET('/v1/field/devices', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } })),
  keyOf: (row: Device) => row.id,
};

const command = ({ id }: Device) => ({ params: { path: { id }, header: { 'Idempotency-Key': newKey() } } });
export const lock = (row: Device) => ask(api.POST('/v1/field/devices/{id}/lock', command(row)));
export const unlock = (row: Device) => ask(api.POST('/v1/field/devices/{id}/unlock', command(row)));

async function putFile(sha256: string, data: Blob): Promise<void> {
  const response = await fetch(`/v1/field/blobs/${sha256}`, { method: 'PUT', credentials: 'same-origin', headers: { 'Content-Type': 'application/octet-stream' }, body: data });
  if (!response.ok) throw problemOf(await response.json().catch(() => undefined), response.status, textOfProblem);
}

/** What became of a file that was brought in. */
export interface BroughtIn {
  events: number;
  files: number;
  visits: number;
  refused: Refused[];
}

/** Brings in what a device exported: files first, then events, then the visits that are whole. Again changes nothing. */
export async function bringIn(file: Blob): Promise<BroughtIn> {
  const { events, files, finished } = await readArchive(file);
  for (const { sha256, data } of files) await putFile(sha256, data);
  const out: BroughtIn = { events: 0, files: files.length, visits: 0, refused: [] };
  for (let at = 0; at < events.length; at += BATCH) {
    const { receipts, refused } = await ask(api.POST('/v1/field/events', { body: { events: events.slice(at, at + BATCH) } }));
    out.events += receipts.length;
    out.refused.push(...refused);
  }
  for (const { inspection, ...body } of finished) {
    // A visit of which something is still missing stays open; its page says what.
    const { response } = await api.POST('/v1/inspections/{id}/submission', { params: { path: { id: inspection }, header: { 'Idempotency-Key': newKey() } }, body });
    if (response.ok) out.visits++;
  }
  return out;
}
