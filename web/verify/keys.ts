// The registry's public keys, and the check of a signature: by the browser where it knows
// Ed25519, else by a small library. Both decide alike.
import { Point } from '@noble/ed25519';
import { decode64 } from './form';

/** Checks an Ed25519 signature. */
export type CheckSignature = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/** Public keys of the registry by key id. */
export type Keys = ReadonlyMap<string, Uint8Array>;

const buffer = (bytes: Uint8Array) => new Uint8Array(bytes);

export const sha256 = async (bytes: Uint8Array) => new Uint8Array(await crypto.subtle.digest('SHA-256', buffer(bytes)));

/** By the browser itself. */
export const checkByBrowser: CheckSignature = async (key, message, signature) => {
  if (signature.length !== 64) return false;
  const imported = await crypto.subtle.importKey('raw', buffer(key), 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', imported, buffer(signature), buffer(message));
};

const order = 2n ** 252n + 27742317777372353535851937790883648493n;

function littleEndian(bytes: Uint8Array): bigint {
  let n = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes[i] ?? 0);
  return n;
}

/** By the library: RFC 8032 without the cofactor, as Go and the browsers do it. */
export const checkByLibrary: CheckSignature = async (key, message, signature) => {
  if (signature.length !== 64 || key.length !== 32) return false;
  const [r, s] = [signature.subarray(0, 32), littleEndian(signature.subarray(32))];
  if (s >= order) return false;
  try {
    const a = Point.fromBytes(key);
    const hash = await crypto.subtle.digest('SHA-512', buffer(new Uint8Array([...r, ...key, ...message])));
    const k = littleEndian(new Uint8Array(hash)) % order;
    const again = Point.BASE.multiply(s, false).add(a.multiply(k, false).negate()).toBytes();
    return again.every((b, i) => b === r[i]);
  } catch {
    return false;
  }
};

let chosen: Promise<CheckSignature> | undefined;

/** The browser's own check where it knows Ed25519, else the library's. */
export function checkSignature(): Promise<CheckSignature> {
  chosen ??= crypto.subtle.importKey('raw', new Uint8Array(32).fill(0, 1).fill(1, 0, 1), 'Ed25519', false, ['verify']).then(
    () => checkByBrowser,
    () => checkByLibrary,
  );
  return chosen;
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

/** Reads the keys for permits and status lists from a JWKS, as /.well-known/jwks.json gives it. */
export async function readKeys(jwks: string): Promise<Keys> {
  const parsed = JSON.parse(jwks) as { keys?: { kty?: unknown; crv?: unknown; x?: unknown; purpose?: unknown }[] };
  const keys = new Map<string, Uint8Array>();
  for (const k of parsed.keys ?? []) {
    if (k.kty !== 'OKP' || k.crv !== 'Ed25519' || (k.purpose !== undefined && k.purpose !== '' && k.purpose !== 'permit')) continue;
    const x = typeof k.x === 'string' ? decode64(k.x) : null;
    if (x?.length !== 32) throw new Error('the JWKS has an Ed25519 key that is none');
    keys.set(hex((await sha256(x)).subarray(0, 8)), x);
  }
  if (keys.size === 0) throw new Error('the JWKS has no Ed25519 key for permits');
  return keys;
}
