// Visit packs and today's list, as they were downloaded, under the cache key.
import { utf8 } from '../outbox/event';
import type { Pack, TodayItem } from '../visit/pack';
import { ask, jsonOf } from './api';
import { done, within } from './db';
import { KeyGone, type Sealed, type Vault } from './vault';

interface Row extends Sealed {
  id: string;
  version: string;
  bytes: number;
  at: number;
}

/** A pack that is on this device: its size in bytes and when it came. */
export interface Held {
  version: string;
  bytes: number;
  at: number;
}

const todayKey = 'today';
const listKey = 'list';

/** The signed list of states as it came last, with the keys that it was signed with. */
export type Signed = Pick<Pack, 'status_list' | 'keys'>;

export class Packs {
  constructor(
    private readonly db: IDBDatabase,
    private readonly vault: Vault,
  ) {}

  private async put(id: string, version: string, text: Uint8Array<ArrayBuffer>): Promise<void> {
    const sealed = await this.vault.seal('cacheKey', text);
    await within(this.db, 'readwrite', ['packs'], async (store) => {
      await done(store('packs').put({ id, version, bytes: text.length, at: Date.now(), ...sealed } satisfies Row));
    });
  }

  private async get<T>(id: string): Promise<{ value: T; at: number } | null> {
    const row = await within(this.db, 'readonly', ['packs'], (store) => done(store('packs').get(id) as IDBRequest<Row | undefined>));
    if (!row) return null;
    try {
      return { value: JSON.parse(new TextDecoder().decode(await this.vault.open('cacheKey', row))) as T, at: row.at };
    } catch (e) {
      if (e instanceof KeyGone) return null;
      throw e;
    }
  }

  /** A visit's pack; null when it was not downloaded, or its key is gone. */
  async pack(id: string): Promise<Pack | null> {
    return (await this.get<Pack>(id))?.value ?? null;
  }

  async list(): Promise<Signed | null> {
    return (await this.get<Signed>(listKey))?.value ?? null;
  }

  /** Today's list as it was at the last contact. */
  today(): Promise<{ value: TodayItem[]; at: number } | null> {
    return this.get<TodayItem[]>(todayKey);
  }

  /** Which packs are here, by visit. */
  async held(): Promise<Map<string, Held>> {
    const rows = await within(this.db, 'readonly', ['packs'], (store) => done(store('packs').getAll() as IDBRequest<Row[]>));
    return new Map(rows.filter((row) => row.id !== todayKey && row.id !== listKey).map(({ id, version, bytes, at }) => [id, { version, bytes, at }]));
  }

  /** Gets today's list. Gives the server's time with it, and until when packs may be kept without another contact. */
  async refresh(): Promise<{ items: TodayItem[]; serverTime: string; cacheUntil: string }> {
    const { items, server_time, cache_until } = await jsonOf<{ items: TodayItem[] | null; server_time: string; cache_until: string }>(await ask('/v1/field/today'));
    const list = items ?? [];
    await this.put(todayKey, server_time, utf8(JSON.stringify(list)));
    return { items: list, serverTime: server_time, cacheUntil: cache_until };
  }

  /** Downloads a pack and tells how many of its bytes are here. It is kept only when it came whole and can be read. */
  async download(item: TodayItem, progress: (bytes: number) => void): Promise<void> {
    const answer = await ask(`/v1/inspections/${encodeURIComponent(item.id)}/pack`, {}, 120_000);
    const text = await bytesOf(answer, progress);
    const pack = JSON.parse(new TextDecoder().decode(text)) as Pack;
    await this.put(item.id, String(pack.version), text);
    // A check goes by the list that came last, whichever visit it is made on.
    if (pack.status_list) await this.put(listKey, '', utf8(JSON.stringify({ status_list: pack.status_list, keys: pack.keys } satisfies Signed)));
  }
}

async function bytesOf(answer: Response, progress: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const reader = answer.body?.getReader();
  if (!reader) return new Uint8Array(await answer.arrayBuffer());
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let sum = 0;
  for (;;) {
    const { value, done: ended } = await reader.read();
    if (ended) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    sum += value.length;
    progress(sum);
  }
}
