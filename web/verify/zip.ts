// The ZIP of a package has one written form, and is read from its first byte to its last, piece by piece: what a file
// has is never in memory at once, unless it is asked for.
import { join, same, utf8 } from './bytes';
import { Sha256 } from './sha256';

/** What of a package does not hold. */
export class Broken extends Error {
  constructor(
    readonly part: string,
    readonly what: string,
  ) {
    super(`${part}: ${what}`);
  }
}

/** Where the bytes come from: a file of the browser, or a buffer. */
export interface Source {
  size: number;
  read(from: number, length: number): Promise<Uint8Array>;
}

/** How far a check has come; what it gives is waited for, so that a page can draw itself. */
export type Progress = (stage: 'files' | 'readings', done: number, of: number) => Promise<void> | void;

/** How many bytes are read at once. */
export const piece = 2 ** 20;

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c >>> 0;
});

function crc32(c: number, b: Uint8Array): number {
  for (let i = 0; i < b.length; i++) c = (c >>> 8) ^ (table[(c ^ (b[i] as number)) & 255] as number);
  return c;
}

function numbers(...parts: [value: number, bytes: number][]): Uint8Array {
  return Uint8Array.from(parts.flatMap(([v, n]) => Array.from({ length: n }, (_, i) => Math.floor(v / 2 ** (8 * i)) & 255)));
}

interface Head {
  path: string;
  size: number;
  crc: number;
}

const common = (f: Head): [number, number][] => [[10, 2], [0x0800, 2], [0, 2], [0, 2], [0x21, 2], [f.crc, 4], [f.size, 4], [f.size, 4], [utf8.encode(f.path).length, 2], [0, 2]];
const localHead = (f: Head) => join(numbers([0x04034b50, 4], ...common(f)), utf8.encode(f.path));
const centralHead = (f: Head, at: number) => join(numbers([0x02014b50, 4], [10, 2], ...common(f), [0, 2], [0, 4], [0, 4], [at, 4]), utf8.encode(f.path));

/** What was read of a file: its digest, and its bytes where they were asked for. */
export interface Taken {
  size: number;
  sha256: Uint8Array;
  body: Uint8Array;
}

/** Walks a package from its first byte to its last. */
export class Walk {
  at = 0;
  private files = 0;
  private directory: Uint8Array[] = [];

  constructor(
    private readonly source: Source,
    private readonly progress: Progress,
  ) {}

  /** Reads the next file, which must have the path and, where it is known, the size. */
  async next(path: string, known: number | null, limit: number, keep: boolean): Promise<Taken> {
    const length = 30 + utf8.encode(path).length;
    if (this.at + length > this.source.size) throw new Broken(path, 'the package ends before it');
    const head = await this.source.read(this.at, length);
    if (this.at === 0 && new DataView(head.buffer, head.byteOffset).getUint32(0, true) !== 0x04034b50) throw new Broken(path, 'the file is no package: it does not begin as a ZIP does');
    const size = known ?? new DataView(head.buffer, head.byteOffset).getUint32(18, true);
    if (size > limit || size > this.source.size - this.at - length) throw new Broken(path, 'its size is not possible');
    const sum = new Sha256();
    const kept: Uint8Array[] = [];
    let crc = 0xffffffff;
    for (let done = 0; done < size; done += piece) {
      const b = await this.source.read(this.at + length + done, Math.min(piece, size - done));
      crc = crc32(crc, b);
      sum.update(b);
      if (keep) kept.push(b);
      await this.progress('files', this.at + length + done + b.length, this.source.size);
    }
    const f = { path, size, crc: (crc ^ 0xffffffff) >>> 0 };
    if (!same(head, localHead(f))) throw new Broken(path, 'its bytes, or its header in the ZIP, are not as they were written');
    this.directory.push(centralHead(f, this.at));
    this.at += length + size;
    this.files++;
    return { size, sha256: sum.digest(), body: kept.length === 1 ? (kept[0] as Uint8Array) : join(...kept) };
  }

  async end(): Promise<void> {
    const directory = join(...this.directory);
    const tail = numbers([0x06054b50, 4], [0, 4], [this.files, 2], [this.files, 2], [directory.length, 4], [this.at, 4], [0, 2]);
    for (const [name, want] of [['the directory of the ZIP', directory], ['the end of the ZIP', tail]] as const) {
      const got = this.at + want.length <= this.source.size ? await this.source.read(this.at, want.length) : new Uint8Array();
      if (!same(got, want)) throw new Broken(name, 'it is not as it was written');
      this.at += want.length;
    }
    if (this.at !== this.source.size) throw new Broken('the end of the ZIP', 'something follows it');
  }
}
