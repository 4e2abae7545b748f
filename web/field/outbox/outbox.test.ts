import { describe, expect, test } from 'vitest';
import { type Act, eventOf, sha256, utf8, uuid7 } from './event';
import { BadLink, chainProblem, FakeServer, plainSigner } from './fake';
import { MemoryStore } from './memory';
import { Outbox } from './outbox';
import { backOff, next, type Phase } from './phase';
import { type Bytes, StorageFull, type Transport, TransportError, type Trouble } from './ports';
import { record } from './recorder';

const note = (text: string): Act => ({ kind: 'note.added', body: { text } });
const finish: Act = { kind: 'visit.finished', body: { summary: '', language: 'kk' } };

function setUp(room?: number) {
  const store = new MemoryStore(room);
  const server = new FakeServer();
  let now = Date.parse('2026-11-22T05:00:00Z');
  let n = 0;
  const parts = { store, signer: plainSigner, clock: () => now, random: (size: number) => Uint8Array.from({ length: size }, (_, i) => (n++ + i) % 256) };
  const outbox = (transport: Transport = server) => new Outbox({ store, transport, clock: () => now, chance: () => 0 });
  return { store, server, parts, outbox, add: (act: Act, bytes?: Bytes, visit = 'visit') => record(parts, visit, act, bytes), pass: (ms: number) => (now += ms) };
}
async function photo(text: string): Promise<{ act: Act; bytes: Bytes }> {
  const data = utf8(text);
  const bytes = { sha256: await sha256(data), type: 'image/jpeg', inspection: 'visit', data: new Blob([data]) };
  return { bytes, act: { kind: 'photo.taken', body: { sha256: bytes.sha256, bytes: data.length, type: bytes.type, shot: 'meter', width: 1, height: 1, source: 'camera', note: '' } } };
}
/** The first fault, then none. */
const once = (trouble: Trouble, server: Transport, when: 'before' | 'after', what: keyof Transport) => {
  let left = 1;
  return new BadLink(server, (at, which) => (at === when && which === what && left-- > 0 ? trouble : null));
};

describe('events', () => {
  test('the payload is the contract word for word, and the chain goes on from its hash', async () => {
    const { add, store } = setUp();
    const first = await add(note('a'));
    const second = await add(note('b'));
    const { id } = eventOf(first.payload);
    expect(first.payload).toBe(`{"v":1,"id":"${id}","device":"device-1","inspection":"visit","seq":1,"prev":"${'0'.repeat(64)}","kind":"note.added","at":"2026-11-22T05:00:00.000Z","body":{"text":"a"}}`);
    expect(eventOf(second.payload).prev).toBe(first.hash);
    expect(await chainProblem(store.items)).toBeNull();
  });
  test('ids are UUIDs of version 7 and rise with the time', () => {
    const low = uuid7(1_700_000_000_000, new Uint8Array(16));
    const high = uuid7(1_700_000_000_001, new Uint8Array(16).fill(255));
    expect(low).toBe('018bcfe5-6800-7000-8000-000000000000');
    expect(high).toMatch(/^018bcfe5-6801-7fff-bfff-/);
  });
  test('an act that names bytes cannot be recorded without them', async () => {
    const { add } = setUp();
    const { act } = await photo('x');
    await expect(add(act)).rejects.toThrow('belong together');
  });
});

describe('the outbox', () => {
  test('a locked device sends nothing more, whoever asks, until somebody signs in', () => {
    for (const kind of ['now', 'online', 'work', 'tick', 'progress', 'done'] as const) expect(next({ name: 'locked' }, { kind }, 0, 0).name, kind).toBe('locked');
    expect(next({ name: 'locked' }, { kind: 'signed_in' }, 0, 0).name).toBe('ready');
  });
  test('a photo that the server has lost is sent again before the visit is handed in', async () => {
    const { add, outbox, server, store } = setUp();
    const { act, bytes } = await photo('meter');
    await add(act, bytes);
    await outbox().run();
    server.blobs.delete(bytes.sha256);
    await add(finish);
    await outbox().run();
    expect([server.blobs.size, server.submissions.length, store.answers.get('visit')]).toEqual([1, 1, null]);
    expect(store.items.map((item) => item.place)).toEqual(['received', 'received']);
  });
  test('a visit waits for the photo of another device, refuses nothing, and is handed in when it came', async () => {
    const { add, outbox, server, store, pass } = setUp();
    const theirs = await photo('on the other phone');
    server.named.add(theirs.bytes.sha256);
    await add(finish);
    const queue = outbox();
    await queue.run();
    expect([store.waiting.get('visit'), store.answers.size, queue.phase.name]).toEqual([1, 0, 'waiting']);
    pass(61_000);
    queue.signal({ kind: 'tick' });
    await queue.run();
    expect([server.submissions.length, queue.phase.name]).toEqual([0, 'waiting']);
    await server.putBlob(theirs.bytes);
    pass(61_000);
    queue.signal({ kind: 'tick' });
    await queue.run();
    expect([server.submissions.length, store.answers.get('visit')]).toEqual([1, null]);
  });
  test('sends bytes first, then the events, then the submission; received becomes sealed', async () => {
    const { add, outbox, server, store } = setUp();
    const { act, bytes } = await photo('meter');
    await add(act, bytes);
    await add(finish);
    const order: string[] = [];
    const o = outbox(new BadLink(server, (when, what) => (when === 'before' && order.push(what), null)));
    await o.run();
    expect(order).toEqual(['putBlob', 'postEvents', 'submit', 'receipts']);
    expect(store.items.map((item) => item.place)).toEqual(['received', 'received']);
    expect(server.submissions).toEqual([{ inspection: 'visit', last: { seq: 2, hash: store.items[1]?.hash } }]);
    expect(store.blobs.get(bytes.sha256)?.bytes).not.toBeNull();
    server.sealed = 2;
    o.signal({ kind: 'now' });
    await o.run();
    expect(store.items.map((item) => [item.place, item.index])).toEqual([['sealed', 0], ['sealed', 1]]);
    expect(store.blobs.get(bytes.sha256)?.bytes, 'sealed bytes are let go').toBeNull();
    expect(o.phase).toEqual({ name: 'idle' });
  });
  test('an answer that was lost is asked for again and nothing arrives twice', async () => {
    const { add, outbox, server, store, pass } = setUp();
    await add(note('a'));
    const o = outbox(once({ kind: 'unreachable' }, server, 'after', 'postEvents'));
    await o.run();
    expect([o.phase.name, store.items[0]?.place, server.events.size]).toEqual(['waiting', 'saved', 1]);
    pass(1_001);
    o.signal({ kind: 'tick' });
    await o.run();
    expect([store.items[0]?.place, server.events.size, server.versions.length]).toEqual(['received', 1, 0]);
  });
  test('a receipt with another hash takes nothing out of the queue', async () => {
    const { add, outbox, server, store } = setUp();
    await add(note('a'));
    const lying: Transport = { ...bind(server), postEvents: async (events) => ({ receipts: (await server.postEvents(events)).receipts.map((r) => ({ ...r, hash: 'f'.repeat(64) })), refused: [] }) };
    const o = outbox(lying);
    await o.run();
    expect([store.items[0]?.place, o.phase.name]).toEqual(['saved', 'waiting']);
  });
  test('a receipt for other bytes leaves the photo and its event here', async () => {
    const { add, outbox, server, store } = setUp();
    const { act, bytes } = await photo('meter');
    await add(act, bytes);
    const o = outbox({ ...bind(server), putBlob: async () => ({ sha256: bytes.sha256, bytes: 1 }) });
    await o.run();
    expect([store.items[0]?.place, store.blobs.get(bytes.sha256)?.place, server.events.size]).toEqual(['saved', 'saved', 0]);
  });
  test('an expired session pauses, and signing in goes on', async () => {
    const { add, outbox, server, store, pass } = setUp();
    await add(note('a'));
    const o = outbox(once({ kind: 'signed_out' }, server, 'before', 'postEvents'));
    await o.run();
    expect(o.phase).toEqual({ name: 'signed_out' });
    pass(3_600_000);
    for (const kind of ['tick', 'online', 'work'] as const) o.signal({ kind });
    await o.run();
    expect(store.items[0]?.place, 'nothing is sent without a session').toBe('saved');
    o.signal({ kind: 'signed_in' });
    await o.run();
    expect(store.items[0]?.place).toBe('received');
  });
  test('a lock from afar empties the cache and keeps the work', async () => {
    const { add, outbox, server, store } = setUp();
    await add(note('a'));
    const o = outbox(once({ kind: 'locked' }, server, 'before', 'postEvents'));
    await o.run();
    expect([o.phase.name, store.forgotten, store.items[0]?.place]).toEqual(['locked', 1, 'saved']);
  });
  test('one refused event is kept with the reason, the others arrive, and the visit is told to be incomplete', async () => {
    const { add, outbox, server, store } = setUp();
    for (const text of ['a', 'bad', 'c']) await add(note(text));
    server.refuses = (payload) => (payload.includes('bad') ? { code: 'bad_signature', detail: 'The signature is not of this device.' } : null);
    await outbox().run();
    expect(store.items.map((item) => item.place)).toEqual(['received', 'refused', 'received']);
    expect(store.items[1]?.refusal?.code).toBe('bad_signature');
  });
  test('a batch that is refused whole is halved until the one is found', async () => {
    const { add, outbox, server, store } = setUp();
    for (let i = 0; i < 9; i++) await add(note(i === 6 ? 'poison' : `${i}`));
    const strict: Transport = {
      ...bind(server),
      postEvents: async (events) => {
        if (events.some((e) => e.payload.includes('poison'))) throw new TransportError({ kind: 'refused', code: 'invalid', detail: '' });
        return server.postEvents(events);
      },
    };
    await outbox(strict).run();
    expect(store.items.map((item) => item.place).join(' ')).toBe('received received received received received received refused received received');
  });
  test('events that the server misses at the submission are sent again', async () => {
    const { add, outbox, server, store } = setUp();
    const first = await add(note('a'));
    await add(finish);
    let asked = 0;
    const o = outbox({
      ...bind(server),
      submit: async (finished) => {
        if (asked++ === 0) {
          server.events.delete(first.id);
          throw new TransportError({ kind: 'refused', code: 'events_missing', detail: '', missing: [1] });
        }
        return server.submit(finished);
      },
    });
    await o.run();
    expect([server.events.size, server.submissions.length, store.answers.get('visit')]).toEqual([2, 1, null]);
  });
  test('a submission that can never succeed is for a person, and does not stop the other visits', async () => {
    const { add, outbox, server, store } = setUp();
    await add(finish);
    await add(finish, undefined, 'other');
    const o = outbox({
      ...bind(server),
      submit: async (finished) => {
        if (finished.inspection === 'visit') throw new TransportError({ kind: 'refused', code: 'inspection_cancelled', detail: 'It was cancelled.' });
        return server.submit(finished);
      },
    });
    await o.run();
    expect([store.answers.get('visit')?.code, store.answers.get('other')]).toEqual(['inspection_cancelled', null]);
  });
  test('a full device lets go of what the server has, then says that it is full', async () => {
    const { add, outbox, store } = setUp(10);
    const [a, b, c] = await Promise.all([photo('12345678'), photo('abcdefgh'), photo('ABCDEFGH')]);
    await add(a.act, a.bytes);
    await expect(add(b.act, b.bytes)).rejects.toThrow(StorageFull);
    expect(store.items.length, 'nothing was half recorded').toBe(1);
    await outbox().run();
    await add(b.act, b.bytes);
    await expect(add(c.act, c.bytes)).rejects.toThrow(StorageFull);
    expect(await chainProblem(store.items)).toBeNull();
  });
  test('two tabs record at the same time into one chain', async () => {
    const { add, store } = setUp();
    await Promise.all(Array.from({ length: 20 }, (_, i) => add(note(`${i}`))));
    expect(store.items.length).toBe(20);
    expect(await chainProblem(store.items)).toBeNull();
  });
});

describe('the phases', () => {
  const ready: Phase = { name: 'ready', failures: 0 };
  test('each failure doubles the wait, up to five minutes', () => {
    expect([1, 2, 3, 9, 30].map((n) => backOff(n, 0))).toEqual([1_000, 2_000, 4_000, 256_000, 300_000]);
    expect(backOff(3, 1)).toBe(2_000);
  });
  test('failures in a row count up, and progress ends the row', () => {
    let phase = next(ready, { kind: 'trouble', trouble: { kind: 'unreachable' } }, 0, 0);
    phase = next(next(phase, { kind: 'tick' }, 1_000, 0), { kind: 'trouble', trouble: { kind: 'unreachable' } }, 1_000, 0);
    expect(phase).toEqual({ name: 'waiting', failures: 2, until: 3_000 });
    expect(next(next(phase, { kind: 'tick' }, 3_000, 0), { kind: 'progress' }, 3_000, 0)).toEqual(ready);
  });
  test('a clock that was set back a day does not stop the sending for a day', () => {
    expect(next({ name: 'waiting', failures: 1, until: 86_400_000 }, { kind: 'tick' }, 0, 0).name).toBe('ready');
  });
  test('what waits for a person does not begin by itself', () => {
    for (const name of ['signed_out', 'locked', 'forbidden'] as const)
      for (const kind of ['tick', 'online', 'work', 'done', 'progress'] as const) expect(next({ name }, { kind }, 0, 0)).toEqual({ name });
  });
});

/** The server's methods without its class. */
const bind = (server: FakeServer): Transport => ({
  putBlob: (b) => server.putBlob(b), postEvents: (e) => server.postEvents(e), receipts: (i) => server.receipts(i), submit: (f) => server.submit(f),
});
