// One promise for both stores: what the outbox relies on. IndexedDB is the standard's own algorithm in memory here; the
// browser test does the same in a browser.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../device/db';
import { DeviceStore } from '../device/store';
import { KeyGone, Vault } from '../device/vault';
import { type Act, sha256, utf8 } from './event';
import { FakeServer, plainSigner } from './fake';
import { MemoryStore } from './memory';
import { Outbox } from './outbox';
import type { Bytes, Item, Store } from './ports';
import { record } from './recorder';

let opened = 0;
const stores: Record<string, () => Promise<Store>> = {
  memory: async () => new MemoryStore(),
  IndexedDB: async () => {
    const db = await openDatabase(`test-${opened++}`);
    return new DeviceStore(db, new Vault(db));
  },
};
const note = (text: string): Act => ({ kind: 'note.added', body: { text } });
const parts = (store: Store) => ({ store, signer: plainSigner, clock: () => 1_700_000_000_000, random: (n: number) => crypto.getRandomValues(new Uint8Array(n)) });
async function photo(text: string): Promise<{ act: Act; bytes: Bytes }> {
  const data = utf8(text);
  const bytes = { sha256: await sha256(data), type: 'image/jpeg', inspection: 'v', data: new Blob([data]) };
  return { bytes, act: { kind: 'photo.taken', body: { sha256: bytes.sha256, bytes: data.length, type: bytes.type, shot: '', width: 1, height: 1, source: 'camera', note: '' } } };
}
const placesOf = async (store: Store) => {
  const all: Item[] = [];
  for (const place of ['saved', 'received', 'sealed', 'refused'] as const) all.push(...(await store.at(place, 1000)));
  return all.sort((a, b) => a.seq - b.seq).map((item) => `${item.seq} ${item.place}`);
};

describe.each(Object.keys(stores))('the store in %s', (name) => {
  const open = () => stores[name]?.() as Promise<Store>;

  test('gives back what it was given, and moves only from the end it has', async () => {
    const store = await open();
    const item = await record(parts(store), 'v', note('Қазақша'));
    expect(await store.at('saved', 10)).toEqual([item]);
    expect(await store.head()).toEqual({ seq: 1, hash: item.hash });
    expect(await store.append({ ...item, seq: 2 }, null, { seq: 0, hash: '0'.repeat(64) })).toBe('moved');
    expect(await placesOf(store)).toEqual(['1 saved']);
  });
  test('two recorders at once make one chain', async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 10 }, (_, i) => record(parts(store), 'v', note(`${i}`))));
    expect((await store.at('saved', 100)).map((item) => item.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
  test('bytes come back as they were, once, and go when they are sealed', async () => {
    const store = await open();
    const { act, bytes } = await photo('some bytes');
    await record(parts(store), 'v', act, bytes);
    await record(parts(store), 'v', act, bytes);
    expect(await (await store.blob(bytes.sha256))?.bytes?.data.text()).toBe('some bytes');
    expect(await store.blob('none')).toBeNull();
    expect(await store.free(), 'nothing is let go that only this device has').toBe(0);
    await store.blobReceived(bytes.sha256);
    await store.settle([{ seq: 1, place: 'received', entry: 'e' }]);
    expect(await store.free(), 'an event that names it is still here').toBe(0);
    await store.settle([{ seq: 2, place: 'received', entry: 'e' }]);
    expect(await store.free()).toBe(10);
    expect(await store.blob(bytes.sha256)).toEqual({ place: 'received', bytes: null });
  });
  test('a visit is finished when none of its items waits; an answer closes it', async () => {
    const store = await open();
    await record(parts(store), 'v', note('a'));
    const last = await record(parts(store), 'v', { kind: 'visit.finished', body: { summary: '', language: 'kk' } });
    await record(parts(store), 'other', note('b'));
    expect(await store.finished()).toEqual([]);
    await store.settle([1, 2].map((seq) => ({ seq, place: 'received' as const, entry: 'e' })));
    expect(await store.finished()).toEqual([{ inspection: 'v', last: { seq: 2, hash: last.hash } }]);
    await store.submitted('v');
    expect(await store.finished()).toEqual([]);
  });
  test('what the server misses goes back into the queue; what it refused does not', async () => {
    const store = await open();
    for (const text of ['a', 'b', 'c']) await record(parts(store), 'v', note(text));
    await store.settle([{ seq: 1, place: 'received', entry: 'e' }, { seq: 2, place: 'refused', refusal: { code: 'x', detail: '' } }]);
    expect(await store.again([1, 2, 3, 9])).toBe(1);
    expect(await placesOf(store)).toEqual(['1 saved', '2 refused', '3 saved']);
  });
  test('bytes that the server misses go back with what names them, as long as they are here', async () => {
    const store = await open();
    const [kept, gone] = [await photo('kept'), await photo('let go')];
    await record(parts(store), 'v', kept.act, kept.bytes);
    await record(parts(store), 'v', gone.act, gone.bytes);
    for (const { bytes } of [kept, gone]) await store.blobReceived(bytes.sha256);
    await store.settle([{ seq: 1, place: 'received', entry: 'e' }, { seq: 2, place: 'sealed', entry: 'e', index: 1 }]);
    expect(await store.againBytes([kept.bytes.sha256, gone.bytes.sha256, 'f'.repeat(64)])).toBe(1);
    expect(await placesOf(store)).toEqual(['1 saved', '2 sealed']);
    expect([(await store.blob(kept.bytes.sha256))?.place, (await store.blob(gone.bytes.sha256))?.place]).toEqual(['saved', 'received']);
  });
  test('a visit that waits for a file of another device stays finished', async () => {
    const store = await open();
    await record(parts(store), 'v', { kind: 'visit.finished', body: { summary: '', language: 'kk' } });
    await store.settle([{ seq: 1, place: 'received', entry: 'e' }]);
    await store.waits('v', 2);
    expect((await store.finished()).map((one) => one.inspection)).toEqual(['v']);
  });
  test('a whole visit goes through', async () => {
    const store = await open();
    const server = new FakeServer();
    const { act, bytes } = await photo('meter');
    await record(parts(store), 'v', act, bytes);
    await record(parts(store), 'v', { kind: 'visit.finished', body: { summary: '', language: 'ru' } });
    server.sealed = 9;
    await new Outbox({ store, transport: server, clock: () => 0, chance: () => 0 }).run();
    expect([server.events.size, server.blobs.size, server.submissions.length]).toEqual([2, 1, 1]);
    expect(await placesOf(store)).toEqual(['1 sealed', '2 sealed']);
  });
});

test('after sign-out the cache is unreadable, and what is unsent stays readable', async () => {
  const db = await openDatabase(`test-${opened++}`);
  const vault = new Vault(db);
  const store = new DeviceStore(db, vault);
  const pack = await vault.seal('cacheKey', utf8('the pack'));
  await record(parts(store), 'v', note('sent'));
  await record(parts(store), 'v', note('unsent'));
  await store.settle([{ seq: 1, place: 'received', entry: 'e' }]);
  await store.forget();
  await expect(vault.open('cacheKey', pack)).rejects.toThrow(KeyGone);
  expect((await store.ofVisit('v')).map((item) => item.payload.includes('"unsent"'))).toEqual([true]);
  expect((await store.at('received', 10)).map((item) => item.payload)).toEqual(['']);
  await store.settle([{ seq: 2, place: 'sealed', entry: 'e', index: 1 }]);
  await store.forget();
  const late = await vault.seal('workKey', utf8('a new key'));
  expect(late.data.byteLength).toBeGreaterThan(0);
  expect(await store.ofVisit('v')).toEqual([]);
});
