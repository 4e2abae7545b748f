// The words that a meter answered, and what the profile of that day made of them: a second implementation of
// models/register_layout.go, chunk_registers.go and register_given.go.
import { type Chunk, type Column, readColumn, rowsAll } from './chunk';
import { type Arithmetic, NoChunk } from './numbers';
import { quantities } from './quantities';
import { type Numbers } from './range';

type Kind = 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'f32' | 'f64';

const widths: Record<Kind, number> = { u16: 1, i16: 1, u32: 2, i32: 2, u64: 4, i64: 4, f32: 2, f64: 4 };
const isKind = (s: string): s is Kind => Object.hasOwn(widths, s);

/** Orders of bytes: which swap the bytes of a register, and which the registers. */
const orders: Record<string, [bytes: boolean, words: boolean]> = {
  '-': [false, false], AB: [false, false], ABCD: [false, false], ABCDEFGH: [false, false],
  BA: [true, false], BADC: [true, false], BADCFEHG: [true, false],
  CDAB: [false, true], GHEFCDAB: [false, true],
  DCBA: [true, true], HGFEDCBA: [true, true],
};

/** A number in the registers of a block. */
export interface Field {
  at: number;
  quantity: number; // -1: none
  kind: Kind;
  bytes: boolean;
  swapped: boolean;
  num: number; // 0: other registers decide the scale
  den: number;
}

/** One request of a layout. */
export interface Block {
  fc: number;
  addr: number;
  count: number;
  fields: Field[];
}

/** Which registers were read, and what was made of them. */
export interface Layout {
  digest: string;
  profile: string;
  profileDigest: string;
  blocks: Block[];
}

/** What a meter answered: of each block its words, or null when it was not answered. */
export interface Words {
  layout: Layout;
  blocks: (Uint16Array | null)[];
}

const whole = (s: string | undefined, most: number): number => {
  if (s === undefined || !/^(0|[1-9][0-9]{0,5})$/.test(s) || Number(s) > most) throw new NoChunk();
  return Number(s);
};

const big = /^-?[1-9][0-9]{0,18}$/;
const int64 = (s: string): boolean => big.test(s) && BigInt.asIntN(64, BigInt(s)) === BigInt(s);

/** Reads the text of a layout, in its one form. */
export function readLayout(text: string, digest: string): Layout {
  const lines = text.split('\n');
  const head = lines[1]?.split(' ');
  if (lines[0] !== 'rigistry registers 1' || lines.pop() !== '' || head?.length !== 3 || head[0] !== 'profile' || head[1] === '') throw new NoChunk();
  const layout: Layout = { digest, profile: head[1] ?? '', profileDigest: head[2] ?? '', blocks: [] };
  for (const line of lines.slice(2)) {
    const w = line.split(' ');
    const block = layout.blocks.at(-1);
    if (w[0] === 'block' && w.length === 4) layout.blocks.push({ fc: whole(w[1], 255), addr: whole(w[2], 65535), count: whole(w[3], 125), fields: [] });
    else if (w[0] === 'field' && w.length === 6 && block) block.fields.push(readField(w));
    else throw new NoChunk();
  }
  if (layout.blocks.length === 0 || layout.blocks.length > 62) throw new NoChunk();
  for (const b of layout.blocks) {
    let at = 0;
    for (const f of b.fields) {
      if (f.at !== at) throw new NoChunk();
      at += widths[f.kind];
    }
    if (at !== b.count || at === 0) throw new NoChunk();
  }
  return layout;
}

function readField(w: string[]): Field {
  const [name = '', kind = '', order = '', scale = ''] = w.slice(2);
  const quantity = name === '-' ? -1 : quantities.findIndex(([n]) => n === name);
  const swaps = orders[order];
  const [num = '', den = ''] = scale === '-' ? ['0', '1'] : scale.split('/');
  if ((quantity < 0 && name !== '-') || !isKind(kind) || !swaps || (order !== '-' && order.length !== 2 * widths[kind])) throw new NoChunk();
  if (scale !== '-' && (!int64(num) || !int64(den) || den.startsWith('-') || scale !== `${num}/${den}`)) throw new NoChunk();
  return { at: whole(w[1], 125), quantity, kind, bytes: swaps[0], swapped: swaps[1], num: Number(num), den: Number(den) };
}

const scratch = new DataView(new ArrayBuffer(8));
const turned = (v: number) => ((v & 255) << 8) | (v >> 8);

/** Puts the words of a field into the scratch, the highest first, and gives how many bytes they are. */
function assemble(f: Field, words: Uint16Array, at: number): number {
  const n = widths[f.kind];
  for (let i = 0; i < n; i++) {
    const v = words[at + (f.swapped ? n - 1 - i : i)] ?? 0;
    scratch.setUint16(2 * i, f.bytes ? turned(v) : v);
  }
  return 2 * n;
}

/** The number in the words of a field. */
function shown(f: Field, words: Uint16Array, at: number): number {
  assemble(f, words, at);
  switch (f.kind) {
    case 'u16': return scratch.getUint16(0);
    case 'i16': return scratch.getInt16(0);
    case 'u32': return scratch.getUint32(0);
    case 'i32': return scratch.getInt32(0);
    case 'u64': return Number(scratch.getBigUint64(0));
    case 'i64': return Number(scratch.getBigInt64(0));
    case 'f32': return scratch.getFloat32(0);
    case 'f64': return scratch.getFloat64(0);
  }
}

/** Rounds half away from zero. */
function rounded(v: number): number {
  const t = Math.trunc(v);
  return Math.abs(v - t) >= 0.5 ? t + Math.sign(v) : t;
}

/** The number that a stored value would have been read from; floats as a number that grows with them. */
function expected<T>(a: Arithmetic<T>, f: Field, stored: T): T {
  const v = (a.number(stored) * f.den) / f.num;
  if (f.kind === 'f32') {
    scratch.setFloat32(0, v);
    const b = scratch.getUint32(0);
    return a.of(b >= 2 ** 31 ? -(b - 2 ** 31) - 1 : b);
  }
  if (f.kind === 'f64') {
    scratch.setFloat64(0, v);
    const b = scratch.getBigUint64(0);
    return a.big(b >= 1n << 63n ? -(b - (1n << 63n)) - 1n : b);
  }
  return Math.abs(v) < 2 ** 62 ? a.big(BigInt(rounded(v))) : a.of(0);
}

const ranges: Partial<Record<Kind, [least: number, most: number]>> = {
  u16: [0, 65535], i16: [-32768, 32767], u32: [0, 2 ** 32 - 1], i32: [-(2 ** 31), 2 ** 31 - 1], f32: [-(2 ** 31), 2 ** 31 - 1],
};

/** Writes the number of a field into its words. */
function write<T>(a: Arithmetic<T>, f: Field, v: T, out: Uint16Array): void {
  const n = widths[f.kind];
  const range = ranges[f.kind];
  if (range) {
    const x = a.number(v);
    if (x < range[0] || x > range[1]) throw new NoChunk();
    const b = f.kind === 'f32' && x < 0 ? -(x + 1) + 2 ** 31 : x;
    if (n === 1) scratch.setInt16(0, b);
    else scratch.setInt32(0, b);
  } else {
    const x = a.bigint(v);
    scratch.setBigUint64(0, BigInt.asUintN(64, f.kind === 'f64' && x < 0n ? -(x + 1n) | (1n << 63n) : x));
  }
  for (let i = 0; i < n; i++) {
    const w = scratch.getUint16(2 * i);
    out[f.at + (f.swapped ? n - 1 - i : i)] = f.bytes ? turned(w) : w;
  }
}

/** Reads the words into the readings of a chunk. */
export function readRegisters<T>(a: Arithmetic<T>, s: Numbers<T>, chunk: Chunk<T>, layouts: Layout[]): void {
  const which = readColumn(a, s, rowsAll, chunk.count, []).map((v) => a.number(v));
  const came = readColumn(a, s, rowsAll, chunk.count, []);
  for (const [i, w] of which.entries()) {
    const set = came[i] as T;
    if (w < 0 || w > layouts.length || (w === 0 && !a.same(set, a.of(0)))) throw new NoChunk();
    const layout = layouts[w - 1];
    if (!layout) continue;
    const blocks = layout.blocks.map((b, k) => (a.bit(set, k) ? new Uint16Array(b.count) : null));
    if (a.less(set, a.of(0)) || a.bigint(set) >> BigInt(blocks.length) > 0n) throw new NoChunk();
    chunk.words[i] = { layout, blocks };
  }
  for (const layout of layouts) {
    for (const [k, block] of layout.blocks.entries()) {
      const rows = which.flatMap((w, i) => (layouts[w - 1] === layout && chunk.words[i]?.blocks[k] ? [i] : []));
      if (rows.length > 0) for (const f of block.fields) readNumbers(a, s, chunk, f, k, rows);
    }
  }
}

function readNumbers<T>(a: Arithmetic<T>, s: Numbers<T>, chunk: Chunk<T>, f: Field, k: number, rows: number[]): void {
  const stored = f.quantity < 0 ? undefined : chunk.values[f.quantity];
  const others: Column<T>[] = [];
  if (stored && f.num === 0) {
    let last = a.of(0);
    others.push({ rows: rowsAll, numbers: rows.map((row) => (last = stored[row] ?? last)) });
  }
  const numbers = readColumn(a, s, rowsAll, rows.length, others);
  let before = a.of(0);
  for (const [i, row] of rows.entries()) {
    let v = numbers[i] as T;
    if (stored && f.num !== 0) {
      const known = stored[row];
      v = a.add(v, known === undefined ? before : expected(a, f, known));
      before = v;
    }
    write(a, f, v, chunk.words[row]?.blocks[k] as Uint16Array);
  }
}

/** The ratios of a meter's instrument transformers. */
export interface Transformers {
  current: number;
  voltage: number;
}

function ratioOf(t: Transformers, quantity: number): number {
  const unit = quantities[quantity]?.[1];
  if (unit === 'V') return t.voltage;
  if (unit === 'A') return t.current;
  return unit === 'W' || unit === 'var' || unit === 'VA' || unit === 'Wh' ? t.current * t.voltage : 1;
}

/** How the values of readings stand to their words: given by them, judged by what stands elsewhere, or not given. */
export interface Given {
  given: number;
  other: number;
  not: number;
}

/** Adds how the values of one reading of a chunk stand to its words. */
export function judge(g: Given, chunk: Chunk, row: number, t: Transformers): void {
  const words = chunk.words[row];
  if (!words) return;
  const judged = new Map<number, 'given' | 'elsewhere' | 'not'>();
  for (const [k, block] of words.layout.blocks.entries()) {
    const came = words.blocks[k];
    for (const f of block.fields) {
      const stored = chunk.values[f.quantity]?.[row];
      const so = judged.get(f.quantity);
      if (stored === undefined || so === 'given') continue;
      if (!came) judged.set(f.quantity, so ?? 'not');
      else if (f.num === 0) judged.set(f.quantity, 'elsewhere');
      else if (gives(f, came, Number(stored), ratioOf(t, f.quantity))) judged.set(f.quantity, 'given');
      else if (so !== 'elsewhere') judged.set(f.quantity, 'not');
    }
  }
  for (const [q, column] of chunk.values.entries()) {
    if (column[row] === undefined) continue;
    const so = judged.get(q);
    if (so === 'given') g.given++;
    else if (so === 'not') g.not++;
    else g.other++;
  }
}

function gives(f: Field, words: Uint16Array, stored: number, ratio: number): boolean {
  const want = (shown(f, words, f.at) * f.num) / f.den;
  let far = 0.5;
  if (ratio !== 1) far += 0.5 * ratio;
  return Math.abs(want - stored) <= far + Math.abs(want) * 1e-12;
}
