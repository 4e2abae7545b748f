// The server over fetch. Whatever goes wrong is a TransportError that says what to do about it.
import { type Bytes, type Finished, type Receipt, type Refusal, type Signed, type Transport, TransportError } from '../outbox/ports';

const jsonMs = 30_000;
const blobMs = 180_000;

interface Problem {
  code?: string;
  detail?: string;
  missing?: number[];
  errors?: { pointer?: string; code?: string; detail?: string }[];
}

/** The reason in words of a problem (RFC 9457), and its code. */
async function problemOf(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    return {};
  }
}

async function troubleOf(answer: Response, final: readonly number[]): Promise<TransportError> {
  const { status } = answer;
  if (final.includes(status)) return refusalOf(answer);
  if (status === 401) return new TransportError({ kind: 'signed_out' });
  if (status === 423) return new TransportError({ kind: 'locked' });
  if (status === 403) return new TransportError({ kind: 'forbidden' });
  if (status === 429) return new TransportError({ kind: 'wait', seconds: Number(answer.headers.get('Retry-After')) || 10 });
  // What some box on the way says in place of the server is no verdict on the work.
  if (status >= 500 || status === 408 || status === 404 || !answer.headers.get('Content-Type')?.includes('json')) return new TransportError({ kind: 'unreachable' });
  return refusalOf(answer);
}

async function refusalOf(answer: Response): Promise<TransportError> {
  const { code = 'invalid', detail = '', missing, errors = [] } = await problemOf(answer);
  // Events that have not come in are named as /seq/12.
  const seqs = missing ?? errors.flatMap(({ pointer = '' }) => /^\/seq\/(\d+)$/.exec(pointer)?.slice(1).map(Number) ?? []);
  const files = errors.flatMap(({ pointer = '' }) => /^\/blobs\/([0-9a-f]{64})$/.exec(pointer)?.slice(1) ?? []);
  return new TransportError({ kind: 'refused', code, detail, ...(seqs.length > 0 && { missing: seqs }), ...(files.length > 0 && { files }) });
}

let deviceId = '';
/** Names the device in every request, so that one that was locked learns it at its next contact. */
export function setDevice(id: string): void {
  deviceId = id;
}

/** Sends a request and gives its answer, when that is a good one. Statuses in final refuse this request for good. */
export async function ask(path: string, init: RequestInit = {}, ms = jsonMs, final: readonly number[] = []): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { ...init.headers, ...(deviceId && { 'Field-Device': deviceId }) }, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(ms) });
  } catch {
    throw new TransportError({ kind: 'unreachable' });
  }
  if (!answer.ok && answer.status !== 304) throw await troubleOf(answer, final);
  return answer;
}

/** The answer's JSON; an answer that is none came from somebody else, such as a hotel's sign-in page. */
export async function jsonOf<T>(answer: Response): Promise<T> {
  try {
    return (await answer.json()) as T;
  } catch {
    throw new TransportError({ kind: 'unreachable' });
  }
}

const jsonInit = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({ method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
export const post = (path: string, body: unknown, headers?: Record<string, string>) => ask(path, jsonInit(body, headers));

export class HttpTransport implements Transport {
  constructor(private readonly device: () => string) {}

  async putBlob(bytes: Bytes) {
    const init = { method: 'PUT', headers: { 'Content-Type': bytes.type || 'application/octet-stream' }, body: bytes.data };
    return jsonOf<{ sha256: string; bytes: number }>(await ask(`/v1/field/blobs/${bytes.sha256}`, init, blobMs));
  }

  async postEvents(events: Signed[]) {
    const answer = await jsonOf<{ receipts: Receipt[] | null; refused: Refusal[] | null }>(await post('/v1/field/events', { events }, { 'Field-Clock': new Date().toISOString() }));
    return { receipts: answer.receipts ?? [], refused: answer.refused ?? [] };
  }

  async receipts(ids: string[]) {
    const answer = await jsonOf<{ receipts: Receipt[] | null }>(await ask(`/v1/field/receipts?ids=${ids.join(',')}`));
    return answer.receipts ?? [];
  }

  async submit({ inspection, last }: Finished) {
    // That one visit is no longer this inspector's, or no longer at all, concerns that visit alone.
    const path = `/v1/inspections/${encodeURIComponent(inspection)}/submission`;
    await ask(path, jsonInit({ device: this.device(), last_seq: last.seq, last_hash: last.hash }), jsonMs, [403, 404]);
  }
}
