// @vitest-environment node
import { beforeAll, describe, expect, test } from 'vitest';
import { encode64, instantOf, type Instant } from './form';
import { readKeys, type Keys } from './keys';
import { type Memory, type Seen, StatusList } from './status';

const now = new Date('2026-11-22T09:00:00Z');
const at = instantOf(now);
const minute = 60_000_000_000n;
let sign: (typ: string, payload: unknown) => Promise<string>;
let keys: Keys;

beforeAll(async () => {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
  keys = await readKeys(JSON.stringify({ keys: [{ ...jwk, purpose: 'permit' }] }));
  const kid = [...keys.keys()][0];
  const part = (text: string) => encode64(new TextEncoder().encode(text));
  sign = async (typ, payload) => {
    const signed = `${part(JSON.stringify({ alg: 'EdDSA', typ, kid }))}.${part(JSON.stringify(payload))}`;
    return `${signed}.${encode64(new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, new TextEncoder().encode(signed))))}`;
  };
});

const iso = (instant: Instant) => new Date(Number(instant / 1_000_000n)).toISOString().replace(/\.?0*Z$/, 'Z');

function list(version: number, change: { since?: number; utility?: string; issued?: Instant; ids?: string[]; bits?: string } = {}) {
  const issued = change.issued ?? at;
  return sign('status-list+jws', {
    version,
    since: change.since ?? 0,
    utility: change.utility ?? 'U-1',
    issued_at: iso(issued),
    expires_at: iso(issued + 1440n * minute),
    licenses: { ids: change.ids ?? ['KZ18', 'KZ19'], bits: change.bits ?? 'BA' },
    connections: { ids: ['CP1'], bits: 'Aw' },
  });
}

/** A storage that outlives the program. */
function disk(): Memory & { seen: Seen | null } {
  return {
    seen: null,
    load() {
      return Promise.resolve(this.seen);
    },
    save(seen) {
      this.seen = seen;
      return Promise.resolve();
    },
  };
}

describe('a status list', () => {
  test('says what licenses and connections are, until its time is over', async () => {
    const l = await StatusList.accept(await list(7), keys, at, disk());
    expect([l.license('KZ18', at), l.license('KZ19', at), l.license('KZ20', at), l.connection('CP1', at)]).toEqual(['valid', 'suspended', null, 'pending']);
    expect([l.license('KZ18', l.expiresAt - 1n), l.license('KZ18', l.expiresAt), l.license('KZ18', at - 1n)]).toEqual(['valid', null, null]);
  });

  test('goes on with changes since, and takes none with a gap, of another utility or without a whole list', async () => {
    const memory = disk();
    const whole = await StatusList.accept(await list(7), keys, at, memory);
    const changes = await list(9, { since: 7, ids: ['KZ18', 'KZ30'], bits: 'Ag', issued: at + minute });
    const next = await StatusList.accept(changes, keys, at + minute, memory, whole);
    expect([next.version, next.license('KZ18', at + minute), next.license('KZ19', at + minute), next.license('KZ30', at + minute)]).toEqual([9n, 'revoked', 'suspended', 'valid']);
    await expect(StatusList.accept(await list(12, { since: 11, issued: at + minute }), keys, at + minute, memory, next)).rejects.toMatchObject({ kind: 'gap' });
    await expect(StatusList.accept(changes, keys, at + minute, memory)).rejects.toMatchObject({ kind: 'gap' });
    await expect(StatusList.accept(await list(12, { since: 9, utility: 'U-2', issued: at + minute }), keys, at + minute, memory, next)).rejects.toMatchObject({ kind: 'foreign' });
    expect(memory.seen?.version).toBe(9n);
  });

  test('older than one seen is refused, also after a restart; so is one that is over, and one of somebody else', async () => {
    const memory = disk();
    const older = await list(6);
    await StatusList.accept(await list(7), keys, at, memory);
    await expect(StatusList.accept(older, keys, at, memory)).rejects.toMatchObject({ kind: 'older' });
    await expect(StatusList.accept(older, keys, at, disk())).resolves.toBeDefined(); // control: a memory that forgot
    await expect(StatusList.accept(await list(8, { issued: at - minute }), keys, at, memory)).rejects.toMatchObject({ kind: 'older' });
    await expect(StatusList.accept(await list(8), keys, at + 1440n * minute, memory)).rejects.toMatchObject({ kind: 'expired' });
    await expect(StatusList.accept((await list(8)).slice(0, -4), keys, at, memory)).rejects.toMatchObject({ kind: 'refused' });
  });

  test('that cannot be remembered is not given out', async () => {
    const full: Memory = { load: () => Promise.resolve(null), save: () => Promise.reject(new Error('no space')) };
    await expect(StatusList.accept(await list(7), keys, at, full)).rejects.toThrow('no space');
  });
});
