// A store in memory, for tests and as the plainest statement of what a store does.
import { beginning, type Head } from './event';
import { type BlobPlace, type Bytes, type Finished, type Item, type Place, type Settlement, StorageFull, type Store } from './ports';

interface Kept {
  place: BlobPlace;
  bytes: Bytes | null;
}

export class MemoryStore implements Store {
  readonly items: Item[] = [];
  readonly blobs = new Map<string, Kept>();
  readonly answers = new Map<string, { code: string; detail: string } | null>();
  forgotten = 0;

  /** room is how many bytes of photos fit. */
  constructor(public room = Number.POSITIVE_INFINITY) {}

  async head(): Promise<Head> {
    const last = this.items.at(-1);
    return last ? { seq: last.seq, hash: last.hash } : beginning;
  }

  async append(item: Item, bytes: Bytes | null, was: Head): Promise<'kept' | 'moved'> {
    if ((await this.head()).hash !== was.hash) return 'moved';
    if (bytes && !this.blobs.get(bytes.sha256)?.bytes) {
      if (this.used() + bytes.data.size > this.room) throw new StorageFull('full');
      if (!this.blobs.has(bytes.sha256)) this.blobs.set(bytes.sha256, { place: 'saved', bytes });
    }
    this.items.push({ ...item });
    return 'kept';
  }

  private used(): number {
    return [...this.blobs.values()].reduce((sum, kept) => sum + (kept.bytes?.data.size ?? 0), 0);
  }

  async at(place: Place, limit: number): Promise<Item[]> {
    return this.items.filter((item) => item.place === place).slice(0, limit).map((item) => ({ ...item }));
  }

  async blob(sha256: string): Promise<Kept | null> {
    return this.blobs.get(sha256) ?? null;
  }

  async blobReceived(sha256: string): Promise<void> {
    const kept = this.blobs.get(sha256);
    if (kept) this.blobs.set(sha256, { ...kept, place: 'received' });
  }

  async settle(changes: Settlement[]): Promise<void> {
    for (const { seq, ...change } of changes) {
      const item = this.items[seq - 1];
      if (!item) throw new Error(`no item ${seq}`);
      Object.assign(item, change);
    }
    for (const { seq, place } of changes) if (place === 'sealed') this.letGo(this.items[seq - 1]?.blob ?? null);
  }

  private letGo(sha256: string | null): number {
    const kept = sha256 === null ? undefined : this.blobs.get(sha256);
    const needed = this.items.some((item) => item.blob === sha256 && (item.place === 'saved' || item.place === 'refused'));
    if (sha256 === null || !kept?.bytes || kept.place !== 'received' || needed) return 0;
    this.blobs.set(sha256, { place: 'received', bytes: null });
    return kept.bytes.data.size;
  }

  async free(): Promise<number> {
    return [...this.blobs.keys()].reduce((sum, sha256) => sum + this.letGo(sha256), 0);
  }

  async finished(): Promise<Finished[]> {
    const open = this.items.filter((item) => item.kind === 'visit.finished' && !this.answers.has(item.inspection)).map((item) => item.inspection);
    return [...new Set(open)].flatMap((inspection) => {
      const own = this.items.filter((item) => item.inspection === inspection);
      const last = own.at(-1);
      return last && own.every((item) => item.place !== 'saved') ? [{ inspection, last: { seq: last.seq, hash: last.hash } }] : [];
    });
  }

  async submitted(inspection: string, refusal?: { code: string; detail: string }): Promise<void> {
    this.answers.set(inspection, refusal ?? null);
  }

  async again(seqs: number[]): Promise<number> {
    const items = this.items.filter((item) => seqs.includes(item.seq) && (item.place === 'received' || item.place === 'sealed'));
    for (const item of items) item.place = 'saved';
    return items.length;
  }

  readonly waiting = new Map<string, number>();

  async againBytes(hashes: string[]): Promise<number> {
    const here = hashes.filter((sha256) => this.blobs.get(sha256)?.bytes);
    for (const sha256 of here) {
      const kept = this.blobs.get(sha256);
      if (kept) this.blobs.set(sha256, { ...kept, place: 'saved' });
      for (const item of this.items) if (item.blob === sha256 && item.place !== 'refused') item.place = 'saved';
    }
    return here.length;
  }

  async waits(inspection: string, files: number): Promise<void> {
    this.waiting.set(inspection, files);
  }

  async forget(): Promise<void> {
    this.forgotten++;
  }
}
