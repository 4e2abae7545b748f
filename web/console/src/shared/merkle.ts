/** Inclusion proofs of the ledger's Merkle tree (RFC 6962), checked in the browser. */

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
}

/** The hash of a leaf: SHA-256 of a zero byte and the leaf. Base64 in, base64 out. */
export const leafHash = async (leaf: string): Promise<string> => base64Of(await sha256(new Uint8Array([0]), bytesOf(leaf)));

const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(new Uint8Array([1]), left, right);

/** The root that a leaf's hash and its audit path lead to in a tree of so many leaves; undefined when the path does not fit. */
export async function rootFrom(index: number, size: number, leaf: string, path: readonly string[]): Promise<string | undefined> {
  if (index < 0 || index >= size) return undefined;
  let node = index;
  let last = size - 1;
  let hash = bytesOf(leaf);
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (node % 2 === 1 || node === last) {
      hash = await nodeHash(bytesOf(sibling), hash);
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      hash = await nodeHash(hash, bytesOf(sibling));
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? base64Of(hash) : undefined;
}

/** Size and root hash of a checkpoint note (C2SP tlog-checkpoint): its second and third line. */
export function readCheckpoint(note: string): { size: number; root: string } | undefined {
  const [, size, root] = note.split('\n');
  const leaves = Number(size);
  return Number.isSafeInteger(leaves) && leaves > 0 && root ? { size: leaves, root } : undefined;
}

export type Verdict = 'proven' | 'contradicted' | 'unavailable';

/** Whether an entry's leaf is in the tree that the checkpoint signs. */
export async function verifyInclusion(proof: { index: number; leaf: string; leaf_hash: string; hashes: readonly string[]; checkpoint: string }): Promise<Verdict> {
  if (!globalThis.crypto?.subtle) return 'unavailable';
  const checkpoint = readCheckpoint(proof.checkpoint);
  if (!checkpoint) return 'contradicted';
  if ((await leafHash(proof.leaf)) !== proof.leaf_hash) return 'contradicted';
  const root = await rootFrom(proof.index, checkpoint.size, proof.leaf_hash, proof.hashes);
  return root === checkpoint.root ? 'proven' : 'contradicted';
}
