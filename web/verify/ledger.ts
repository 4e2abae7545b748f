// The ledger's tree (RFC 6962) and its entries.
import { base64, join, unhex, utf8 } from './bytes';
import { sha256 } from './sha256';

const nodeHash = (a: Uint8Array, b: Uint8Array) => sha256(join(Uint8Array.of(1), a, b));

/** The root that a leaf and its path give in a tree of RFC 6962. */
export function rootOf(leaf: Uint8Array, index: number, size: number, path: string[]): Uint8Array {
  let h = sha256(join(Uint8Array.of(0), leaf));
  let [fn, sn] = [index, size - 1];
  if (!(index >= 0 && index < size)) throw new Error('no place in the tree');
  for (const step of path) {
    const p = base64(step);
    if (p.length !== 32 || sn === 0) throw new Error('no path');
    if (fn % 2 === 1 || fn === sn) {
      h = nodeHash(p, h);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else h = nodeHash(h, p);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) throw new Error('the path is too short');
  return h;
}

/** An entry of the ledger as a package has it. */
export interface Entry {
  index: number;
  id: string;
  at_us: number;
  kind: string;
  subject_kind: string;
  subject_id: string;
  subject_version: number;
  actor_kind: string;
  actor_id: string;
  utility: string;
  request_id: string;
  actor_name?: string;
  body?: string;
  salt?: string;
  digest?: string;
  path: string[];
}

function bigEndian(n: number): Uint8Array {
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigInt64(0, BigInt(n));
  return b;
}

function lengthed(b: Uint8Array): Uint8Array {
  const n = new Uint8Array(4);
  new DataView(n.buffer).setUint32(0, b.length);
  return join(n, b);
}

const said = (s: string) => lengthed(utf8.encode(s));

/** The digest that stands for what may be erased of an entry. */
export function privateDigest(e: Entry): Uint8Array {
  if (e.digest !== undefined) return unhex(e.digest);
  return sha256(join(lengthed(unhex(e.salt ?? '')), said(e.actor_name ?? ''), said(e.body ?? '')));
}

/** The leaf of an entry in the ledger's tree. */
export function leafOf(e: Entry): Uint8Array {
  return join(
    utf8.encode('rigistry/ledger-entry/v1\0'), said(e.id), bigEndian(e.at_us), said(e.kind), said(e.subject_kind), said(e.subject_id), bigEndian(e.subject_version),
    said(e.actor_kind), said(e.actor_id), said(e.utility), said(e.request_id), privateDigest(e),
  );
}
