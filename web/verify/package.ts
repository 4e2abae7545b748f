// Checks an evidence package as `rigistry verify` does, from the bytes of the file alone: the form of the ZIP,
// the signature of the manifest, each digest, the ledger's entries and the seals of readings up to the signed
// checkpoint, the events that devices signed, and that nothing was taken out but what the manifest lists.
import { checkSignature } from './keys';

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

export interface Report {
  manifest: Manifest;
  keyId: string;
  files: number;
  entries: number;
  chunks: number;
  events: number;
  fields: number;
}

export interface Manifest {
  format: string;
  case_id: string;
  case_number: string;
  ledger_origin: string;
  ledger_size: number;
  ledger_root: string;
  checkpoint_at: string;
  items_sha256: string;
  removed: string[];
  removed_for: string;
  removed_by: string;
  files: { path: string; bytes: number; sha256: string; what: string; covered: string }[];
}

/** Public keys by purpose: document and ledger. */
export type PackageKeys = Record<string, Uint8Array[]>;

const utf8 = new TextEncoder();
const text = (b: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(b);
const hex = (b: Uint8Array) => Array.from(b, (v) => v.toString(16).padStart(2, '0')).join('');
const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((v, i) => v === b[i]);

function unhex(s: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(s)) throw new Error('no hex');
  return Uint8Array.from(s.match(/../g) ?? [], (h) => Number.parseInt(h, 16));
}

/** Standard base64 in its one form. */
export function base64(s: string): Uint8Array {
  const b = Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
  if (btoa(String.fromCharCode(...b)) !== s) throw new Error('no base64');
  return b;
}

function join(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

const sha256 = async (b: Uint8Array) => new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(b)));

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c >>> 0;
});

function crc32(b: Uint8Array): number {
  let c = 0xffffffff;
  for (const v of b) c = (c >>> 8) ^ (table[(c ^ v) & 255] ?? 0);
  return (c ^ 0xffffffff) >>> 0;
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

/** Walks a package from its first byte to its last. */
class Walk {
  at = 0;
  private files = 0;
  private directory: Uint8Array[] = [];

  constructor(private readonly source: Source) {}

  async next(path: string, known: number | null, limit: number): Promise<Uint8Array> {
    const length = 30 + utf8.encode(path).length;
    if (this.at + length > this.source.size) throw new Broken(path, 'the package ends before it');
    const head = await this.source.read(this.at, length);
    const size = known ?? new DataView(head.buffer, head.byteOffset).getUint32(18, true);
    if (size > limit || size > this.source.size - this.at - length) throw new Broken(path, 'its size is not possible');
    const body = await this.source.read(this.at + length, size);
    const f = { path, size, crc: crc32(body) };
    if (!same(head, localHead(f))) throw new Broken(path, 'its bytes, or its header in the ZIP, are not as they were written');
    this.directory.push(centralHead(f, this.at));
    this.at += length + size;
    this.files++;
    return body;
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

/** Reads the keys of a JWKS by purpose; one without a purpose serves both. */
export function readPackageKeys(jwks: string): PackageKeys {
  const out: PackageKeys = { document: [], ledger: [] };
  const set = JSON.parse(jwks) as { keys?: { kty?: string; crv?: string; x?: string; purpose?: string }[] };
  for (const k of set.keys ?? []) {
    if (k.kty !== 'OKP' || k.crv !== 'Ed25519' || typeof k.x !== 'string') continue;
    const x = base64(k.x.replaceAll('-', '+').replaceAll('_', '/').padEnd(Math.ceil(k.x.length / 4) * 4, '='));
    for (const purpose of k.purpose ? [k.purpose] : ['document', 'ledger']) out[purpose]?.push(x);
  }
  return out;
}

const kidOf = async (key: Uint8Array) => hex((await sha256(key)).subarray(0, 8));

async function signedBy(manifest: Uint8Array, signature: Uint8Array, keys: Uint8Array[]): Promise<string> {
  const m = /^rigistry-evidence-package\/1\nkey ([0-9a-f]{16})\nsignature ([A-Za-z0-9+/]{86}==)\n$/.exec(text(signature));
  if (!m) throw new Broken('manifest.sig', 'it is not a signature');
  const check = await checkSignature();
  for (const key of keys) {
    if ((await kidOf(key)) !== m[1]) continue;
    if (!(await check(key, join(utf8.encode('rigistry/evidence-package/v1\0'), manifest), base64(m[2] ?? '')))) throw new Broken('manifest.json', 'its signature does not hold');
    return m[1];
  }
  throw new Broken('manifest.sig', 'it is by a key that is not among the registry’s');
}

const nodeHash = (a: Uint8Array, b: Uint8Array) => sha256(join(Uint8Array.of(1), a, b));

/** The root that a leaf and its path give in a tree of RFC 6962. */
async function rootOf(leaf: Uint8Array, index: number, size: number, path: string[]): Promise<Uint8Array> {
  let h = await sha256(join(Uint8Array.of(0), leaf));
  let [fn, sn] = [index, size - 1];
  if (!(index >= 0 && index < size)) throw new Error('no place in the tree');
  for (const step of path) {
    const p = base64(step);
    if (p.length !== 32 || sn === 0) throw new Error('no path');
    if (fn % 2 === 1 || fn === sn) {
      h = await nodeHash(p, h);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else h = await nodeHash(h, p);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) throw new Error('the path is too short');
  return h;
}

interface Entry {
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

async function privateDigest(e: Entry): Promise<Uint8Array> {
  if (e.digest !== undefined) return unhex(e.digest);
  return sha256(join(lengthed(unhex(e.salt ?? '')), said(e.actor_name ?? ''), said(e.body ?? '')));
}

async function leafOf(e: Entry): Promise<Uint8Array> {
  return join(
    utf8.encode('rigistry/ledger-entry/v1\0'), said(e.id), bigEndian(e.at_us), said(e.kind), said(e.subject_kind), said(e.subject_id), bigEndian(e.subject_version),
    said(e.actor_kind), said(e.actor_id), said(e.utility), said(e.request_id), await privateDigest(e),
  );
}

class Check {
  readonly kept = new Map<string, Uint8Array>();
  readonly at = new Map<string, { from: number; size: number; sha256: string }>();
  readonly items = new Map<string, string>();
  readonly seen = new Set<string>();
  readonly entries = new Map<string, Entry>();
  removed = new Set<string>();
  readonly report: Report;

  constructor(
    readonly source: Source,
    readonly manifest: Manifest,
    keyId: string,
  ) {
    this.report = { manifest, keyId, files: manifest.files.length, entries: 0, chunks: 0, events: 0, fields: 0 };
    this.removed = new Set(manifest.removed);
  }

  lines<T>(path: string): T[] {
    const t = text(this.kept.get(path) ?? new Uint8Array());
    if (t !== '' && !t.endsWith('\n')) throw new Broken(path, 'its last line has no end');
    return t.split('\n').slice(0, -1).map((line) => JSON.parse(line) as T);
  }

  present(file: string, item: string, commitment: string): void {
    if (this.items.get(item) !== commitment) throw new Broken(file, `${item} was added or changed`);
    if (this.seen.has(item) || this.removed.has(item)) throw new Broken(file, `${item} is twice there, or the manifest says that it was taken out`);
    this.seen.add(item);
  }

  gone(file: string, item: string, commitment: string): void {
    if (this.items.get(item) !== commitment || !this.removed.has(item)) throw new Broken(file, `${item} was taken out, and the manifest does not list it`);
  }

  async checkpoint(keys: Uint8Array[]): Promise<void> {
    const file = 'ledger/checkpoint.txt';
    const note = text(this.kept.get(file) ?? new Uint8Array());
    const m = /^((.+)\n(\d+)\n(.+)\ntime (.+)\n)\n— (.+) ([A-Za-z0-9+/=]+)\n$/u.exec(note);
    if (!m || m[2] !== m[6]) throw new Broken(file, 'it is no checkpoint');
    const signature = base64(m[7] ?? '');
    const check = await checkSignature();
    let holds = false;
    for (const key of keys) {
      const id = (await sha256(join(utf8.encode(`${m[2]}\n`), Uint8Array.of(1), key))).subarray(0, 4);
      if (same(id, signature.subarray(0, 4)) && (await check(key, utf8.encode(m[1] ?? ''), signature.subarray(4)))) holds = true;
    }
    if (!holds) throw new Broken(file, 'its signature does not hold');
    const x = this.manifest;
    const time = (s: string) => s.replace(/0*Z$/, 'Z').replace(/\.Z$/, 'Z');
    if (m[2] !== x.ledger_origin || Number(m[3]) !== x.ledger_size || m[4] !== x.ledger_root || time(m[5] ?? '') !== time(x.checkpoint_at)) throw new Broken(file, 'it is not the checkpoint that the manifest names');
  }

  list(): void {
    const file = 'items.txt';
    if (this.at.get(file)?.sha256 !== this.manifest.items_sha256) throw new Broken(file, 'it is not the list that the manifest names');
    for (const line of text(this.kept.get(file) ?? new Uint8Array()).split('\n').slice(0, -1)) {
      const m = /^([0-9a-f]{64}) {2}(.+)$/.exec(line);
      if (!m || this.items.has(m[2] ?? '')) throw new Broken(file, 'a line is no item');
      this.items.set(m[2] ?? '', m[1] ?? '');
    }
  }

  async fields(): Promise<void> {
    const file = 'record.jsonl';
    const raw = text(this.kept.get(file) ?? new Uint8Array()).split('\n').slice(0, -1);
    for (const line of raw) {
      const l = JSON.parse(line) as { id: string; salt?: string; commitment?: string };
      const item = `record:${l.id}`;
      if (l.commitment !== undefined) {
        this.gone(file, item, l.commitment);
        continue;
      }
      const head = `{"id":${JSON.stringify(l.id)},"salt":"${l.salt ?? ''}","value":`;
      if (!line.startsWith(head) || !line.endsWith('}')) throw new Broken(file, `${l.id} is not written in its one form`);
      const value = line.slice(head.length, -1);
      this.present(file, item, hex(await sha256(utf8.encode(`rigistry/package-field/v1\0${l.salt ?? ''}\0${item}\0${value}`))));
      this.report.fields++;
    }
  }

  async ledger(): Promise<void> {
    const file = 'ledger/entries.jsonl';
    let last = -1;
    for (const e of this.lines<Entry>(file)) {
      if (e.index <= last) throw new Broken(file, `entry ${e.index} is out of order`);
      last = e.index;
      const root = await rootOf(await leafOf(e), e.index, this.manifest.ledger_size, e.path).catch(() => new Uint8Array());
      if (!same(root, base64(this.manifest.ledger_root))) throw new Broken(file, `entry ${e.index} is not in the ledger of the checkpoint`);
      const item = `entry:${e.index}`;
      const digest = hex(await privateDigest(e));
      if (e.digest !== undefined && this.removed.has(item)) this.gone(file, item, digest);
      else this.present(file, item, digest);
      this.entries.set(e.id, e);
      this.report.entries++;
    }
  }

  async originals(): Promise<void> {
    for (const l of this.lines<{ item: string; salt: string }>('salts.jsonl')) {
      const at = this.at.get(l.item.replace(/^file:/, ''));
      if (!at) throw new Broken('salts.jsonl', `${l.item} is not in the package`);
      this.present(l.item.replace(/^file:/, ''), l.item, hex(await sha256(utf8.encode(`rigistry/package-field/v1\0${l.salt}\0${l.item}\0${at.sha256}`))));
    }
    for (const [path, at] of this.at) {
      if (path.startsWith('originals/') && path.slice(10).split('.')[0] !== at.sha256) throw new Broken(path, 'its bytes have another SHA-256 than its name');
    }
  }

  async words(): Promise<void> {
    for (const l of this.lines<{ id: string; value?: { entry: string; salt: string; text: string } }>('record.jsonl')) {
      if (!l.id.startsWith('words.') || !l.value) continue;
      const e = this.entries.get(l.value.entry);
      if (!e) throw new Broken('record.jsonl', `${l.id} names an entry that is not here`);
      if (e.digest !== undefined) continue;
      const digest = `sha256:${hex(await sha256(utf8.encode(l.value.salt + l.value.text)))}`;
      if ((JSON.parse(e.body ?? '{}') as { words?: string }).words !== digest) throw new Broken('record.jsonl', `the words of ${l.id} do not give the digest in the ledger`);
    }
  }

  async readings(): Promise<void> {
    const file = 'readings/chunks.jsonl';
    const seals = new Map<string, string>();
    for (const e of this.entries.values()) {
      if (e.kind === 'readings.sealed' && e.body !== undefined) seals.set(e.subject_id, (JSON.parse(e.body) as { root: string }).root);
    }
    const next = new Map<string, number>();
    for (const l of this.lines<{ file: string; offset: number; bytes: number; start: string; seal: number; size: number; index: number; path: string[]; root: string }>(file)) {
      const at = this.at.get(l.file);
      const from = next.get(l.file) ?? 0;
      if (!at || l.offset !== from || l.bytes < 1 || from + l.bytes > at.size) throw new Broken(file, `the chunk of ${l.start} is not where it should stand`);
      next.set(l.file, from + l.bytes);
      const digest = await sha256(await this.source.read(at.from + from, l.bytes));
      const root = await rootOf(digest, l.index, l.size, l.path).catch(() => new Uint8Array());
      if (hex(root) !== l.root) throw new Broken(l.file, `the chunk of ${l.start} is not the one that was sealed`);
      if (seals.get(String(l.seal)) !== l.root) throw new Broken(file, `the seal of the chunk of ${l.start} is not in the ledger`);
      this.report.chunks++;
    }
    for (const [path, at] of this.at) {
      if (path.endsWith('.chunks') && next.get(path) !== at.size) throw new Broken(path, 'some of its bytes belong to no chunk');
      if (path.startsWith('readings/layouts/') && path !== `readings/layouts/${at.sha256}.txt`) throw new Broken(path, 'its bytes have another SHA-256 than its name');
    }
  }

  async events(): Promise<void> {
    const file = 'field/events.jsonl';
    const devices = new Map<string, CryptoKey>();
    for (const d of this.lines<{ id: string; public_key: string }>('field/devices.jsonl')) {
      devices.set(d.id, await crypto.subtle.importKey('raw', new Uint8Array(base64(d.public_key)), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']));
    }
    const last = new Map<string, { seq: number; hash: string }>();
    for (const l of this.lines<{ payload?: string; signature?: string; hash?: string; entry?: string }>(file)) {
      if (l.payload === undefined) {
        this.gone(file, `event:${l.hash ?? ''}`, l.hash ?? '');
        continue;
      }
      const bytes = utf8.encode(l.payload);
      const hash = hex(await sha256(bytes));
      const p = JSON.parse(l.payload) as { id: string; device: string; seq: number; prev: string };
      const key = devices.get(p.device);
      if (!key || !(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, new Uint8Array(base64(l.signature ?? '')), bytes))) throw new Broken(file, `the signature of event ${p.id} does not hold`);
      const e = l.entry === undefined ? undefined : this.entries.get(l.entry);
      if (l.entry !== undefined && (!e || (e.digest === undefined && !(e.body ?? '').includes(hash)))) throw new Broken(file, `the ledger does not name event ${p.id}`);
      const before = last.get(p.device);
      if (before && p.seq === before.seq + 1 && p.prev !== before.hash) throw new Broken(file, `the chain is broken at event ${p.id}`);
      last.set(p.device, { seq: p.seq, hash });
      this.present(file, `event:${hash}`, hash);
      this.report.events++;
    }
  }

  complete(): void {
    for (const item of this.removed) if (!this.items.has(item)) throw new Broken('manifest.json', `${item} was taken out, and the list of items does not have it`);
    for (const item of this.items.keys()) if (!this.seen.has(item) && !this.removed.has(item)) throw new Broken('items.txt', `${item} is missing`);
  }
}

const limit = 4_000_000_000;

/** Checks a whole package. trusted are keys from elsewhere; without them the package's own are used, which prove nothing alone. */
export async function verifyPackage(source: Source, trusted: PackageKeys | null): Promise<Report> {
  const walk = new Walk(source);
  const manifestBytes = await walk.next('manifest.json', null, 64 * 2 ** 20);
  const signature = await walk.next('manifest.sig', null, 1024);
  const own = await walk.next('keys.json', null, 2 ** 20);
  const keys = trusted ?? readPackageKeys(text(own));
  const keyId = await signedBy(manifestBytes, signature, keys.document ?? []);
  const manifest = JSON.parse(text(manifestBytes)) as Manifest;
  if (manifest.format !== 'rigistry-evidence-package/1' || manifest.files[0]?.path !== 'keys.json') throw new Broken('manifest.json', 'it is of another form');
  const check = new Check(source, manifest, keyId);
  for (const [i, f] of manifest.files.entries()) {
    const head = 30 + utf8.encode(f.path).length;
    check.at.set(f.path, { from: walk.at + head, size: f.bytes, sha256: f.sha256 });
    const body = i === 0 ? own : await walk.next(f.path, f.bytes, limit);
    if (body.length !== f.bytes || hex(await sha256(body)) !== f.sha256) throw new Broken(f.path, 'it is not what the manifest says');
    if (/\.jsonl$|^items\.txt$|^ledger\/checkpoint\.txt$/.test(f.path)) check.kept.set(f.path, body);
  }
  await walk.end();
  await check.checkpoint(keys.ledger ?? []);
  check.list();
  await check.fields();
  await check.ledger();
  await check.originals();
  await check.words();
  await check.readings();
  await check.events();
  check.complete();
  return check.report;
}
