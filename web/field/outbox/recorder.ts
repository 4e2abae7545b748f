// Puts what somebody did at the end of the device's chain.
import { type Act, blobOf, type Event, payloadOf, sha256, utf8, uuid7 } from './event';
import type { Bytes, Clock, Item, Random, Signer, Store } from './ports';
import { StorageFull } from './ports';

export interface RecorderParts {
  store: Store;
  signer: Signer;
  clock: Clock;
  random: Random;
}

/** Two tabs that record at the same time take turns; more than this many turns means that the store is broken. */
const turns = 100;

/**
 * Records an act and resolves when it is durable. Bytes that the act names are kept in the same step. When the device
 * has no room, what the server already has is let go and the act is tried once more; then StorageFull is thrown and
 * nothing was recorded.
 */
export async function record(parts: RecorderParts, inspection: string, act: Act, bytes: Bytes | null = null): Promise<Item> {
  const named = blobOf(act);
  if ((named ?? null) !== (bytes?.sha256 ?? null)) throw new Error('an act and its bytes belong together');
  let freed = false;
  for (let turn = 0; turn < turns; turn++) {
    const was = await parts.store.head();
    const item = await make(parts, inspection, act, was);
    try {
      if ((await parts.store.append(item, bytes, was)) === 'kept') return item;
    } catch (e) {
      if (!(e instanceof StorageFull) || freed) throw e;
      freed = true;
      if ((await parts.store.free()) === 0) throw e;
    }
  }
  throw new Error('the chain moved all the time');
}

async function make(parts: RecorderParts, inspection: string, act: Act, was: { seq: number; hash: string }): Promise<Item> {
  const now = parts.clock();
  const event = {
    v: 1, id: uuid7(now, parts.random(16)), device: parts.signer.device, inspection, seq: was.seq + 1, prev: was.hash,
    at: new Date(now).toISOString(), ...act,
  } as Event;
  const payload = payloadOf(event);
  const bytes = utf8(payload);
  const [hash, signature] = await Promise.all([sha256(bytes), parts.signer.sign(bytes)]);
  return { seq: event.seq, id: event.id, inspection, kind: act.kind, payload, hash, signature, blob: blobOf(act), place: 'saved' };
}
