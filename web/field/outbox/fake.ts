// For tests: a server in memory that follows the contract, a link with faults, and tabs that die.
import { blobOf, eventOf, sha256, utf8 } from './event';
import { type Bytes, type Finished, type Item, type Receipt, type Refusal, type Signed, type Signer, type Store, type Transport, TransportError, type Trouble } from './ports';

/** Numbers that look random and are the same for the same seed: 0 up to 1. */
export function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a server keeps. Everything that arrives twice is counted, and kept once. */
export class FakeServer implements Transport {
  readonly events = new Map<string, { hash: string; payload: string; index: number }>();
  readonly versions: string[] = [];
  readonly blobs = new Map<string, number>();
  readonly submissions: Finished[] = [];
  /** Files that events of another device named on the same visit. */
  readonly named = new Set<string>();
  /** How many entries the ledger has sealed. */
  sealed = 0;
  refuses: (payload: string) => { code: string; detail: string } | null = () => null;

  async putBlob(bytes: Bytes) {
    const hash = await sha256(await bytes.data.arrayBuffer());
    if (hash !== bytes.sha256) throw new TransportError({ kind: 'refused', code: 'hash_mismatch', detail: 'These are other bytes.' });
    this.blobs.set(hash, bytes.data.size);
    return { sha256: hash, bytes: bytes.data.size };
  }

  async postEvents(events: Signed[]) {
    const receipts: Receipt[] = [];
    const refused: Refusal[] = [];
    for (const { payload } of events) {
      const { id } = eventOf(payload);
      const why = this.refuses(payload);
      if (why) {
        refused.push({ id, ...why });
        continue;
      }
      const hash = await sha256(utf8(payload));
      const known = this.events.get(id);
      if (known && known.hash !== hash) this.versions.push(payload);
      if (!known) this.events.set(id, { hash, payload, index: this.events.size });
      receipts.push(this.receipt(id));
    }
    return { receipts, refused };
  }

  private receipt(id: string): Receipt {
    const { hash, index } = this.events.get(id) ?? { hash: '', index: 0 };
    return { id, hash, entry: `entry-${index}`, ...(index < this.sealed ? { state: 'sealed' as const, index } : { state: 'received' as const }) };
  }

  async receipts(ids: string[]) {
    return ids.filter((id) => this.events.has(id)).map((id) => this.receipt(id));
  }

  async submit(finished: Finished) {
    const own = [...this.events.values()].map((e) => eventOf(e.payload)).filter((e) => e.inspection === finished.inspection);
    if (!own.some((e) => e.seq === finished.last.seq)) throw new TransportError({ kind: 'refused', code: 'events_missing', detail: '', missing: [finished.last.seq] });
    const files = [...new Set([...own.flatMap((e) => blobOf(e) ?? []), ...this.named])].filter((sha256) => !this.blobs.has(sha256));
    if (files.length > 0) throw new TransportError({ kind: 'refused', code: 'events_missing', detail: '', files });
    this.submissions.push(finished);
  }
}

/** A link that asks before and after each request whether to break it. After means: the server took it, the answer is lost. */
export class BadLink implements Transport {
  constructor(
    private readonly server: Transport,
    private readonly fault: (when: 'before' | 'after', what: keyof Transport) => Trouble | null,
  ) {}

  private async through<T>(what: keyof Transport, call: () => Promise<T>): Promise<T> {
    const before = this.fault('before', what);
    if (before) throw new TransportError(before);
    const answer = await call();
    const after = this.fault('after', what);
    if (after) throw new TransportError(after);
    return answer;
  }

  putBlob(bytes: Bytes) {
    return this.through('putBlob', () => this.server.putBlob(bytes));
  }
  postEvents(events: Signed[]) {
    return this.through('postEvents', () => this.server.postEvents(events));
  }
  receipts(ids: string[]) {
    return this.through('receipts', () => this.server.receipts(ids));
  }
  submit(finished: Finished) {
    return this.through('submit', () => this.server.submit(finished));
  }
}

/** The tab was killed: nothing after this instant happens in it. */
export class Killed extends Error {}

/** A store whose tab dies before or after a step, when `die` says so. */
export function mortal(store: Store, die: () => boolean): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const method = target[name] as (...args: never[]) => Promise<unknown>;
      return async (...args: never[]) => {
        if (die()) throw new Killed('before');
        const result = await method.apply(target, args);
        if (die()) throw new Killed('after');
        return result;
      };
    },
  });
}

export const plainSigner: Signer = { device: 'device-1', sign: async (payload) => `signature of ${payload.length}` };

/** What a chain must be: seqs from 1 without a gap, each naming the hash before it, each hash that of its text. */
export async function chainProblem(items: Item[]): Promise<string | null> {
  let hash = '0'.repeat(64);
  for (const [i, item] of items.entries()) {
    const event = eventOf(item.payload);
    if (event.seq !== i + 1 || item.seq !== i + 1) return `item ${i} has seq ${event.seq}`;
    if (event.prev !== hash) return `item ${i} does not follow the one before`;
    hash = await sha256(utf8(item.payload));
    if (item.hash !== hash) return `item ${i} has another hash`;
  }
  return null;
}
