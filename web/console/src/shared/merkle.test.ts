import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, rootFrom, verifyInclusion } from './merkle';

// A second, recursive tree after RFC 6962 section 2.1, to check the iterative walk against.
const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leaves = (n: number) => Array.from({ length: n }, (_, i) => Buffer.from(`entry ${i}`));
const split = (n: number) => 2 ** Math.floor(Math.log2(n - 1));
const root = (list: Buffer[]): Buffer => {
  if (list.length === 1) return sha(Buffer.from([0]), list[0] ?? Buffer.of());
  const k = split(list.length);
  return sha(Buffer.from([1]), root(list.slice(0, k)), root(list.slice(k)));
};
const path = (m: number, list: Buffer[]): Buffer[] => {
  if (list.length === 1) return [];
  const k = split(list.length);
  return m < k ? [...path(m, list.slice(0, k)), root(list.slice(k))] : [...path(m - k, list.slice(k)), root(list.slice(0, k))];
};
const proofOf = (index: number, size: number) => {
  const list = leaves(size);
  const leaf = list[index] ?? Buffer.of();
  return {
    index,
    leaf: leaf.toString('base64'),
    leaf_hash: sha(Buffer.from([0]), leaf).toString('base64'),
    hashes: path(index, list).map((hash) => hash.toString('base64')),
    checkpoint: `rigistry.test\n${size}\n${root(list).toString('base64')}\n\n— rigistry.test x\n`,
  };
};

describe('inclusion proofs', () => {
  it('hold for every leaf of every tree up to 17', async () => {
    for (let size = 1; size <= 17; size++) for (let index = 0; index < size; index++) expect(await verifyInclusion(proofOf(index, size)), `${index} of ${size}`).toBe('proven');
  });
  it('fail for another leaf, another place, a cut path and another root', async () => {
    const proof = proofOf(5, 11);
    expect(await verifyInclusion({ ...proof, leaf: Buffer.from('entry 6').toString('base64') })).toBe('contradicted');
    expect(await verifyInclusion({ ...proof, index: 4 })).toBe('contradicted');
    expect(await verifyInclusion({ ...proof, hashes: proof.hashes.slice(1) })).toBe('contradicted');
    expect(await verifyInclusion({ ...proof, checkpoint: proofOf(5, 12).checkpoint })).toBe('contradicted');
    expect(await verifyInclusion({ ...proof, checkpoint: 'nothing' })).toBe('contradicted');
  });
  it('refuse a place outside the tree', async () => expect(await rootFrom(3, 3, proofOf(0, 3).leaf_hash, [])).toBeUndefined());
});

it('reads the size and root of a checkpoint', () => {
  expect(readCheckpoint('origin\n7\nabc=\n\n— s\n')).toEqual({ size: 7, root: 'abc=' });
  expect(readCheckpoint('origin\nseven\nabc=\n')).toBeUndefined();
});
