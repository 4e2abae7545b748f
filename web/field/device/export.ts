// The last resort: what is on this device as one file. It is a tar archive with the events as JSON lines, just as they
// were signed, and the bytes that they name by their hash, so that any office can read it without this app.
import { utf8 } from '../outbox/event';
import type { Item } from '../outbox/ports';

export interface Part {
  name: string;
  data: Blob;
}

const block = 512;

function header(name: string, bytes: number, seconds: number): Uint8Array<ArrayBuffer> {
  const h = new Uint8Array(block);
  const put = (at: number, text: string) => h.set(utf8(text), at);
  const octal = (n: number, width: number) => `${n.toString(8).padStart(width - 1, '0')}\0`;
  put(0, name);
  put(100, octal(0o644, 8));
  put(108, octal(0, 8));
  put(116, octal(0, 8));
  put(124, octal(bytes, 12));
  put(136, octal(seconds, 12));
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\x0000');
  put(148, `${h.reduce((sum, b) => sum + b, 0).toString(8).padStart(6, '0')}\0 `);
  return h;
}

/** A tar archive (ustar). Names are at most 100 bytes. */
export function tar(parts: Part[], seconds: number): Blob {
  const out: BlobPart[] = parts.flatMap(({ name, data }) => [header(name, data.size, seconds), data, new Uint8Array((block - (data.size % block)) % block)]);
  return new Blob([...out, new Uint8Array(2 * block)], { type: 'application/x-tar' });
}

/** The events as lines: what was signed, and its signature. */
export function lines(items: Item[]): Blob {
  return new Blob(items.map(({ payload, hash, signature, place, refusal }) => `${JSON.stringify({ payload, hash, signature, place, refusal })}\n`), { type: 'application/x-ndjson' });
}
