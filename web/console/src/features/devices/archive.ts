// The file that a field device exports as the last resort: a tar archive with the events as they were signed, and the
// files that they name under their hashes.

export interface SignedEvent {
  payload: string;
  signature: string;
}
/** What a device recorded last on a visit that it finished. */
export interface Handed {
  inspection: string;
  device: string;
  last_seq: number;
  last_hash: string;
}
export interface Archive {
  events: SignedEvent[];
  files: { sha256: string; data: Blob }[];
  finished: Handed[];
}

/** The file is none that the field app exports. */
export class NoArchive extends Error {}

const block = 512;

/** The parts of a tar archive (ustar), by name. */
export async function untar(file: Blob): Promise<Map<string, Blob>> {
  const out = new Map<string, Blob>();
  for (let at = 0; at + block <= file.size; ) {
    const header = new TextDecoder('latin1').decode(await file.slice(at, at + block).arrayBuffer());
    const name = header.slice(0, 100).replace(/\0.*$/s, '');
    if (name === '') return out;
    const size = Number.parseInt(header.slice(124, 136), 8);
    if (!header.startsWith('ustar', 257) || !Number.isInteger(size) || at + block + size > file.size) throw new NoArchive(name);
    out.set(name, file.slice(at + block, at + block + size));
    at += block + Math.ceil(size / block) * block;
  }
  throw new NoArchive('it has no end');
}

interface Line extends SignedEvent {
  hash: string;
}

/** Reads an exported file. What it says is not trusted: the server checks each signature and each hash. */
export async function readArchive(file: Blob): Promise<Archive> {
  const parts = await untar(file);
  const lines = await parts.get('events.jsonl')?.text();
  if (lines === undefined) throw new NoArchive('events.jsonl');
  const last = new Map<string, Handed>();
  const finished = new Set<string>();
  const events = lines.split('\n').flatMap((line): SignedEvent[] => {
    if (line === '') return [];
    const { payload, signature, hash } = JSON.parse(line) as Line;
    const { inspection, device, seq, kind } = JSON.parse(payload) as { inspection: string; device: string; seq: number; kind: string };
    if ((last.get(inspection)?.last_seq ?? 0) < seq) last.set(inspection, { inspection, device, last_seq: seq, last_hash: hash });
    if (kind === 'visit.finished') finished.add(inspection);
    return [{ payload, signature }];
  });
  const files = [...parts].flatMap(([name, data]) => (/^blobs\/[0-9a-f]{64}$/.test(name) ? [{ sha256: name.slice(6), data }] : []));
  return { events, files, finished: [...last.values()].filter(({ inspection }) => finished.has(inspection)) };
}
