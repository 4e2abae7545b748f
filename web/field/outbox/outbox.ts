// The queue of a device: bytes first, then the events that name them, in the order of the chain. An item leaves the queue
// only on a receipt with its own hash. Sending twice is harmless, because the server knows an event by its id and its
// bytes by their hash; so whatever is in doubt is sent again.
import type { Clock, Finished, Item, Receipt, Refusal, Settlement, Store, Transport } from './ports';
import { StorageFull, TransportError } from './ports';
import { next, type Phase, type Signal } from './phase';

const batch = 100;
/** Bytes of payloads in one request, so that a slow link finishes it. */
const batchBytes = 200_000;
/** How long to wait for the next look whether the ledger has sealed what the server received. */
const sealSeconds = 15;

/** How long to wait for a file that another device has, or that nobody has any more. */
const fileSeconds = 60;

/** Decides whether a receipt is one for this item. */
export type Accept = (item: Item, receipt: Receipt) => boolean;
export const equalHash: Accept = (item, receipt) => receipt.id === item.id && receipt.hash === item.hash && receipt.entry !== '';

export interface OutboxParts {
  store: Store;
  transport: Transport;
  clock: Clock;
  chance: () => number;
  /** Called after each step that changed something. */
  changed?: (phase: Phase) => void;
  accept?: Accept;
}

export class Outbox {
  private now: Phase = { name: 'ready', failures: 0 };
  private busy = false;
  /** Visits that wait for a file of another device, and until when. */
  private readonly later = new Map<string, number>();
  private readonly accept: Accept;

  constructor(private readonly parts: OutboxParts) {
    this.accept = parts.accept ?? equalHash;
  }

  get phase(): Phase {
    return this.now;
  }

  /** Tells the outbox what happened. It sends nothing by itself: see run. */
  signal(signal: Signal): void {
    const before = this.now;
    this.now = next(before, signal, this.parts.clock(), this.parts.chance());
    if (this.now !== before) this.parts.changed?.(this.now);
  }

  /** Sends until nothing is left, or something stands in the way; then phase says what. Never throws TransportErrors. */
  async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.now.name === 'ready') await this.step();
    } finally {
      this.busy = false;
    }
  }

  private async step(): Promise<void> {
    try {
      const moved = (await this.sendSome()) || (await this.submitSome());
      if (moved) this.signal({ kind: 'progress' });
      else if ((await this.lookForSeals()) || this.later.size > 0) this.signal({ kind: 'later', seconds: sealSeconds });
      else this.signal({ kind: 'done' });
      if (moved) this.parts.changed?.(this.now);
    } catch (e) {
      if (!(e instanceof TransportError)) {
        this.signal({ kind: 'trouble', trouble: { kind: 'unreachable' } });
        // No room even for a receipt: it is asked for again later, when there may be.
        if (e instanceof StorageFull) return;
        throw e;
      }
      // Locked from afar: the cache goes, the work stays.
      if (e.trouble.kind === 'locked') await this.parts.store.forget();
      this.signal({ kind: 'trouble', trouble: e.trouble });
    }
  }

  /** Sends the bytes of the next items and then the items; false when there are none. */
  private async sendSome(): Promise<boolean> {
    const items = firstBytes(await this.parts.store.at('saved', batch));
    if (items.length === 0) return false;
    const ready: Item[] = [];
    for (const item of items) {
      if (item.blob === null || (await this.sendBlob(item, item.blob))) ready.push(item);
    }
    if (ready.length > 0) await this.sendEvents(ready);
    return true;
  }

  /** True when the server has the bytes; false when it never will, and then the item is kept as refused. */
  private async sendBlob(item: Item, sha256: string): Promise<boolean> {
    const found = await this.parts.store.blob(sha256);
    if (found?.place === 'received') return true;
    if (!found?.bytes) return this.keep(item, 'bytes_missing', 'The bytes are not on this device.');
    try {
      const receipt = await this.parts.transport.putBlob(found.bytes);
      // A receipt for other bytes is none: something between here and there changed them.
      if (receipt.sha256 !== sha256 || receipt.bytes !== found.bytes.data.size) throw new TransportError({ kind: 'unreachable' });
    } catch (e) {
      if (e instanceof TransportError && e.trouble.kind === 'refused') return this.keep(item, e.trouble.code, e.trouble.detail);
      throw e;
    }
    await this.parts.store.blobReceived(sha256);
    this.signal({ kind: 'progress' });
    this.parts.changed?.(this.now);
    return true;
  }

  private async keep(item: Item, code: string, detail: string): Promise<false> {
    await this.parts.store.settle([{ seq: item.seq, place: 'refused', refusal: { code, detail } }]);
    return false;
  }

  private async sendEvents(items: Item[]): Promise<void> {
    let answer: { receipts: Receipt[]; refused: Refusal[] };
    try {
      answer = await this.parts.transport.postEvents(items.map(({ payload, signature }) => ({ payload, signature })));
    } catch (e) {
      if (!(e instanceof TransportError) || e.trouble.kind !== 'refused') throw e;
      // One of them spoils the batch: halves find it, and the others arrive.
      if (items.length === 1 && items[0]) return void (await this.keep(items[0], e.trouble.code, e.trouble.detail));
      const half = items.length >> 1;
      await this.sendEvents(items.slice(0, half));
      return this.sendEvents(items.slice(half));
    }
    const changes = this.settlements(items, answer);
    await this.parts.store.settle(changes);
    if (changes.length < items.length) throw new TransportError({ kind: 'unreachable' });
  }

  private settlements(items: Item[], answer: { receipts: Receipt[]; refused: Refusal[] }): Settlement[] {
    const byId = new Map(answer.receipts.map((r) => [r.id, r]));
    const refusedOf = (item: Item, i: number) => answer.refused.find((r) => (r.id ? r.id === item.id : r.index === i));
    return items.flatMap((item, i): Settlement[] => {
      const receipt = byId.get(item.id);
      if (receipt && this.accept(item, receipt)) return [{ seq: item.seq, ...placeOf(receipt) }];
      const refusal = refusedOf(item, i);
      return refusal ? [{ seq: item.seq, place: 'refused', refusal: { code: refusal.code, detail: refusal.detail } }] : [];
    });
  }

  private async submitSome(): Promise<boolean> {
    const now = this.parts.clock();
    // A clock that was set back must not make the wait longer than it was meant to be.
    const waits = (until: number | undefined) => until !== undefined && until > now && until <= now + fileSeconds * 1000;
    const finished = (await this.parts.store.finished()).filter((one) => !waits(this.later.get(one.inspection)));
    for (const one of finished) await this.submit(one);
    return finished.length > 0;
  }

  private async submit(one: Finished): Promise<void> {
    try {
      await this.parts.transport.submit(one);
    } catch (e) {
      if (!(e instanceof TransportError) || e.trouble.kind !== 'refused') throw e;
      // Events that the server has not are sent again; what can never arrive is for a person to see.
      const { code, detail, missing = [], files = [] } = e.trouble;
      const back = (await this.parts.store.again(missing)) + (await this.parts.store.againBytes(files));
      if (back > 0) return;
      // A photo that is still under way, on another device perhaps, is no refusal.
      if (missing.length > 0 || files.length === 0) return this.parts.store.submitted(one.inspection, { code, detail });
      this.later.set(one.inspection, this.parts.clock() + fileSeconds * 1000);
      return this.parts.store.waits(one.inspection, files.length);
    }
    this.later.delete(one.inspection);
    await this.parts.store.submitted(one.inspection);
  }

  /** Asks for seals; true while something waits for one. */
  private async lookForSeals(): Promise<boolean> {
    const items = await this.parts.store.at('received', batch);
    if (items.length === 0) return false;
    const byId = new Map((await this.parts.transport.receipts(items.map((item) => item.id))).map((r) => [r.id, r]));
    const sealed = items.flatMap((item): Settlement[] => {
      const receipt = byId.get(item.id);
      return receipt?.state === 'sealed' && this.accept(item, receipt) ? [{ seq: item.seq, ...placeOf(receipt) }] : [];
    });
    await this.parts.store.settle(sealed);
    if (sealed.length === 0) return true;
    this.parts.changed?.(this.now);
    return this.lookForSeals();
  }
}

const placeOf = ({ state, entry, index, flags }: Receipt) => ({ place: state, entry, index, flags });

/** As many items from the front as fit into a request; at least one. */
function firstBytes(items: Item[]): Item[] {
  let sum = 0;
  const end = items.findIndex((item) => (sum += item.payload.length) > batchBytes);
  return end < 0 ? items : items.slice(0, Math.max(1, end));
}

