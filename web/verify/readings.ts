// The readings of a package: each chunk up to its seal in the ledger, the tables made again from the chunks, and the
// values held to the words that the meter answered.
import { hex, text, utf8 } from './bytes';
import { type Chunk, openChunk, readChunk } from './chunk';
import { type Entry, rootOf } from './ledger';
import { type Given, judge, type Layout, readLayout, type Transformers } from './registers';
import { sha256 } from './sha256';
import { readingLines, readingsHeading, registerLines, registersHeading, stamp, wordsIn } from './tables';
import { Broken, type Progress, type Source } from './zip';

/** Where a file of a package stands. */
export interface Spot {
  from: number;
  size: number;
  sha256: string;
}

/** What of a package the readings are checked against. */
export interface Around {
  source: Source;
  at: ReadonlyMap<string, Spot>;
  entries: ReadonlyMap<string, Entry>;
  /** Fields of the record by name; undefined of one that was taken out. */
  fields: ReadonlyMap<string, unknown>;
  lines<T>(path: string): T[];
  progress: Progress;
}

export interface ReadingsReport {
  chunks: number;
  readings: number;
  words: number;
  given: number;
  elsewhere: number;
  notGiven: number;
  bare: number;
}

interface Line {
  file: string;
  offset: number;
  bytes: number;
  start: string;
  version: number;
  seal: number;
  size: number;
  index: number;
  path: string[];
  root: string;
}

const list = 'readings/chunks.jsonl';
const layouts = 'readings/layouts/';
const registersTable = '.registers.csv';
const maxChunk = 16 << 20;
const maxLayout = 1 << 20;
const maxTableWords = 16 << 20;
const quarter = 900_000_000n;

/** Reads parts of a file that follow each other, a large piece at a time. */
class Ahead {
  private from = 0;
  private held: Uint8Array = new Uint8Array();

  constructor(
    private readonly source: Source,
    private readonly spot: Spot,
  ) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < this.from || offset + length > this.from + this.held.length) {
      this.from = offset;
      this.held = await this.source.read(this.spot.from + offset, Math.min(Math.max(length, 1 << 20), this.spot.size - offset));
    }
    return this.held.subarray(offset - this.from, offset - this.from + length);
  }
}

/** Compares a table with the one in the package while it is made again. */
class Table {
  private done = 0;
  private waiting: string[] = [];
  private length = 0;

  constructor(
    private readonly source: Source,
    private readonly path: string,
    private readonly spot: Spot,
    private readonly says: string,
  ) {}

  async add(lines: string): Promise<void> {
    this.waiting.push(lines);
    this.length += lines.length;
    if (this.length > 1 << 20) await this.compare();
  }

  async end(): Promise<void> {
    await this.compare();
    if (this.done !== this.spot.size) throw new Broken(this.path, this.says);
  }

  private async compare(): Promise<void> {
    const want = utf8.encode(this.waiting.join(''));
    [this.waiting, this.length] = [[], 0];
    if (this.done + want.length > this.spot.size) throw new Broken(this.path, this.says);
    const got = await this.source.read(this.spot.from + this.done, want.length);
    for (let i = 0; i < want.length; i++) if (got[i] !== want[i]) throw new Broken(this.path, this.says);
    this.done += want.length;
  }
}

/** The sealed readings of one meter. */
class Meter {
  readonly name: string;
  readonly ahead: Ahead;
  private readonly code: string;
  private readonly profile: string;
  private readonly digest: string;
  private readonly behind: Transformers | null;
  private readonly readings: Table;
  private readonly registers: Table | null;
  private readonly given: Given = { given: 0, other: 0, not: 0 };
  private bare = 0;
  private foreign = 0;
  private words = 0;
  private first = '';

  constructor(
    private readonly around: Around,
    readonly file: string,
    spot: Spot,
  ) {
    this.name = file.replace(/\.chunks$/, '');
    this.ahead = new Ahead(around.source, spot);
    const id = [...around.fields.keys()].find((f) => f.startsWith('meter.') && `readings/${safeName(f.slice(6))}` === this.name);
    if (id === undefined) throw new Broken(file, 'no meter of the record has these readings');
    this.code = id.slice(6);
    const record = (around.fields.get(id) ?? {}) as { profile?: string; profile_sha256?: string; ct?: string; vt?: string };
    [this.profile, this.digest] = [record.profile ?? '', record.profile_sha256 ?? ''];
    const [current, voltage] = [ratio(record.ct), ratio(record.vt)];
    this.behind = current === null || voltage === null ? null : { current, voltage };
    const table = around.at.get(`${this.name}.csv`);
    if (!table) throw new Broken(`${this.name}.csv`, 'it is not here');
    this.readings = new Table(around.source, `${this.name}.csv`, table, 'it is not what the sealed readings say');
    const words = around.at.get(this.name + registersTable);
    this.registers = words ? new Table(around.source, this.name + registersTable, words, 'it is not what the sealed registers say') : null;
  }

  async begin(): Promise<void> {
    await this.readings.add(readingsHeading);
    await this.registers?.add(registersHeading);
  }

  async add(l: Line, chunk: Chunk): Promise<void> {
    const at = BigInt(chunk.at[0] ?? 0);
    const start = at - (((at % quarter) + quarter) % quarter);
    if (stamp(start).replace('.000000', '') !== l.start) throw new Broken(list, `the chunk at ${l.start} does not begin then`);
    this.words += wordsIn(chunk);
    for (let row = 0; row < chunk.count; row++) this.judge(chunk, row);
    await this.registers?.add(registerLines(chunk, l.version));
    await this.readings.add(readingLines(chunk, l.version));
  }

  private judge(chunk: Chunk, row: number): void {
    const words = chunk.words[row];
    if (!words) {
      if (chunk.values.some((column) => column[row] !== undefined)) this.bare++;
      return;
    }
    if (!this.behind) return;
    const before = this.given.not;
    judge(this.given, chunk, row, this.behind);
    if (before === 0 && this.given.not > 0) this.first = stamp(BigInt(chunk.at[row] ?? 0));
    if (words.layout.profile !== this.profile || (this.digest !== '' && words.layout.profileDigest !== this.digest)) this.foreign++;
  }

  async end(report: ReadingsReport): Promise<void> {
    await this.readings.end();
    const table = this.name + registersTable;
    if (this.registers && this.words === 0) throw new Broken(table, 'the sealed readings have no registers');
    if (!this.registers && this.words > 0 && this.words <= maxTableWords) throw new Broken(table, 'it is not here, and the sealed readings have registers');
    if (this.registers) {
      await this.registers.end();
      report.words += this.words;
    }
    this.gaps();
    report.given += this.given.given;
    report.elsewhere += this.given.other;
    report.notGiven += this.given.not;
    report.bare += this.bare;
  }

  /** What was counted, beside what the gaps say. */
  private gaps(): void {
    const gaps = this.around.fields.get('gaps') as { code: string; what?: string; n?: number }[] | undefined;
    if (!gaps) return;
    const said = (code: string) => gaps.find((g) => g.code === code && g.what === this.code);
    const not = said('values_not_given')?.n ?? 0;
    if (this.behind && not !== this.given.not) {
      throw new Broken(this.file, `the registers do not give ${this.given.not} of its values, first at ${this.first}, and the gaps say ${not}`);
    }
    for (const [code, n] of [['readings_without_registers', this.bare], ['layout_of_another_profile', this.foreign]] as const) {
      const stated = said(code);
      if (stated && (stated.n ?? 0) !== n && (this.behind || code === 'readings_without_registers')) {
        throw new Broken('record.jsonl', `the gaps say ${stated.n ?? 0} of ${code} of meter ${this.code}, and there are ${n}`);
      }
    }
  }
}

const safeName = (code: string) => [...code].map((c) => (/[A-Za-z0-9_-]/.test(c) ? c : '_')).join('');

function ratio(s: string | undefined): number | null {
  const m = /^([1-9][0-9]{0,17})\/([1-9][0-9]{0,17})$/.exec(s ?? '');
  return m ? Number(m[1]) / Number(m[2]) : null;
}

/** Checks the readings of a package. */
export async function checkReadings(around: Around): Promise<ReadingsReport> {
  const report: ReadingsReport = { chunks: 0, readings: 0, words: 0, given: 0, elsewhere: 0, notGiven: 0, bare: 0 };
  const seals = new Map<string, string>();
  for (const e of around.entries.values()) {
    if (e.kind === 'readings.sealed' && e.body !== undefined) seals.set(e.subject_id, (JSON.parse(e.body) as { root: string }).root);
  }
  const known = new Map<string, Layout>();
  const next = new Map<string, number>();
  const lines = around.lines<Line>(list);
  let meter: Meter | undefined;
  for (const [i, l] of lines.entries()) {
    const spot = around.at.get(l.file);
    const from = next.get(l.file) ?? 0;
    if (!spot || l.offset !== from || !(l.bytes >= 1 && l.bytes <= maxChunk) || from + l.bytes > spot.size) throw new Broken(list, `the chunk of ${l.start} is not where it should stand`);
    if (meter?.file !== l.file) {
      await meter?.end(report);
      meter = new Meter(around, l.file, spot);
      await meter.begin();
    }
    next.set(l.file, from + l.bytes);
    const body = await meter.ahead.read(from, l.bytes);
    sealed(l, body, seals);
    const chunk = await chunkOf(around, l, body, known);
    await meter.add(l, chunk);
    report.readings += chunk.count;
    report.chunks++;
    await around.progress('readings', i + 1, lines.length);
  }
  await meter?.end(report);
  strangers(around, next, known);
  return report;
}

/** Checks that a chunk is the one that was sealed, and its seal in the ledger. */
function sealed(l: Line, body: Uint8Array, seals: ReadonlyMap<string, string>): void {
  let root = '';
  try {
    root = hex(rootOf(sha256(body), l.index, l.size, l.path));
  } catch {
    root = 'none';
  }
  if (root !== l.root) throw new Broken(l.file, `the chunk of ${l.start} is not the one that was sealed`);
  if (seals.get(String(l.seal)) !== l.root) throw new Broken(list, `the seal of the chunk of ${l.start} is not in the ledger`);
}

async function chunkOf(around: Around, l: Line, body: Uint8Array, known: Map<string, Layout>): Promise<Chunk> {
  const broken = () => new Broken(l.file, `the chunk of ${l.start} cannot be read`);
  let parts: ReturnType<typeof openChunk>;
  try {
    parts = openChunk(body);
  } catch {
    throw broken();
  }
  const named: Layout[] = [];
  for (const digest of parts.layouts) {
    const layout = known.get(digest) ?? (await layoutOf(around, digest));
    known.set(digest, layout);
    named.push(layout);
  }
  try {
    return readChunk(parts, named);
  } catch {
    throw broken();
  }
}

async function layoutOf(around: Around, digest: string): Promise<Layout> {
  const path = `${layouts}${digest}.txt`;
  const spot = around.at.get(path);
  if (!spot) throw new Broken(path, 'a sealed chunk names it, and it is not here');
  if (spot.size > maxLayout) throw new Broken(path, 'no layout is so large');
  const b = await around.source.read(spot.from, spot.size);
  if (hex(sha256(b)) !== digest) throw new Broken(path, 'it is not the layout that the sealed chunks name: its SHA-256 is another');
  try {
    return readLayout(text(b), digest);
  } catch {
    throw new Broken(path, 'it is no layout of registers');
  }
}

/** Nothing may be there that no sealed chunk calls for. */
function strangers(around: Around, next: ReadonlyMap<string, number>, known: ReadonlyMap<string, Layout>): void {
  for (const [path, spot] of around.at) {
    if (path.endsWith('.chunks') && next.get(path) !== spot.size) throw new Broken(path, 'some of its bytes belong to no chunk');
  }
  for (const path of around.at.keys()) {
    if (path.startsWith(layouts) && !(path.endsWith('.txt') && known.has(path.slice(layouts.length, -4)))) throw new Broken(path, 'no sealed chunk names it');
    if (path.endsWith(registersTable) && !around.at.has(path.replace(/\.registers\.csv$/, '.chunks'))) throw new Broken(path, 'it belongs to no sealed readings');
  }
}
