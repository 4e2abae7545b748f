// @vitest-environment node
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseInstant } from './form';
import { checkByBrowser, checkByLibrary, type CheckSignature, type Keys, readKeys } from './keys';
import { verifyPermit } from './permit';
import { verifyStatusList } from './status';

interface Mutant {
  kind: 'permit' | 'list';
  text: string;
  at: string;
  verdict: 'valid' | 'expired' | 'refused';
  done: string;
}

let folder = '';
let keys: Keys;
let mutants: Mutant[] = [];

// The Go test makes the mutants and says what Go says of them.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  const file = join(folder, 'mutants.json');
  execFileSync('go', ['test', './services/gate', '-count=1', '-run', '^TestMutants_', '-args', `-mutants=${file}`], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const said = JSON.parse(readFileSync(file, 'utf8')) as { jwks: string; mutants: Mutant[] };
  keys = await readKeys(said.jwks);
  mutants = said.mutants;
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function disagreements(check: CheckSignature): Promise<string[]> {
  const out: string[] = [];
  for (const [i, m] of mutants.entries()) {
    // What is no UTF-8 comes to a program as a text with replacements in it, which is refused too.
    const text = Buffer.from(m.text, 'base64').toString('utf8');
    const verdict = await (m.kind === 'list' ? verifyStatusList : verifyPermit)(text, keys, parseInstant(m.at), check);
    if (verdict.state !== m.verdict) out.push(`${i} (${m.kind}, ${m.done}): Go says ${m.verdict}, this says ${JSON.stringify(verdict, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))}\n${text.slice(0, 1500)}`);
  }
  return out;
}

test('agrees with Go on 10,000 mutated permits and status lists, with the signature checked by the platform', async () => {
  expect(mutants.length).toBe(10_000);
  expect(await disagreements(checkByBrowser)).toEqual([]);
}, 300_000);

test('agrees with Go on the same, with the signature checked by the library', async () => {
  expect(await disagreements(checkByLibrary)).toEqual([]);
}, 300_000);

test('would notice: a reader that takes any signature disagrees', async () => {
  expect((await disagreements(() => Promise.resolve(true))).length).toBeGreaterThan(100);
}, 300_000);
