// The outbox's store in IndexedDB. What a payload says and what a photo shows stand under the work key.
import { beginning, type Head, utf8 } from '../outbox/event';
import { type BlobPlace, type Bytes, type Finished, type Item, type Place, type Settlement, StorageFull, type Store } from '../outbox/ports';
import { done, within } from './db';
import type { Sealed, Vault } from './vault';

/** An item as it is stored; sealed is absent once the content was let go. */
type Row = Omit<Item, 'payload'> & { sealed?: Sealed };
interface BlobRow {
  sha256: string;
  type: string;
  inspection: string;
  place: BlobPlace;
  size: number;
}
interface DataRow extends Sealed {
  sha256: string;
}
interface VisitRow {
  inspection: string;
  open: boolean;
  /** How many files it waits for that are not on this device. */
  files?: number;
  refusal?: { code: string; detail: string };
}

/** Where an item is, without what it says. */
export type Placed = Pick<Item, 'id' | 'seq' | 'kind' | 'hash' | 'place'> & { index?: number | undefined; flags?: string[] | undefined };

/** How much is where. Bytes are of photos and signatures that are on this device only. */
export interface Counts {
  saved: number;
  received: number;
  sealed: number;
  refused: number;
  blobs: number;
  bytes: number;
}

const get = <T>(store: IDBObjectStore, key: IDBValidKey) => done(store.get(key) as IDBRequest<T | undefined>);

export class DeviceStore implements Store {
  constructor(
    private readonly db: IDBDatabase,
    private readonly vault: Vault,
  ) {}

  head(): Promise<Head> {
    return within(this.db, 'readonly', ['meta'], async (store) => (await get<Head>(store('meta'), 'head')) ?? beginning);
  }

  async append(item: Item, bytes: Bytes | null, was: Head): Promise<'kept' | 'moved'> {
    const { payload, ...rest } = item;
    try {
      const turn = await this.turn();
      const sealed = await this.vault.seal('workKey', utf8(payload));
      const data = bytes && { sha256: bytes.sha256, ...(await this.vault.seal('workKey', await bytes.data.arrayBuffer())) };
      return await within(this.db, 'readwrite', ['items', 'blobs', 'data', 'visits', 'meta'], async (store) => {
        const head = (await get<Head>(store('meta'), 'head')) ?? beginning;
        // Nor may the key have been dropped meanwhile: what it hides could never be read again.
        if (head.seq !== was.seq || head.hash !== was.hash || ((await get<number>(store('meta'), 'turn')) ?? 0) !== turn) return 'moved';
        if (bytes && data) await keepBytes(store('blobs'), store('data'), bytes, data);
        if (item.kind === 'visit.finished') await done(store('visits').put({ inspection: item.inspection, open: true } satisfies VisitRow));
        await done(store('items').add({ ...rest, sealed } satisfies Row));
        await done(store('meta').put({ seq: item.seq, hash: item.hash } satisfies Head, 'head'));
        return 'kept';
      });
    } catch (e) {
      if (e instanceof DOMException && e.name === 'QuotaExceededError') throw new StorageFull('full');
      throw e;
    }
  }

  /** Counts the work keys that were dropped. */
  private turn(): Promise<number> {
    return within(this.db, 'readonly', ['meta'], async (store) => (await get<number>(store('meta'), 'turn')) ?? 0);
  }

  private async open(rows: Row[]): Promise<Item[]> {
    return Promise.all(
      rows.flatMap(({ sealed, ...rest }) =>
        sealed ? [this.vault.open('workKey', sealed).then((bytes): Item => ({ ...rest, payload: new TextDecoder().decode(bytes) }))] : [],
      ),
    );
  }

  private rows(index: string, key: IDBValidKey, limit?: number): Promise<Row[]> {
    return within(this.db, 'readonly', ['items'], (store) => done(store('items').index(index).getAll(IDBKeyRange.only(key), limit) as IDBRequest<Row[]>));
  }

  async at(place: Place, limit: number): Promise<Item[]> {
    const rows = await this.rows('place', place, limit);
    // A receipt can be asked for without the content, which may be gone.
    return place === 'received' ? rows.map((row) => ({ ...bare(row), payload: '' })) : this.open(rows);
  }

  /** What was done on a visit and is still readable here, in order. */
  async ofVisit(inspection: string): Promise<Item[]> {
    return this.open(await this.rows('inspection', inspection));
  }

  /** Where the items of a visit are, without their content. */
  async placesOf(inspection: string): Promise<Placed[]> {
    return (await this.rows('inspection', inspection)).map(({ id, seq, kind, hash, place, index, flags }) => ({ id, seq, kind, hash, place, index, flags }));
  }

  async blob(sha256: string): Promise<{ place: BlobPlace; bytes: Bytes | null } | null> {
    const found = await within(this.db, 'readonly', ['blobs', 'data'], async (store) => ({
      row: await get<BlobRow>(store('blobs'), sha256),
      data: await get<DataRow>(store('data'), sha256),
    }));
    if (!found.row) return null;
    const { place, type, inspection } = found.row;
    if (!found.data) return { place, bytes: null };
    const plain = await this.vault.open('workKey', found.data);
    return { place, bytes: { sha256, type, inspection, data: new Blob([plain], { type }) } };
  }

  blobReceived(sha256: string): Promise<void> {
    return within(this.db, 'readwrite', ['blobs'], async (store) => {
      const row = await get<BlobRow>(store('blobs'), sha256);
      if (row) await done(store('blobs').put({ ...row, place: 'received' }));
    });
  }

  settle(changes: Settlement[]): Promise<void> {
    return within(this.db, 'readwrite', ['items', 'blobs', 'data'], async (store) => {
      for (const { seq, ...change } of changes) {
        const row = await get<Row>(store('items'), seq);
        if (!row) throw new Error(`no item ${seq}`);
        await done(store('items').put({ ...row, ...change }));
        if (change.place === 'sealed' && row.blob !== null) await letGo(store, row.blob);
      }
    });
  }

  free(): Promise<number> {
    return within(this.db, 'readwrite', ['items', 'blobs', 'data'], async (store) => {
      let sum = 0;
      for (const key of await done(store('blobs').index('place').getAllKeys('received'))) sum += await letGo(store, String(key));
      return sum;
    });
  }

  finished(): Promise<Finished[]> {
    return within(this.db, 'readonly', ['items', 'visits'], async (store) => {
      const visits = (await done(store('visits').getAll() as IDBRequest<VisitRow[]>)).filter((visit) => visit.open);
      const out: Finished[] = [];
      for (const { inspection } of visits) {
        if ((await done(store('items').index('placeInspection').count(['saved', inspection]))) > 0) continue;
        const cursor = await done(store('items').index('inspection').openCursor(inspection, 'prev'));
        const last = cursor?.value as Row | undefined;
        if (last) out.push({ inspection, last: { seq: last.seq, hash: last.hash } });
      }
      return out;
    });
  }

  submitted(inspection: string, refusal?: { code: string; detail: string }): Promise<void> {
    return within(this.db, 'readwrite', ['visits'], async (store) => {
      await done(store('visits').put({ inspection, open: false, ...(refusal && { refusal }) } satisfies VisitRow));
    });
  }

  /** Whether a visit was finished here, and what the server said to its submission. */
  visit(inspection: string): Promise<VisitRow | undefined> {
    return within(this.db, 'readonly', ['visits'], (store) => get<VisitRow>(store('visits'), inspection));
  }

  again(seqs: number[]): Promise<number> {
    return within(this.db, 'readwrite', ['items'], async (store) => {
      let n = 0;
      for (const seq of seqs) {
        const row = await get<Row>(store('items'), seq);
        if (!row?.sealed || (row.place !== 'received' && row.place !== 'sealed')) continue;
        await done(store('items').put({ ...row, place: 'saved' } satisfies Row));
        n++;
      }
      return n;
    });
  }

  againBytes(hashes: string[]): Promise<number> {
    return within(this.db, 'readwrite', ['items', 'blobs', 'data'], async (store) => {
      let n = 0;
      for (const sha256 of hashes) {
        const row = await get<BlobRow>(store('blobs'), sha256);
        if (!row || (await done(store('data').count(sha256))) === 0) continue;
        await done(store('blobs').put({ ...row, place: 'saved' } satisfies BlobRow));
        for (const item of await done(store('items').index('blob').getAll(sha256) as IDBRequest<Row[]>)) {
          if (item.sealed && item.place !== 'refused') await done(store('items').put({ ...item, place: 'saved' } satisfies Row));
        }
        n++;
      }
      return n;
    });
  }

  waits(inspection: string, files: number): Promise<void> {
    return within(this.db, 'readwrite', ['visits'], async (store) => {
      await done(store('visits').put({ inspection, open: true, files } satisfies VisitRow));
    });
  }

  async forget(): Promise<void> {
    await this.vault.drop('cacheKey');
    await within(this.db, 'readwrite', ['items', 'blobs', 'data', 'packs', 'meta'], async (store) => {
      await done(store('packs').clear());
      await done(store('meta').delete('session'));
      for (const place of ['received', 'sealed']) {
        for (const row of await done(store('items').index('place').getAll(place) as IDBRequest<Row[]>)) {
          await done(store('items').put(bare(row)));
        }
      }
      for (const key of await done(store('blobs').index('place').getAllKeys('received'))) await letGo(store, String(key));
      const count = (place: Place) => done(store('items').index('place').count(place));
      if ((await count('saved')) + (await count('refused')) > 0) return;
      await done(store('meta').delete('workKey'));
      await done(store('meta').put(((await get<number>(store('meta'), 'turn')) ?? 0) + 1, 'turn'));
    });
  }

  counts(): Promise<Counts> {
    return within(this.db, 'readonly', ['items', 'blobs'], async (store) => {
      const count = (place: Place) => done(store('items').index('place').count(place));
      const blobs = await done(store('blobs').index('place').getAll('saved') as IDBRequest<BlobRow[]>);
      return {
        saved: await count('saved'), received: await count('received'), sealed: await count('sealed'), refused: await count('refused'),
        blobs: blobs.length, bytes: blobs.reduce((sum, row) => sum + row.size, 0),
      };
    });
  }
}

/** A row without what it says. */
function bare(row: Row): Row {
  const rest = { ...row };
  delete rest.sealed;
  return rest;
}

type Stores = (name: 'items' | 'blobs' | 'data') => IDBObjectStore;

/** Keeps bytes once, however many events name them. Bytes that the server has are not kept again. */
async function keepBytes(blobs: IDBObjectStore, data: IDBObjectStore, bytes: Bytes, row: DataRow): Promise<void> {
  const known = await get<BlobRow>(blobs, bytes.sha256);
  if (known?.place === 'received') return;
  await done(data.put(row));
  const { sha256, type, inspection } = bytes;
  await done(blobs.put({ sha256, type, inspection, place: 'saved', size: bytes.data.size } satisfies BlobRow));
}

/** Lets go of the bytes if the server has them and every event that names them. Gives how many bytes that were. */
async function letGo(store: Stores, sha256: string): Promise<number> {
  const row = await get<BlobRow>(store('blobs'), sha256);
  if (row?.place !== 'received') return 0;
  const items = await done(store('items').index('blob').getAll(sha256) as IDBRequest<Row[]>);
  if (items.some((item) => item.place === 'saved' || item.place === 'refused')) return 0;
  if ((await done(store('data').count(sha256))) === 0) return 0;
  await done(store('data').delete(sha256));
  return row.size;
}
