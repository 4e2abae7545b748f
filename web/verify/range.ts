// The numbers of a chunk one after the other, as models/chunk_coder.go writes them: zigzag varints, or range coded,
// each bit with a chance that follows what came before it in the same place.
import { type Arithmetic, NoChunk } from './numbers';

/** What a number in a chunk is, so that it stands beside its like. */
export const place = { head: 0, form: 1, divisor: 2, count: 3, feature: 4, factor: 5, shift: 6, scale: 7, rest: 8 } as const;
const places = 9;

/** Gives the numbers of a chunk in order. */
export interface Numbers<T> {
  get(place: number): T;
  /** Begins the rest of a column whose numbers are of this size. */
  begin(scale: number): void;
  /** Whether all bytes were taken. */
  ended(): boolean;
}

/** Zigzag varints. */
export class PlainNumbers<T> implements Numbers<T> {
  private at = 0;

  constructor(
    private readonly b: Uint8Array,
    private readonly a: Arithmetic<T>,
  ) {}

  get(): T {
    let u = 0n;
    for (let i = 0; ; i++) {
      const v = this.b[this.at++];
      if (v === undefined || i > 9 || (i === 9 && v > 1)) throw new NoChunk();
      u |= BigInt(v & 127) << BigInt(7 * i);
      if (v < 128) break;
    }
    return this.a.big((u >> 1n) ^ -(u & 1n));
  }

  begin(): void {}

  ended(): boolean {
    return this.at === this.b.length;
  }
}

const bits = 11;
const top = 1 << bits;
const moves = [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5];
const expectSeen = 10;

// Where the chances of a kind of number stand: of its length, its sign, and its highest bits.
const signs = 65;
const highs = 130;
const chances = highs + 3 * 65;

/** The sizes of numbers that a column can begin from. */
export const scales = 126;

const templates = new Map<number, Uint16Array>();

/** The chances of numbers whose chance falls by the same part with each step away from 0, in whole numbers. */
function expected(scale: number): Uint16Array {
  const known = templates.get(scale);
  if (known) return known;
  const one = 1n << 32n;
  let mean = (one / 8n) << BigInt(Math.min(scale >> 1, 28));
  if (scale % 2 === 1) mean = (mean / 46341n) * 65536n;
  const theta = (mean << 32n) / (mean + one);
  const sure = (u: bigint) => Math.max(48, Math.min(top - 48, (top - Number(u >> BigInt(32 - bits))) & 0xffff));
  const ratio = (t: bigint) => (t << 32n) / (one + t);
  const out = new Uint16Array(chances).fill(top / 2);
  const double = 2n * ratio(theta);
  out[0] = sure(double < one - 1n ? double : one - 1n);
  out[1] = sure(theta);
  let [quarter, half, t] = [one - 1n, one - 1n, theta];
  for (let n = 1; n < 64; n++) {
    out[n] = sure(t);
    if (n >= 2) out[highs + 3 * n] = sure(ratio(half));
    if (n >= 3) out.fill(sure(ratio(quarter)), highs + 3 * n + 1, highs + 3 * n + 3);
    [quarter, half, t] = [half, t, (t * t) >> 32n];
  }
  templates.set(scale, out);
  return out;
}

/** Which of the chances of a scale were expected, and so count against what is seen. */
const sureOnes = (() => {
  const out = new Uint8Array(chances);
  out.fill(expectSeen, 0, 64);
  for (let n = 2; n < 64; n++) out.fill(expectSeen, highs + 3 * n, highs + 3 * n + (n >= 3 ? 3 : 1));
  return out;
})();

/** Range coded numbers. */
export class RangeNumbers<T> implements Numbers<T> {
  private at = 0;
  private width = 0xffffffff;
  private code = 0;
  private readonly zero = Array.from({ length: places }, () => new Uint16Array(chances).fill(top / 2));
  private readonly seen = Array.from({ length: places }, () => new Uint8Array(chances));
  private node = 0;
  private low = 0;
  private now = 0;
  private readonly next = () => this.high();

  constructor(
    private readonly b: Uint8Array,
    private readonly a: Arithmetic<T>,
  ) {
    for (let i = 0; i < 5; i++) this.code = ((this.code << 8) | this.byte()) >>> 0;
  }

  begin(scale: number): void {
    this.zero[place.rest]?.set(expected(scale));
    this.seen[place.rest]?.set(sureOnes);
  }

  ended(): boolean {
    return this.at === this.b.length;
  }

  get(where: number): T {
    this.now = where;
    let n = 0;
    while (n < 64 && this.bit(n)) n++;
    if (n === 0) return this.a.of(0);
    const negative = this.bit(signs + n);
    this.node = 0;
    this.low = highs + 3 * n;
    return this.a.joined(negative, this.next, n);
  }

  /** One bit below the highest: the first two have chances of their own, the others are even. */
  private high(): boolean {
    if (this.node >= 3) return this.even();
    const one = this.bit(this.low + this.node);
    this.node = 2 * this.node + (one ? 2 : 1);
    return one;
  }

  private byte(): number {
    const v = this.b[this.at++];
    if (v === undefined) throw new NoChunk();
    return v;
  }

  private fill(): void {
    while (this.width < 2 ** 24) {
      this.width = (this.width << 8) >>> 0;
      this.code = ((this.code << 8) | this.byte()) >>> 0;
    }
  }

  private bit(i: number): boolean {
    const zero = this.zero[this.now] as Uint16Array;
    const seen = this.seen[this.now] as Uint8Array;
    const z = zero[i] as number;
    const s = seen[i] as number;
    const bound = (this.width >>> bits) * z;
    const one = this.code >= bound;
    const by = moves[s] as number;
    if (s < moves.length - 1) seen[i] = s + 1;
    if (one) {
      this.code -= bound;
      this.width -= bound;
      zero[i] = z - (z >> by);
    } else {
      this.width = bound;
      zero[i] = z + ((top - z) >> by);
    }
    this.fill();
    return one;
  }

  private even(): boolean {
    this.width >>>= 1;
    const one = this.code >= this.width;
    if (one) this.code -= this.width;
    this.fill();
    return one;
  }
}
