// Chunks of readings as they were sealed: the readings of one meter in one quarter of an hour. A second implementation
// of models/chunk*.go; package.test.ts holds the two against each other.
import { type Arithmetic, exact, NoChunk, quick, Unsafe } from './numbers';
import { qualities, quantities, sources } from './quantities';
import { type Numbers, place, PlainNumbers, RangeNumbers, scales } from './range';
import { type Layout, readRegisters, type Words } from './registers';

/** The readings of a chunk, as columns. */
export interface Chunk<T = number | bigint> {
  readonly a: Arithmetic<T>;
  readonly count: number;
  readonly at: T[]; // µs since 1970
  readonly step: T[]; // µs
  readonly quality: string[];
  readonly values: (T | undefined)[][]; // of each quantity, by reading
  readonly words: (Words | undefined)[]; // by reading
}

/** A column with the set of readings that have it. */
export interface Column<T> {
  rows: number;
  numbers: T[];
}

export const rowsAll = -1;
const mostReadings = 1 << 16;
const mostFeatures = 4;
const others0 = 4; // the features before those of other columns

/** A feature of column y at place i; y is known before i. */
function feature<T>(a: Arithmetic<T>, f: number, y: T[], others: Column<T>[], i: number): T {
  const n = (k: number) => y[k] as T;
  if (f === 0) return a.of(1);
  if (f === 1) return a.of(i);
  if (f === 2) return i < 2 ? a.of(0) : a.sub(n(i - 1), n(i - 2));
  if (f === 3) return i < 3 ? a.of(0) : a.sub(n(i - 2), n(i - 3));
  const x = others[Math.floor((f - others0) / 3)]?.numbers as T[];
  const kind = (f - others0) % 3;
  if (kind === 0) return a.sub(x[i] as T, x[i - 1] as T);
  if (kind === 1) return a.sub(x[i] as T, x[0] as T);
  const [last, before] = [n(i - 1), x[i - 1] as T];
  const step = a.sub(x[i] as T, before);
  if (a.same(before, a.of(0)) || !a.small(last) || !a.small(step)) return a.of(0);
  return a.div(a.mul(last, step), before);
}

/** Reads a column of a length. */
export function readColumn<T>(a: Arithmetic<T>, s: Numbers<T>, rows: number, length: number, others: Column<T>[]): T[] {
  if (length === 0) throw new NoChunk();
  const out: T[] = new Array<T>(length);
  const first = s.get(place.head);
  out[0] = first;
  const form = a.number(s.get(place.form));
  if (form === 0) return out.fill(first);
  const divisor = s.get(place.divisor);
  const n = a.number(s.get(place.count));
  if (form < 0 || form > 2 || a.less(divisor, a.of(1)) || n < 0 || n > mostFeatures) throw new NoChunk();
  const terms: { feature: number; factor: T; shift: number }[] = [];
  for (let i = 0; i < n; i++) {
    const t = { feature: a.number(s.get(place.feature)), factor: s.get(place.factor), shift: a.number(s.get(place.shift)) };
    const other = Math.floor((t.feature - others0) / 3);
    if (t.feature < 0 || t.shift < 0 || t.shift > 62 || (t.feature >= others0 && others[other]?.rows !== rows)) throw new NoChunk();
    terms.push(t);
  }
  const scale = a.number(s.get(place.scale));
  if (scale < 0 || scale >= scales) throw new NoChunk();
  s.begin(scale);
  for (let i = 1; i < length; i++) {
    let v = form === 2 ? first : (out[i - 1] as T);
    for (const t of terms) {
      const moved = a.mul(t.factor, feature(a, t.feature, out, others, i));
      v = a.add(v, t.shift > 0 ? a.shift(moved, t.shift) : moved);
    }
    out[i] = a.add(v, a.mul(s.get(place.rest), divisor));
  }
  return out;
}

/** The chunk in its parts. */
interface Parts {
  whole: boolean; // of version 2
  packed: boolean;
  columns: Uint8Array;
  layouts: string[]; // digests in hex
  words: Uint8Array;
}

/** Takes the parts of a chunk apart. */
export function openChunk(b: Uint8Array): Parts {
  const [mark, version, packing, length] = b;
  if (mark !== 0x52 || (version !== 1 && version !== 2) || packing === undefined || packing > 1 || length === undefined) throw new NoChunk();
  let at = 4 + (length === 255 ? 16 : length);
  if (at > b.length) throw new NoChunk();
  const parts: Parts = { whole: version === 2, packed: packing === 1, columns: b.subarray(at), layouts: [], words: new Uint8Array() };
  if (version === 1) return parts;
  const uvarint = () => {
    let v = 0n;
    for (let i = 0; ; i++) {
      const one = b[at++];
      if (one === undefined || i > 9 || (i === 9 && one > 1)) throw new NoChunk();
      v |= BigInt(one & 127) << BigInt(7 * i);
      if (one < 128) return v;
    }
  };
  const size = uvarint();
  if (size > BigInt(b.length - at)) throw new NoChunk();
  parts.columns = b.subarray(at, at + Number(size));
  at += Number(size);
  const n = uvarint();
  if (n > BigInt(Math.floor((b.length - at) / 32))) throw new NoChunk();
  for (let i = 0; i < Number(n); i++, at += 32) parts.layouts.push(Array.from(b.subarray(at, at + 32), (v) => v.toString(16).padStart(2, '0')).join(''));
  parts.words = b.subarray(at);
  if (parts.words.length > 0 !== n > 0n) throw new NoChunk();
  return parts;
}

/** Reads a chunk with the words of its registers; layouts are those that it names, in order. */
export function readChunk(parts: Parts, layouts: Layout[]): Chunk {
  try {
    return readWith(quick, parts, layouts) as Chunk;
  } catch (err) {
    if (!(err instanceof Unsafe)) throw err;
    return readWith(exact, parts, layouts) as Chunk;
  }
}

function readWith<T>(a: Arithmetic<T>, parts: Parts, layouts: Layout[]): Chunk<T> {
  const numbersOf = (b: Uint8Array): Numbers<T> => (parts.packed ? new RangeNumbers(b, a) : new PlainNumbers(b, a));
  const source = numbersOf(parts.columns);
  const chunk = readReadings(a, source, parts.whole);
  if (!source.ended()) throw new NoChunk();
  if (layouts.length > 0) {
    const words = numbersOf(parts.words);
    readRegisters(a, words, chunk, layouts);
    if (!words.ended()) throw new NoChunk();
  }
  return chunk;
}

function readReadings<T>(a: Arithmetic<T>, s: Numbers<T>, whole: boolean): Chunk<T> {
  const count = a.number(s.get(place.head)) + 1;
  if (!(count >= 1 && count <= mostReadings)) throw new NoChunk();
  const others: Column<T>[] = [];
  const column = () => {
    const numbers = readColumn(a, s, rowsAll, count, others);
    others.push({ rows: rowsAll, numbers });
    return numbers;
  };
  const at = column();
  const step = column();
  const quality = column().map((mark) => {
    const v = a.number(mark);
    const word = qualities[v & 31];
    if (v < 0 || v > 255 || word === undefined || v >> 5 >= sources || (!whole && v >> 5 > 0)) throw new NoChunk();
    return word;
  });
  const present = column().map((set) => a.number(set));
  if (present.some((set) => set < 0 || set >= 2 ** quantities.length)) throw new NoChunk();
  for (let i = 1; i < count; i++) if (!a.less(at[i - 1] as T, at[i] as T)) throw new NoChunk();
  const sets = rowSets(present);
  const values = quantities.map((_, q) => {
    const rows = present.flatMap((set, i) => ((set >>> q) & 1 ? [i] : []));
    const out: (T | undefined)[] = new Array<T | undefined>(count).fill(undefined);
    if (rows.length === 0) return out;
    const set = sets[q] as number;
    const numbers = readColumn(a, s, set, rows.length, others);
    others.push({ rows: set, numbers });
    rows.forEach((row, i) => (out[row] = numbers[i]));
    return out;
  });
  return { a, count, at, step, quality, values, words: new Array<Words | undefined>(count).fill(undefined) };
}

/** Numbers the sets of readings that have a quantity: two quantities of the same readings get the same number. */
function rowSets(present: number[]): number[] {
  const all = 2 ** quantities.length - 1;
  return quantities.map((_, q) => {
    let like = all;
    let everywhere = true;
    for (const set of present) {
      if ((set >>> q) & 1) like &= set;
      else {
        like &= ~set;
        everywhere = false;
      }
    }
    return everywhere ? rowsAll : 31 - Math.clz32(like & -like);
  });
}
