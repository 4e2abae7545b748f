// Builds the page that comes inside an evidence package: one file with its script and style in it, which works
// from the file system and may ask no network for anything.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const made = await build({
  configFile: false,
  logLevel: 'error',
  root: here('../verify'),
  build: { write: false, target: 'es2022', lib: { entry: here('../verify/page.ts'), formats: ['iife'], name: 'verifier' } },
});
const script = [made].flat()[0].output[0].code.trim().replaceAll('</script', '<\\/script');
const style =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem}button{font:inherit;min-height:44px;margin-right:.5rem}' +
  'input{font:inherit;display:block;min-height:44px;max-width:100%}[role=status]{padding:.5rem 1rem;overflow-wrap:anywhere}.ok{border-left:6px solid #2b8a3e}.bad{border-left:6px solid #c92a2a}';
const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";
mkdirSync(here('../dist/verify'), { recursive: true });
writeFileSync(
  here('../dist/verify/verify.html'),
  `<!doctype html><html lang="kk"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy}"><title>Rigistry</title><style>${style}</style></head><body><script>${script}</script></body></html>\n`,
);
