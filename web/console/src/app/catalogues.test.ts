import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { languages, type Language } from '@shared/format';
import { stateKeys } from '@shared/states';

const web = process.cwd();
const read = (language: Language) => JSON.parse(readFileSync(join(web, 'locales', `${language}.json`), 'utf8')) as Record<string, string>;
const texts = { kk: read('kk'), ru: read('ru'), en: read('en') };
const stem = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '');
const stems = (language: Language) => new Set(Object.keys(texts[language]).map(stem));
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)/g)].map((match) => match[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name) ? [readFileSync(path, 'utf8')] : [];
  });
}
const code = sources(join(web, 'console/src')).join('\n');

describe.each(languages)('the catalogue %s', (language) => {
  it('has the keys of the others, sorted, none empty', () => {
    for (const other of languages) {
      const known = stems(other);
      expect([...stems(language)].filter((key) => !known.has(key))).toEqual([]);
    }
    const keys = Object.keys(texts[language]);
    expect(keys).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1)));
    expect(keys.filter((key) => !texts[language][key]?.trim())).toEqual([]);
  });
  it('has every plural form of its language', () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const plural = new Set(Object.keys(texts[language]).filter((key) => key.endsWith('_other')).map(stem));
    for (const key of plural) for (const form of forms) expect(texts[language], key).toHaveProperty([`${key}_${form}`]);
  });
  it('fills the same holes as the Kazakh text', () => {
    for (const key of stems(language)) {
      const own = texts[language][key] ?? texts[language][`${key}_other`] ?? '';
      const kazakh = texts.kk[key] ?? texts.kk[`${key}_other`] ?? '';
      expect([key, holes(own)]).toEqual([key, holes(kazakh)]);
    }
  });
});

describe('the keys in the code', () => {
  const known = stems('kk');
  it('are all in the catalogues', () => {
    const used = [...code.matchAll(/\bt\(\s*'([^']+)'/g), ...code.matchAll(/\bt\([^'`)]*\? '([^']+)' : '[^']+'/g), ...code.matchAll(/\bt\([^'`)]*\? '[^']+' : '([^']+)'/g)].map((match) => match[1] ?? '');
    expect(used.length).toBeGreaterThan(300);
    expect(used.filter((key) => !known.has(key))).toEqual([]);
  });
  it('that are put together begin like one in the catalogues', () => {
    const prefixes = [...code.matchAll(/\bt\(`([^`$]+)\$\{/g)].map((match) => match[1] ?? '');
    expect(prefixes.length).toBeGreaterThan(15);
    expect(prefixes.filter((prefix) => ![...known].some((key) => key.startsWith(prefix)))).toEqual([]);
  });
  it('name every state that has a mark', () => {
    expect(stateKeys().filter((key) => !known.has(key))).toEqual([]);
  });
});

// The names of a few actions of the permission table are written like texts.
const permissions = /: (reference|standing|paper|reconciliation|mismatch|task|access|people|merge)\.(read|write|send|issue|propose)$/;

describe('the texts of a feature', () => {
  const parts = JSON.parse(readFileSync(join(web, 'console/src/shared/textParts.json'), 'utf8')) as Record<string, { keys: string[]; features: string[] }>;
  const features = join(web, 'console/src/features');
  const folders = [...readdirSync(features).map((name) => ({ name, folder: join(features, name) })), ...['app', 'ui', 'shared'].map((name) => ({ name, folder: join(web, 'console/src', name) }))];
  it.each(Object.entries(parts))('%s are used by no other', (_, { keys, features: own }) => {
    const known = Object.keys(texts.kk).filter((key) => keys.includes(key.split('.', 1)[0] ?? '')).map(stem);
    expect(known.length).toBeGreaterThan(10);
    const used = folders
      .filter(({ name }) => !own.includes(name))
      .flatMap(({ name, folder }) => sources(folder).flatMap((source) => known.filter((key) => new RegExp(`['"\`]${key.replaceAll('.', '\\.')}['"\`]`).test(source) || [...source.matchAll(/`(\w+\.[^`$]*)\$\{/g)].some((match) => key.startsWith(match[1] ?? '-'))).map((key) => `${name}: ${key}`)));
    expect(used.filter((one) => !permissions.test(one))).toEqual([]);
  });
});

it('keeps Kazakh Kazakh: most long texts have a letter that Russian has not', () => {
  const own = Object.entries(texts.kk).filter(([key, text]) => text.length > 40 && text !== texts.ru[key]);
  const kazakh = own.filter(([, text]) => /[әғқңөұүһі]/i.test(text));
  expect(kazakh.length / own.length).toBeGreaterThan(0.98);
});
