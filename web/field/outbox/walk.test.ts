// Random faults on a hundred walks: a link that breaks before and after the server took something, tabs that die at any
// step, two tabs at once, sessions that expire, a full device. Whatever happens, every act that was recorded arrives
// once. The controls show that the walk would see a loss.
import { expect, test } from 'vitest';
import { sha256, utf8 } from './event';
import { BadLink, chainProblem, chances, FakeServer, Killed, mortal, plainSigner } from './fake';
import { MemoryStore } from './memory';
import { type Accept, Outbox } from './outbox';
import { type Bytes, StorageFull, type Transport, type Trouble } from './ports';
import { record } from './recorder';

interface Walk {
  seed: number;
  accept?: Accept;
  server?: (real: FakeServer) => Transport;
}

const troublesOf = (chance: () => number): Trouble =>
  ([{ kind: 'unreachable' }, { kind: 'unreachable' }, { kind: 'wait', seconds: 3 }, { kind: 'signed_out' }] as Trouble[])[Math.floor(chance() * 4)] ?? { kind: 'unreachable' };

async function photo(n: number): Promise<Bytes> {
  const text = utf8(`photo ${n} ${'x'.repeat(n % 50)}`);
  return { sha256: await sha256(text), type: 'image/jpeg', inspection: `visit-${n % 3}`, data: new Blob([text]) };
}

/** Walks and gives what is wrong in the end; null when nothing is. */
async function walk({ seed, accept, server: behind }: Walk): Promise<string | null> {
  const chance = chances(seed);
  const server = new FakeServer();
  const store = new MemoryStore(400);
  let now = 1_700_000_000_000;
  let calm = false;
  const link = new BadLink(behind?.(server) ?? server, () => (!calm && chance() < 0.15 ? troublesOf(chance) : null));
  const die = () => !calm && chance() < 0.02;
  const open = () => {
    const kept = mortal(store, die);
    return { kept, outbox: new Outbox({ store: kept, transport: link, clock: () => now, chance, accept }) };
  };
  const tabs = [open(), open()];
  const recorded = new Set<string>();

  const act = async (i: number) => {
    const tab = tabs[i % 2];
    if (!tab) return;
    const parts = { store: tab.kept, signer: plainSigner, clock: () => now, random: (n: number) => Uint8Array.from({ length: n }, () => Math.floor(chance() * 256)) };
    const inspection = `visit-${i % 3}`;
    try {
      if (chance() < 0.4) {
        const bytes = await photo(i);
        const item = await record(parts, inspection, { kind: 'photo.taken', body: { sha256: bytes.sha256, bytes: bytes.data.size, type: bytes.type, shot: '', width: 1, height: 1, source: 'camera', note: '' } }, bytes);
        recorded.add(item.hash);
      } else recorded.add((await record(parts, inspection, { kind: 'note.added', body: { text: `note ${i}` } })).hash);
      tab.outbox.signal({ kind: 'work' });
    } catch (e) {
      if (e instanceof Killed) tabs[i % 2] = open();
      else if (!(e instanceof StorageFull)) throw e;
    }
  };
  const send = async (i: number) => {
    const tab = tabs[i % 2];
    try {
      if (chance() < 0.3) tab?.outbox.signal({ kind: 'signed_in' });
      await tab?.outbox.run();
    } catch (e) {
      if (!(e instanceof Killed)) throw e;
      tabs[i % 2] = open();
    }
  };
  for (let i = 0; i < 60; i++) {
    now += Math.floor((chance() - 0.3) * 100_000); // the clock also runs back
    if (chance() < 0.3) server.sealed = server.events.size;
    for (const tab of tabs) tab.outbox.signal({ kind: 'tick' });
    // Two tabs at once, so that their steps mix.
    await Promise.all([act(i), chance() < 0.5 ? act(i + 1) : send(i + 1)]);
    await send(i);
  }
  calm = true;
  const last = open();
  for (let i = 0; i < 20; i++) {
    server.sealed = server.events.size;
    last.outbox.signal({ kind: 'now' });
    await last.outbox.run();
  }
  return problem(store, server, recorded);
}

async function problem(store: MemoryStore, server: FakeServer, recorded: Set<string>): Promise<string | null> {
  const broken = await chainProblem(store.items);
  if (broken) return broken;
  for (const hash of recorded) if (!store.items.some((item) => item.hash === hash)) return 'a recorded act is not in the store';
  if (server.versions.length > 0) return 'the server got two texts under one id';
  if (server.events.size !== store.items.length) return `the server has ${server.events.size} events of ${store.items.length}`;
  for (const item of store.items) {
    if (server.events.get(item.id)?.hash !== item.hash) return `event ${item.seq} has another hash`;
    if (item.place !== 'sealed') return `event ${item.seq} is ${item.place}`;
    if (item.blob !== null && !server.blobs.has(item.blob)) return `the bytes of event ${item.seq} are lost`;
  }
  return null;
}

test('on a hundred walks with faults everything arrives once, with equal hashes', async () => {
  const problems: string[] = [];
  for (let seed = 1; seed <= 100; seed++) {
    const found = await walk({ seed });
    if (found) problems.push(`seed ${seed}: ${found}`);
  }
  expect(problems).toEqual([]);
}, 60_000);

/** A server that says it took something and now and then has not. */
function forgetful(real: FakeServer, chance: () => number): Transport {
  return {
    putBlob: (bytes) => real.putBlob(bytes),
    postEvents: async (events) => {
      const answer = await real.postEvents(events);
      if (chance() < 0.3) for (const receipt of answer.receipts.slice(0, 1)) {
        real.events.delete(receipt.id);
        receipt.hash = '';
      }
      return answer;
    },
    receipts: (ids) => real.receipts(ids),
    submit: (finished) => real.submit(finished),
  };
}

test('control: an outbox that takes any receipt loses work, and the walk sees it', async () => {
  const found: (string | null)[] = [];
  for (let seed = 1; seed <= 10; seed++) {
    const chance = chances(seed + 1000);
    found.push(await walk({ seed, accept: (item, receipt) => item.id === receipt.id, server: (real) => forgetful(real, chance) }));
  }
  expect(found.filter((one) => one !== null).length).toBeGreaterThan(5);
});

test('the same server costs nothing when receipts are held against their items', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const chance = chances(seed + 1000);
    expect(await walk({ seed, server: (real) => forgetful(real, chance) })).toBeNull();
  }
});
