// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPackageKeys, verifyPackage } from './package';
import { qualities, quantities } from './quantities';
import { Sha256, sha256 } from './sha256';
import { Broken } from './zip';

interface Mutant {
  name: string;
  base: number;
  at: number;
  xor: number;
  refused: boolean;
  part?: string;
}

let folder = '';
let said: { jwks: string; bases: string[]; mutants: Mutant[]; quantities: unknown; qualities: unknown };

// The Go test makes the packages and says what Go says of them.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packages-'));
  const file = join(folder, 'mutants.json');
  execFileSync('go', ['test', './services/enforcement', '-count=1', '-run', '^TestMutants_', '-args', `-mutants=${file}`], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  said = JSON.parse(readFileSync(file, 'utf8')) as typeof said;
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sourceOf = (bytes: Uint8Array) => ({ size: bytes.length, read: (from: number, length: number) => Promise.resolve(bytes.slice(from, from + length)) });
const baseOf = (n: number) => new Uint8Array(Buffer.from(said.bases[n] ?? '', 'base64'));

test('knows the same quantities and qualities as Go', () => {
  expect(quantities).toEqual(said.quantities);
  expect(qualities).toEqual(said.qualities);
});

test('agrees with Go on whole, redacted, forged and changed packages, and names the same part', async () => {
  expect(said.mutants.length).toBeGreaterThan(300);
  const disagree: string[] = [];
  for (const m of said.mutants) {
    const bytes = baseOf(m.base);
    bytes[m.at] = (bytes[m.at] ?? 0) ^ m.xor;
    const part = await verifyPackage(sourceOf(bytes), readPackageKeys(said.jwks)).then(
      () => '',
      (err: unknown) => (err instanceof Broken ? err.part : String(err)),
    );
    if (part !== (m.part ?? '')) disagree.push(`${m.name} at ${m.at}: Go names ${m.part ?? 'nothing'}, this ${part}`);
  }
  expect(disagree).toEqual([]);
}, 300_000);

test('makes the values again from the words, as Go counts them, and tells how far it is', async () => {
  const stages = new Map<string, number>();
  const report = await verifyPackage(sourceOf(baseOf(2)), readPackageKeys(said.jwks), (stage, done, of) => {
    expect(done).toBeGreaterThan(stages.get(stage) ?? 0);
    stages.set(stage, done / of);
  });
  expect(report.readings).toMatchObject({ chunks: 24, readings: 360, notGiven: 2, bare: 20 });
  expect(report.readings.given).toBeGreaterThan(600);
  expect(stages.get('readings')).toBe(1);
}, 60_000);

test('SHA-256 in steps is that of the platform', async () => {
  for (const n of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 70_001]) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 7 + n) & 255);
    const want = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
    const stepwise = new Sha256();
    for (let at = 0; at < n; at += 37) stepwise.update(bytes.subarray(at, Math.min(n, at + 37)));
    expect(Buffer.from(sha256(bytes)).toString('hex')).toBe(want);
    expect(Buffer.from(stepwise.digest()).toString('hex')).toBe(want);
  }
});
