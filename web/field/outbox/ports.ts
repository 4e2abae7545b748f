// What the outbox needs from the world. A browser gives IndexedDB, fetch and Web Locks; a test
// gives memory, a server in memory and faults.
import type { Head, Kind } from './event';

/**
 * Where an event is: on this device only; with the server, which named the ledger entry; in a
 * signed checkpoint; or refused by the server, and therefore kept here for good.
 */
export type Place = 'saved' | 'received' | 'sealed' | 'refused';

/** An event in the store. */
export interface Item {
  seq: number;
  id: string;
  inspection: string;
  kind: Kind;
  payload: string;
  hash: string;
  signature: string;
  blob: string | null;
  place: Place;
  entry?: string;
  index?: number;
  flags?: string[];
  refusal?: { code: string; detail: string };
}

/** Bytes that an event names, as they were taken. */
export interface Bytes {
  sha256: string;
  type: string;
  inspection: string;
  data: Blob;
}

/** What a receipt or a refusal changes of an item. Its payload never changes. */
export type Settlement = { seq: number } & Pick<Item, 'place' | 'entry' | 'index' | 'flags' | 'refusal'>;

/** Bytes that were sent are with the server; those that wait are not. */
export type BlobPlace = 'saved' | 'received';

/** The device has no room. Nothing of what was to be written was written. */
export class StorageFull extends Error {}

/** Keeps what the outbox holds. Each promise is durable when it resolves and changes all or nothing. */
export interface Store {
  head(): Promise<Head>;
  /** Puts an event at the end of the chain together with its bytes, unless the chain has another end by now: 'moved'. */
  append(item: Item, bytes: Bytes | null, was: Head): Promise<'kept' | 'moved'>;
  /** Items in a place, by seq. */
  at(place: Place, limit: number): Promise<Item[]>;
  /** The bytes and where they are; null when there never were such. The data is absent once it was let go. */
  blob(sha256: string): Promise<{ place: BlobPlace; bytes: Bytes | null } | null>;
  blobReceived(sha256: string): Promise<void>;
  settle(changes: Settlement[]): Promise<void>;
  /** Lets go of bytes that the server has, named by events that it has. Gives how many bytes became free. */
  free(): Promise<number>;
  /** Finished visits whose submission was not answered yet. */
  finished(): Promise<Finished[]>;
  /** The server has the whole visit; or it refuses it for good, which a person has to see. */
  submitted(inspection: string, refusal?: { code: string; detail: string }): Promise<void>;
  /** Puts received events of these seqs back into the queue, as the server has them not. Gives how many. */
  again(seqs: number[]): Promise<number>;
  /** Puts bytes that are still here, and that the server has not, back into the queue with what names them. Gives how many. */
  againBytes(hashes: string[]): Promise<number>;
  /** The visit is sent, but files that its events name are not with the server and not on this device. It stays finished. */
  waits(inspection: string, files: number): Promise<void>;
  /** Makes the cache unreadable: packs, today's list. What is unsent stays. */
  forget(): Promise<void>;
}

/** A visit that was finished on this device: nothing of it is behind this event. */
export interface Finished {
  inspection: string;
  last: Head;
}

export interface Receipt {
  id: string;
  hash: string;
  state: 'received' | 'sealed';
  entry: string;
  index?: number;
  flags?: string[];
}
/** A refusal names the event by id or, when its text could not be read, by its index in the batch. */
export interface Refusal {
  id?: string;
  index?: number;
  code: string;
  detail: string;
}
export interface Signed {
  payload: string;
  signature: string;
}

/** Why a request was not answered as hoped. */
export type Trouble =
  | { kind: 'unreachable' } // no network, a time-out, a broken answer, a fault of the server: it may have taken it
  | { kind: 'wait'; seconds: number } // too many requests
  | { kind: 'signed_out' }
  | { kind: 'locked' }
  | { kind: 'forbidden' }
  | { kind: 'refused'; code: string; detail: string; missing?: number[]; files?: string[] }; // this request is wrong and stays wrong

export class TransportError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.kind);
  }
}

/** The server. Every method may throw a TransportError and nothing else. */
export interface Transport {
  putBlob(bytes: Bytes): Promise<{ sha256: string; bytes: number }>;
  postEvents(events: Signed[]): Promise<{ receipts: Receipt[]; refused: Refusal[] }>;
  receipts(ids: string[]): Promise<Receipt[]>;
  submit(finished: Finished): Promise<void>;
}

/** The device's key. */
export interface Signer {
  device: string;
  sign(payload: Uint8Array<ArrayBuffer>): Promise<string>;
}

/** Milliseconds since 1970 by the device, right or wrong. */
export type Clock = () => number;
/** n random bytes. */
export type Random = (n: number) => Uint8Array;
