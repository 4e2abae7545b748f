// The whole numbers of 64 bits that chunks of readings are made of. Nearly all of them fit into the numbers of a
// browser, which are quick; Unsafe says that one does not, and the chunk is read again with BigInt.

/** A number is too large for the quick way. */
export class Unsafe extends Error {}

/** The bytes are no chunk of readings. */
export class NoChunk extends Error {}

/** Arithmetic on 64-bit integers that wraps. */
export interface Arithmetic<T> {
  of(v: number): T;
  /** The integer of a sign and a magnitude of bits, the highest first. */
  joined(negative: boolean, bits: () => boolean, n: number): T;
  big(v: bigint): T;
  add(a: T, b: T): T;
  sub(a: T, b: T): T;
  mul(a: T, b: T): T;
  /** The quotient, towards zero. */
  div(a: T, b: T): T;
  /** Rounded division by 2^n, n from 1 on. */
  shift(a: T, n: number): T;
  less(a: T, b: T): boolean;
  same(a: T, b: T): boolean;
  bit(a: T, n: number): boolean;
  /** Whether its distance from 0 is less than 2^31. */
  small(a: T): boolean;
  number(a: T): number;
  bigint(a: T): bigint;
  text(a: T): string;
}

function safe(v: number): number {
  if (!Number.isSafeInteger(v)) throw new Unsafe();
  return v === 0 ? 0 : v; // and no negative zero
}

const least = -(2 ** 31);
const most = 2 ** 31;

export const quick: Arithmetic<number> = {
  of: (v) => v,
  joined: (negative, bits, n) => {
    if (n > 52) throw new Unsafe();
    let u = 1;
    for (let i = 1; i < n; i++) u = u * 2 + (bits() ? 1 : 0);
    return negative ? -u : u;
  },
  big: (v) => safe(Number(v)),
  add: (a, b) => safe(a + b),
  sub: (a, b) => safe(a - b),
  mul: (a, b) => safe(a * b),
  div: (a, b) => safe((a - (a % b)) / b),
  shift: (a, n) => Math.floor(safe(a + 2 ** (n - 1)) / 2 ** n),
  less: (a, b) => a < b,
  same: (a, b) => a === b,
  bit: (a, n) => Math.floor(a / 2 ** n) % 2 !== 0,
  small: (a) => a > least && a < most,
  number: (a) => a,
  bigint: (a) => BigInt(a),
  text: (a) => String(a),
};

const wrap = (v: bigint) => BigInt.asIntN(64, v);

export const exact: Arithmetic<bigint> = {
  of: (v) => BigInt(v),
  joined: (negative, bits, n) => {
    let u = 1n;
    for (let i = 1; i < n; i++) u = (u << 1n) | (bits() ? 1n : 0n);
    return wrap(negative ? -u : u);
  },
  big: wrap,
  add: (a, b) => wrap(a + b),
  sub: (a, b) => wrap(a - b),
  mul: (a, b) => wrap(a * b),
  div: (a, b) => wrap(a / b),
  shift: (a, n) => wrap(a + (1n << BigInt(n - 1))) >> BigInt(n),
  less: (a, b) => a < b,
  same: (a, b) => a === b,
  bit: (a, n) => ((a >> BigInt(n)) & 1n) === 1n,
  small: (a) => a > BigInt(least) && a < BigInt(most),
  number: (a) => Number(a),
  bigint: (a) => a,
  text: (a) => String(a),
};
