// Permits of the gate, checked with public keys alone. A second implementation of
// services/gate/permit*.go; agreement.test.ts holds the two against each other.
import { decode64, encode64, FormError, type Instant, Reader } from './form';
import { checkSignature, type CheckSignature, type Keys, sha256 } from './keys';

/** What a signed permit says. */
export interface Permit {
  id: string;
  utility: string;
  connectionPoint: string;
  license: string;
  licenseVersion: bigint;
  maxKw: string;
  validUntil: Instant; // half-open
  decidedAt: Instant;
  rulesVersion: string;
  revision: bigint;
  factsDigest: string;
  event: string;
  reference: string;
}

/** Refused is no text that a known key signed; expired is one whose time is over or has not come. */
export type Verdict<T> = { state: 'valid' | 'expired'; value: T } | { state: 'refused'; why: string };

const alone = 'gate-permit+jws';
const batch = 'gate-permit-batch+jws';
const maxPath = 40;

/** The three parts of a compact text. */
export interface Compact {
  header: Uint8Array;
  payload: Uint8Array;
  signature: Uint8Array;
  signed: Uint8Array; // the first two parts as written
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

export function splitCompact(text: string): Compact {
  const texts = text.split('.');
  const [header, payload, signature] = texts.map(decode64);
  if (texts.length !== 3 || !header || !payload || !signature) throw new FormError('it has not three parts in base64url');
  return { header, payload, signature, signed: bytesOf(`${texts[0]}.${texts[1]}`) };
}

/** Reads the header of a text that is signed alone and gives its key id. */
export function readHeader(bytes: Uint8Array, typ: string): string {
  const r = new Reader(bytes);
  r.expect(`{"alg":"EdDSA","typ":"${typ}","kid":`);
  const kid = r.string();
  r.expect('}');
  r.end();
  return kid;
}

export async function mustBeSigned(keys: Keys, kid: string, message: Uint8Array, signature: Uint8Array, check?: CheckSignature): Promise<void> {
  const key = keys.get(kid);
  if (!key || !(await (check ?? (await checkSignature()))(key, message, signature))) throw new FormError(`no known key with the id ${kid} signed it`);
}

/** Checks a permit as at an instant. check is the browser's or the library's own when absent. */
export async function verifyPermit(text: string, keys: Keys, at: Instant, check?: CheckSignature): Promise<Verdict<Permit>> {
  try {
    const c = splitCompact(text);
    if (isBatch(c.header)) await openBatch(c, keys, check);
    else await mustBeSigned(keys, readHeader(c.header, alone), c.signed, c.signature, check);
    const value = readPermit(c.payload);
    return { state: at < value.decidedAt || at >= value.validUntil ? 'expired' : 'valid', value };
  } catch (e) {
    if (e instanceof FormError) return { state: 'refused', why: e.message };
    throw e;
  }
}

const isBatch = (header: Uint8Array) => new TextDecoder().decode(header).startsWith(`{"alg":"EdDSA","typ":"${batch}",`);

async function openBatch(c: Compact, keys: Keys, check?: CheckSignature): Promise<void> {
  const r = new Reader(c.header);
  r.expect(`{"alg":"EdDSA","typ":"${batch}","kid":`);
  const kid = r.string();
  r.expect(',"batch":');
  const name = r.string();
  r.expect(',"index":');
  const index = r.integer();
  r.expect(',"size":');
  const size = r.integer();
  r.expect(',"path":');
  const path = r.strings();
  r.expect('}');
  r.end();
  if (path === null || path.length > maxPath || name.includes('\n')) throw new FormError('its header is of another type');
  const root = await rootOf(c.payload, index, size, path);
  const statement = bytesOf(`rigistry/gate-batch/v1\n${name}\n${size}\n${encode64(root)}\n`);
  await mustBeSigned(keys, kid, statement, c.signature, check);
}

/** The root that an inclusion proof leads to (RFC 9162, section 2.1.3.2). */
async function rootOf(payload: Uint8Array, index: bigint, size: bigint, path: string[]): Promise<Uint8Array> {
  const wrong = new FormError('its path does not lead to a root');
  if (index < 0n || index >= size) throw wrong;
  let hash = await sha256(join([0], payload));
  let at = index;
  let last = size - 1n;
  for (const text of path) {
    const p = decode64(text);
    if (p?.length !== 32 || last === 0n) throw wrong;
    if ((at & 1n) === 1n || at === last) {
      hash = await sha256(join([1], p, hash));
      while ((at & 1n) === 0n && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      hash = await sha256(join([1], hash, p));
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  if (last !== 0n) throw wrong;
  return hash;
}

function join(...parts: (Uint8Array | number[])[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let n = 0;
  for (const p of parts) {
    out.set(p, n);
    n += p.length;
  }
  return out;
}

function readPermit(payload: Uint8Array): Permit {
  const r = new Reader(payload);
  const field = <T>(name: string, read: () => T): T => {
    r.expect(`${name === 'id' ? '{' : ','}"${name}":`);
    return read();
  };
  const text = () => r.string();
  const permit: Permit = {
    id: field('id', text),
    utility: field('utility', text),
    connectionPoint: field('cp', text),
    license: field('license', text),
    licenseVersion: field('version', () => r.integer()),
    maxKw: field('max_kw', () => r.number()),
    validUntil: field('valid_until', () => r.instant()),
    decidedAt: field('decided_at', () => r.instant()),
    rulesVersion: field('rules_version', text),
    revision: field('revision', () => r.integer()),
    factsDigest: field('facts_digest', text),
    event: field('event', text),
    reference: field('reference', text),
  };
  r.expect('}');
  r.end();
  return permit;
}
