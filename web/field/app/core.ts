// The app without its screens: one database, one outbox, one session, and what changes when they do.
import type { Act } from '../outbox/event';
import { Outbox } from '../outbox/outbox';
import type { Bytes, Item } from '../outbox/ports';
import { StorageFull, TransportError } from '../outbox/ports';
import type { Phase } from '../outbox/phase';
import { record as append } from '../outbox/recorder';
import { ask, HttpTransport, jsonOf, post, setDevice } from '../device/api';
import { done, openDatabase, within } from '../device/db';
import { type Device, deviceKey, deviceOf, publicKeyOf, signerOf } from '../device/keys';
import { type Counts, DeviceStore } from '../device/store';
import { Packs } from '../device/packs';
import { Vault } from '../device/vault';

/** Who signed in on this device. The app opens for them without a signal until they sign out. */
export interface Person {
  id: string;
  name: string;
  login: string;
}

export interface State {
  ready: boolean;
  person: Person | null;
  online: boolean;
  phase: Phase['name'];
  counts: Counts;
  /** How far the device's clock is ahead of the server's, in milliseconds, as of the last contact. */
  clockAhead: number;
  /** Storage that this browser wiped: the device has a mark of work that its database knows nothing of. */
  wiped: boolean;
  /** The browser may wipe what is stored here when space is short. */
  evictable: boolean;
  /** A newer version of the app waits. */
  update: boolean;
  /** There was no contact for so long that the packs were made unreadable. */
  expired: boolean;
}

const none: Counts = { saved: 0, received: 0, sealed: 0, refused: 0, blobs: 0, bytes: 0 };
const canary = 'rigistry.field.kept';
const senderLock = 'rigistry-field-sender';

let db: IDBDatabase;
export let store: DeviceStore;
export let packs: Packs;
let vault: Vault;
let outbox: Outbox;
let device: Device | undefined;
let channel: BroadcastChannel | undefined;
let running = false;

let state: State = {
  ready: false, person: null, online: true, phase: 'ready', counts: none, clockAhead: 0, wiped: false, evictable: false, update: false, expired: false,
};
const listeners = new Set<() => void>();
export const current = (): State => state;
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export function change(part: Partial<State>): void {
  state = { ...state, ...part };
  for (const listener of listeners) listener();
}

/** Opens the device's storage. The screens begin after it. */
export async function start(): Promise<void> {
  db = await openDatabase('rigistry-field');
  vault = new Vault(db);
  store = new DeviceStore(db, vault);
  packs = new Packs(db, vault);
  outbox = new Outbox({ store, transport: new HttpTransport(() => device?.id ?? ''), clock: Date.now, chance: Math.random, changed: (phase) => void changed(phase) });
  channel = new BroadcastChannel('rigistry-field');
  channel.onmessage = () => void refresh();
  const [person, ahead, known] = await Promise.all([readMeta<Person>('session'), readMeta<number>('clockAhead'), deviceOf(db)]);
  device = known;
  setDevice(known?.id ?? '');
  const expired = (await readMeta<boolean>('expired')) ?? false;
  if (await readMeta<boolean>('locked')) outbox.signal({ kind: 'trouble', trouble: { kind: 'locked' } });
  change({
    expired,
    ready: true, person: person ?? null, online: navigator.onLine, clockAhead: ahead ?? 0, counts: await store.counts(),
    wiped: !known && localStorage.getItem(canary) !== null, evictable: !(await persisted()),
  });
  await expire();
  watch();
}

function watch(): void {
  const go = (kind: 'online' | 'tick' | 'work') => {
    outbox.signal({ kind });
    void flush();
  };
  addEventListener('online', () => {
    change({ online: true });
    go('online');
  });
  addEventListener('offline', () => change({ online: false }));
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && go('online'));
  setInterval(() => go('tick'), 1000);
  setInterval(() => void expire(), 60_000);
  go('work');
}

async function changed(phase: Phase): Promise<void> {
  if (phase.name === 'locked') {
    change({ person: null });
    await writeMeta('locked', true);
  }
  change({ phase: phase.name, counts: await store.counts() });
  channel?.postMessage('changed');
}
async function refresh(): Promise<void> {
  const [counts, person] = await Promise.all([store.counts(), readMeta<Person>('session')]);
  change({ counts, person: person ?? null });
  if (counts.saved > 0) outbox.signal({ kind: 'work' });
}

/** The time as the server would say it: this device's clock less what it was ahead at the last contact. It may be wrong. */
export const serverNow = (): Date => new Date(Date.now() - state.clockAhead);

/** Makes the packs unreadable when their term is over without a contact: a lost phone cannot be locked from afar. */
async function expire(): Promise<void> {
  const [until, seen] = await Promise.all([readMeta<number>('cacheUntil'), readMeta<number>('clockSeen')]);
  // Setting the clock back does not make the term longer: the latest time that was ever seen counts.
  const latest = Math.max(Date.now(), seen ?? 0);
  if (latest !== seen) await writeMeta('clockSeen', latest);
  if (until === undefined || latest - state.clockAhead <= until) return;
  await store.forget();
  await Promise.all([writeMeta('cacheUntil', undefined), writeMeta('expired', true)]);
  change({ person: null, expired: true, counts: await store.counts() });
  channel?.postMessage('changed');
}

/** Sends, one tab at a time. */
export async function flush(): Promise<void> {
  if (running || outbox.phase.name !== 'ready' || !state.person || !navigator.onLine) return;
  running = true;
  try {
    await navigator.locks.request(senderLock, () => outbox.run());
  } finally {
    running = false;
  }
}

/** A person asks to send now, whatever the outbox waits for. */
export function sendNow(): Promise<void> {
  outbox.signal({ kind: 'now' });
  return flush();
}

/** Records what was done. It is on the disk when this resolves; StorageFull says that it is not, and nothing of it. */
export async function record(inspection: string, act: Act, bytes: Bytes | null = null): Promise<Item> {
  if (!device) throw new Error('this device is not registered');
  const pair = await deviceKey(db);
  const item = await append({ store, signer: signerOf(device.id, pair), clock: Date.now, random: (n) => crypto.getRandomValues(new Uint8Array(n)) }, inspection, act, bytes);
  localStorage.setItem(canary, String(item.seq));
  change({ counts: await store.counts() });
  channel?.postMessage('changed');
  outbox.signal({ kind: 'work' });
  void flush();
  return item;
}

/** Another inspector's work is still on this device. */
export class OthersWork extends Error {}
/** The person may not inspect. */
export class NoInspector extends Error {}

/** Signs in and makes the device known. With it begins the sending of what was left. */
export async function signIn(login: string, password: string): Promise<void> {
  const answer = await jsonOf<{ user: Person & { roles: string[] } }>(await post('/v1/session', { login, password }));
  const { id, name, roles } = answer.user;
  if (!roles.includes('inspector') && !roles.includes('head')) throw new NoInspector(name);
  const person: Person = { id, name, login };
  await own(person);
  await Promise.all([writeMeta('session', person), writeMeta('expired', undefined), writeMeta('locked', undefined)]);
  change({ person, wiped: false, expired: false });
  outbox.signal({ kind: 'signed_in' });
  await navigator.storage?.persist?.();
  change({ evictable: !(await persisted()) });
  void flush();
}

/** Makes the device this person's: a key of its own, known to the server. */
async function own(person: Person): Promise<void> {
  if (device && device.owner !== person.id) {
    const { saved, refused } = await store.counts();
    if (saved + refused > 0) throw new OthersWork(device.ownerName);
    await store.forget();
    await within(db, 'readwrite', ['items', 'blobs', 'data', 'visits', 'packs', 'meta'], async (s) => {
      for (const name of ['items', 'blobs', 'data', 'visits', 'packs', 'meta'] as const) await done(s(name).clear());
    });
    device = undefined;
    setDevice('');
  }
  const public_key = await publicKeyOf(await deviceKey(db));
  const { id, locked_at } = await jsonOf<{ id: string; locked_at?: string }>(await post('/v1/field/devices', { name: deviceName(), public_key }));
  if (locked_at) {
    await store.forget();
    throw new TransportError({ kind: 'locked' });
  }
  device = { id, owner: person.id, ownerName: person.name, publicKey: public_key };
  setDevice(id);
  await writeMeta('device', device);
}

const deviceName = () => `${/Android|iPhone|iPad|Windows|Mac|Linux/.exec(navigator.userAgent)?.[0] ?? 'Browser'} · ${/(?:Chrome|Firefox|Version)\/\d+/.exec(navigator.userAgent)?.[0] ?? ''}`;

/** Ends the session and makes the cache unreadable. What is unsent stays for the next sign-in. */
export async function signOut(): Promise<void> {
  try {
    await ask('/v1/session', { method: 'DELETE' });
  } catch (e) {
    if (!(e instanceof TransportError)) throw e; // without a signal the server's session ends by itself
  }
  await store.forget();
  change({ person: null, counts: await store.counts() });
  channel?.postMessage('changed');
}

/** Tells the state what a contact with the server showed of the clock, and until when packs may be kept. */
export async function sawServerTime(serverTime: string, cacheUntil: string): Promise<void> {
  const now = Date.now();
  const ahead = now - Date.parse(serverTime);
  const until = Date.parse(cacheUntil);
  if (Number.isNaN(ahead)) return;
  await Promise.all([writeMeta('clockAhead', ahead), writeMeta('clockSeen', now), writeMeta('cacheUntil', Number.isNaN(until) ? undefined : until)]);
  change({ clockAhead: ahead });
}

/** What a TransportError means to the whole app, wherever it came up. */
export async function met(error: unknown): Promise<void> {
  if (!(error instanceof TransportError)) return;
  if (error.trouble.kind === 'locked') await store.forget();
  if (error.trouble.kind === 'locked' || error.trouble.kind === 'signed_out') outbox.signal({ kind: 'trouble', trouble: error.trouble });
}

export const ownDevice = () => device;

async function persisted(): Promise<boolean> {
  return (await navigator.storage?.persisted?.()) ?? false;
}

export const readMeta = <T>(key: string) => within(db, 'readonly', ['meta'], (s) => done(s('meta').get(key) as IDBRequest<T | undefined>));
export const writeMeta = (key: string, value: unknown) =>
  within(db, 'readwrite', ['meta'], async (s) => {
    await done(s('meta').put(value, key));
  });

export { StorageFull };
