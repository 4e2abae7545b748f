// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPackageKeys, verifyPackage } from './package';

interface Mutant {
  name: string;
  base: number;
  at: number;
  xor: number;
  refused: boolean;
}

let folder = '';
let said: { jwks: string; bases: string[]; mutants: Mutant[] };

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

const refused = async (bytes: Uint8Array) => {
  const source = { size: bytes.length, read: (from: number, length: number) => Promise.resolve(bytes.slice(from, from + length)) };
  return verifyPackage(source, readPackageKeys(said.jwks)).then(
    () => '',
    (err: unknown) => String(err),
  );
};

test('agrees with Go on whole, redacted, forged and changed packages', async () => {
  expect(said.mutants.length).toBeGreaterThan(300);
  const disagree: string[] = [];
  for (const m of said.mutants) {
    const bytes = new Uint8Array(Buffer.from(said.bases[m.base] ?? '', 'base64'));
    bytes[m.at] = (bytes[m.at] ?? 0) ^ m.xor;
    const why = await refused(bytes);
    // The tables of readings and of registers are made again by the program only.
    if ((why !== '') !== m.refused && !/^(the|no) table of /.test(m.name)) disagree.push(`${m.name} at ${m.at}: Go ${m.refused ? 'refuses' : 'takes'} it, this says ${why || 'all holds'}`);
  }
  expect(disagree).toEqual([]);
}, 300_000);
