// The catalogues: flat keys, sorted, the same in Kazakh, Russian and English.
//   node scripts/locales.mjs check            parity, order, empty texts, names that nothing fills in
//   node scripts/locales.mjs merge FILE.json  adds {"key": {"kk": …, "ru": …, "en": …}, …}
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../locales');
const languages = ['kk', 'ru', 'en'];
const path = (language) => join(folder, `${language}.json`);
const read = (language) => JSON.parse(readFileSync(path(language), 'utf8'));
const sorted = (texts) => Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
const plural = /_(zero|one|two|few|many|other)$/;
const stem = (key) => key.replace(plural, '');

function check() {
  const problems = [];
  const stems = {};
  for (const language of languages) {
    const texts = read(language);
    stems[language] = new Set(Object.keys(texts).map(stem));
    if (JSON.stringify(Object.keys(texts)) !== JSON.stringify(Object.keys(sorted(texts)))) problems.push(`${language}: keys are not sorted`);
    for (const [key, text] of Object.entries(texts)) if (typeof text !== 'string' || !text.trim()) problems.push(`${language}: ${key} is empty`);
    for (const [key, text] of Object.entries(texts)) if (/(?<!\{)\{[a-z_]+\}(?!\})/i.test(text)) problems.push(`${language}: ${key} has a name in single braces, which nothing fills in`);
  }
  for (const a of languages) for (const b of languages) for (const key of stems[a]) if (!stems[b].has(key)) problems.push(`${key} is in ${a} but not in ${b}`);
  return problems;
}

const [command, file] = process.argv.slice(2);
if (command === 'merge' && file) {
  const added = JSON.parse(readFileSync(file, 'utf8'));
  for (const language of languages) {
    const texts = read(language);
    for (const [key, translations] of Object.entries(added)) {
      const own = translations[language];
      if (typeof own === 'string') texts[key] = own;
      else if (own) for (const [form, text] of Object.entries(own)) texts[`${key}_${form}`] = text;
      else throw new Error(`${key}: no ${language}`);
    }
    writeFileSync(path(language), `${JSON.stringify(sorted(texts), null, 2)}\n`);
  }
  console.log(`${Object.keys(added).length} keys merged`);
} else if (command !== 'check') {
  console.error('usage: locales.mjs check | merge FILE.json');
  process.exit(2);
}
const problems = check();
for (const problem of problems) console.error(problem);
console.log(`${problems.length} problems`);
process.exit(problems.length ? 1 : 0);
