// Checks what a cold visit costs, from Vite's manifest: the shell (entry and its texts in
// the longest language) and each lazily loaded route on top of it, gzip -9.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const SHELL_KB = 150;
const ROUTE_KB = 250;
const CSS_KB = 30;

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist/app');
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
const parts = JSON.parse(readFileSync(join(dist, '../../console/src/shared/textParts.json'), 'utf8'));
const sizes = new Map();
const gzip = (file) => {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
  return sizes.get(file);
};

/** Everything a chunk needs; a page also needs the parts that it loads by itself, such as its chart. */
function reach(key, js = new Set(), css = new Set(), seen = new Set(), page = false) {
  if (seen.has(key)) return { js, css };
  seen.add(key);
  const chunk = manifest[key];
  js.add(chunk.file);
  for (const sheet of chunk.css ?? []) css.add(sheet);
  for (const next of chunk.imports ?? []) reach(next, js, css, seen);
  if (page) for (const next of chunk.dynamicImports ?? []) reach(next, js, css, seen);
  return { js, css };
}
const total = (files) => [...files].reduce((sum, file) => sum + gzip(file), 0) / 1000;

const entryKey = Object.keys(manifest).find((key) => manifest[key].isEntry);
const catalogues = Object.keys(manifest).filter((key) => /locales\/(kk|ru|en)\.json\?/.test(key));
const largest = (part) => catalogues.filter((key) => key.endsWith(`?${part}`)).sort((a, b) => gzip(manifest[b].file) - gzip(manifest[a].file))[0];
const shell = reach(entryKey);
reach(largest('shell'), shell.js, shell.css);

const rows = [['shell', shell, SHELL_KB]];
// At some addresses the person's role chooses between two pages; a visit loads one of them.
const byRole = (key) => /src\/app\/Applications?Page/.test(key);
for (const key of (manifest[entryKey].dynamicImports ?? []).flatMap((one) => (byRole(one) ? manifest[one].dynamicImports : [one]))) {
  if (catalogues.includes(key)) continue;
  const route = reach(key, new Set(shell.js), new Set(shell.css), new Set(), true);
  reach(largest('pages'), route.js, route.css);
  const feature = /features\/(\w+)\//.exec(key)?.[1];
  for (const [part, { features }] of Object.entries(parts)) if (features.includes(feature)) reach(largest(part), route.js, route.css);
  rows.push([key.replace(/^.*features\//, '').replace(/\.tsx?$/, ''), route, ROUTE_KB]);
}

// The field app: all of its JavaScript, decoder and permit check too, and its texts in the longest language, which are
// data and not run. Its service worker is one more file.
const FIELD_KB = 60;
const FIELD_TEXTS_KB = 9;
const FIELD_CSS_KB = 10;
const fieldDist = join(dist, '../field');
const field = JSON.parse(readFileSync(join(fieldDist, '.vite/manifest.json'), 'utf8'));
const fieldSize = (file) => gzipSync(readFileSync(join(fieldDist, file)), { level: 9 }).length / 1000;
const fieldAssets = readdirSync(join(fieldDist, 'assets')).map((name) => `assets/${name}`);
const fieldJs = fieldAssets.filter((file) => file.endsWith('.js')).reduce((sum, file) => sum + fieldSize(file), 0);
const fieldTexts = Math.max(...fieldAssets.filter((file) => /\/(kk|ru|en)-[^/]+\.json$/.test(file)).map(fieldSize));
const fieldCss = [...new Set(Object.values(field).flatMap((chunk) => chunk.css ?? []))].reduce((sum, file) => sum + fieldSize(file), 0);

let failed = 0;
// Without texts there would be nothing to compare: Math.max of none is no size.
if (!(fieldJs <= FIELD_KB && fieldTexts > 0 && fieldTexts <= FIELD_TEXTS_KB && fieldCss <= FIELD_CSS_KB)) failed++;
console.log(`${failed ? 'OVER' : 'ok  '} ${'field, whole'.padEnd(36)} js ${fieldJs.toFixed(1).padStart(6)} / ${FIELD_KB} kB  css ${fieldCss.toFixed(1).padStart(5)} / ${FIELD_CSS_KB} kB  texts ${fieldTexts.toFixed(1)} / ${FIELD_TEXTS_KB} kB`);
for (const [name, { js, css }, limit] of rows) {
  const jsKb = total(js);
  const cssKb = total(css);
  const over = jsKb > limit || cssKb > CSS_KB;
  if (over) failed++;
  console.log(`${over ? 'OVER' : 'ok  '} ${name.padEnd(36)} js ${jsKb.toFixed(1).padStart(6)} / ${limit} kB  css ${cssKb.toFixed(1).padStart(5)} / ${CSS_KB} kB`);
}
console.log(`${rows.length + 1 - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
