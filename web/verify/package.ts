// Checks an evidence package as `rigistry verify` does, from the bytes of the file alone: the form of the ZIP,
// the signature of the manifest, each digest, the ledger's entries and the seals of readings up to the signed
// checkpoint, the events that devices signed, and that nothing was taken out but what the manifest lists.
import { base64, hex, join, same, text, utf8 } from './bytes';
import { checkSignature } from './keys';
import { type Entry, leafOf, privateDigest, rootOf } from './ledger';
import { checkReadings, type ReadingsReport } from './readings';
import { sha256 } from './sha256';
import { Broken, type Progress, type Source, Walk } from './zip';

export { Broken, type Progress, type Source } from './zip';

export interface Report {
  manifest: Manifest;
  keyId: string;
  files: number;
  entries: number;
  readings: ReadingsReport;
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

const kidOf = (key: Uint8Array) => hex(sha256(key).subarray(0, 8));

async function signedBy(manifest: Uint8Array, signature: Uint8Array, keys: Uint8Array[]): Promise<string> {
  const m = /^rigistry-evidence-package\/1\nkey ([0-9a-f]{16})\nsignature ([A-Za-z0-9+/]{86}==)\n$/.exec(text(signature));
  if (!m) throw new Broken('manifest.sig', 'it is not a signature');
  const check = await checkSignature();
  for (const key of keys) {
    if (kidOf(key) !== m[1]) continue;
    if (!(await check(key, join(utf8.encode('rigistry/evidence-package/v1\0'), manifest), base64(m[2] ?? '')))) throw new Broken('manifest.json', 'its signature does not hold');
    return m[1];
  }
  throw new Broken('manifest.sig', 'it is by a key that is not among the registry’s');
}

const orNone = (make: () => Uint8Array): Uint8Array => {
  try {
    return make();
  } catch {
    return new Uint8Array();
  }
};

class Check {
  readonly kept = new Map<string, Uint8Array>();
  readonly at = new Map<string, { from: number; size: number; sha256: string }>();
  readonly items = new Map<string, string>();
  readonly seen = new Set<string>();
  readonly entries = new Map<string, Entry>();
  readonly values = new Map<string, unknown>(); // of the fields of the record; undefined of one that was taken out
  removed = new Set<string>();
  readonly report: Report;

  constructor(
    readonly source: Source,
    readonly manifest: Manifest,
    keyId: string,
  ) {
    this.report = { manifest, keyId, files: manifest.files.length, entries: 0, readings: { chunks: 0, readings: 0, words: 0, given: 0, elsewhere: 0, notGiven: 0, bare: 0 }, events: 0, fields: 0 };
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
      const id = sha256(join(utf8.encode(`${m[2]}\n`), Uint8Array.of(1), key)).subarray(0, 4);
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

  fields(): void {
    const file = 'record.jsonl';
    const raw = text(this.kept.get(file) ?? new Uint8Array()).split('\n').slice(0, -1);
    for (const line of raw) {
      const l = JSON.parse(line) as { id: string; salt?: string; value?: unknown; commitment?: string };
      this.values.set(l.id, l.value);
      const item = `record:${l.id}`;
      if (l.commitment !== undefined) {
        this.gone(file, item, l.commitment);
        continue;
      }
      const head = `{"id":${JSON.stringify(l.id)},"salt":"${l.salt ?? ''}","value":`;
      if (!line.startsWith(head) || !line.endsWith('}')) throw new Broken(file, `${l.id} is not written in its one form`);
      const value = line.slice(head.length, -1);
      this.present(file, item, hex(sha256(utf8.encode(`rigistry/package-field/v1\0${l.salt ?? ''}\0${item}\0${value}`))));
      this.report.fields++;
    }
  }

  ledger(): void {
    const file = 'ledger/entries.jsonl';
    let last = -1;
    for (const e of this.lines<Entry>(file)) {
      if (e.index <= last) throw new Broken(file, `entry ${e.index} is out of order`);
      last = e.index;
      const root = orNone(() => rootOf(leafOf(e), e.index, this.manifest.ledger_size, e.path));
      if (!same(root, base64(this.manifest.ledger_root))) throw new Broken(file, `entry ${e.index} is not in the ledger of the checkpoint`);
      const item = `entry:${e.index}`;
      const digest = hex(privateDigest(e));
      if (e.digest !== undefined && this.removed.has(item)) this.gone(file, item, digest);
      else this.present(file, item, digest);
      this.entries.set(e.id, e);
      this.report.entries++;
    }
  }

  originals(): void {
    for (const l of this.lines<{ item: string; salt: string }>('salts.jsonl')) {
      const at = this.at.get(l.item.replace(/^file:/, ''));
      if (!at) throw new Broken('salts.jsonl', `${l.item} is not in the package`);
      this.present(l.item.replace(/^file:/, ''), l.item, hex(sha256(utf8.encode(`rigistry/package-field/v1\0${l.salt}\0${l.item}\0${at.sha256}`))));
    }
    for (const [path, at] of this.at) {
      if (path.startsWith('originals/') && path.slice(10).split('.')[0] !== at.sha256) throw new Broken(path, 'its bytes have another SHA-256 than its name');
    }
  }

  words(): void {
    for (const l of this.lines<{ id: string; value?: { entry: string; salt: string; text: string } }>('record.jsonl')) {
      if (!l.id.startsWith('words.') || !l.value) continue;
      const e = this.entries.get(l.value.entry);
      if (!e) throw new Broken('record.jsonl', `${l.id} names an entry that is not here`);
      if (e.digest !== undefined) continue;
      const digest = `sha256:${hex(sha256(utf8.encode(l.value.salt + l.value.text)))}`;
      if ((JSON.parse(e.body ?? '{}') as { words?: string }).words !== digest) throw new Broken('record.jsonl', `the words of ${l.id} do not give the digest in the ledger`);
    }
  }

  async readings(progress: Progress): Promise<void> {
    this.report.readings = await checkReadings({ source: this.source, at: this.at, entries: this.entries, fields: this.values, lines: (path) => this.lines(path), progress });
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
      const hash = hex(sha256(bytes));
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
export async function verifyPackage(source: Source, trusted: PackageKeys | null, progress: Progress = () => undefined): Promise<Report> {
  const walk = new Walk(source, progress);
  const signed = (await walk.next('manifest.json', null, 64 * 2 ** 20, true)).body;
  const signature = (await walk.next('manifest.sig', null, 1024, true)).body;
  const own = await walk.next('keys.json', null, 2 ** 20, true);
  const keys = trusted ?? readPackageKeys(text(own.body));
  const keyId = await signedBy(signed, signature, keys.document ?? []);
  const manifest = JSON.parse(text(signed)) as Manifest;
  if (manifest.format !== 'rigistry-evidence-package/1' || manifest.files[0]?.path !== 'keys.json') throw new Broken('manifest.json', 'it is of another form');
  const check = new Check(source, manifest, keyId);
  for (const [i, f] of manifest.files.entries()) {
    const keep = /\.jsonl$|^items\.txt$|^ledger\/checkpoint\.txt$/.test(f.path);
    check.at.set(f.path, { from: walk.at + 30 + utf8.encode(f.path).length, size: f.bytes, sha256: f.sha256 });
    const taken = i === 0 ? own : await walk.next(f.path, f.bytes, limit, keep);
    if (taken.size !== f.bytes || hex(taken.sha256) !== f.sha256) throw new Broken(f.path, 'it is not what the manifest says');
    if (keep) check.kept.set(f.path, taken.body);
  }
  await walk.end();
  await check.checkpoint(keys.ledger ?? []);
  check.list();
  check.fields();
  check.ledger();
  check.originals();
  check.words();
  await check.readings(progress);
  await check.events();
  check.complete();
  return check.report;
}
