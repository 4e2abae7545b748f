import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

// The field app: the console's JSX on Preact, an entry of its own under /field/ with its own service worker.
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const backend = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';

/** The catalogue's keys of this app alone, without their prefix, as a file of its own: texts are read, not run. */
function ownTexts(): Plugin {
  let building = false;
  return {
    name: 'own-texts',
    enforce: 'pre',
    configResolved(config) {
      building = config.command === 'build';
    },
    load(id) {
      const [path, part] = id.split('?');
      if (!path?.endsWith('.json') || part !== 'field') return null;
      const texts = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
      const own = Object.entries(texts).flatMap(([key, text]) => (key.startsWith('fieldwork.') ? [[key.slice(10), text]] : []));
      this.addWatchFile(path);
      const source = JSON.stringify(Object.fromEntries(own));
      if (!building) return { code: `export default ${JSON.stringify(`data:application/json,${encodeURIComponent(source)}`)}`, moduleType: 'js' };
      const file = this.emitFile({ type: 'asset', name: path.slice(path.lastIndexOf('/') + 1), source });
      return { code: `export default '__VITE_ASSET__${file}__'`, moduleType: 'js' };
    },
  };
}

/** Writes into the service worker what it has to fetch at its installation, and a version that changes with any of it. */
function precache(): Plugin {
  return {
    name: 'precache',
    enforce: 'post',
    generateBundle(_, bundle) {
      // The decoder is large and only for phones that have none of their own: it comes with the preparation of a trip.
      const files = Object.keys(bundle).filter((file) => file !== 'sw.js' && !file.startsWith('.vite') && !/zxing|\.map$/.test(file)).sort();
      const hash = createHash('sha256');
      for (const file of files) {
        const one = bundle[file];
        hash.update(file).update(one?.type === 'chunk' ? one.code : (one?.source ?? ''));
      }
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') throw new Error('the service worker was not built');
      const list = JSON.stringify([...files, 'manifest.webmanifest', 'icon.svg']);
      worker.code = worker.code.replace('__VERSION__', hash.digest('hex').slice(0, 16)).replace(/[`'"]__FILES__[`'"]/, () => JSON.stringify(list));
    },
  };
}

export default defineConfig({
  root: here('.'),
  base: '/field/',
  publicDir: here('./public'),
  plugins: [ownTexts(), precache()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: {
      'react/jsx-runtime': 'preact/jsx-runtime',
      'react-dom/client': 'preact/compat/client',
      'react-dom': 'preact/compat',
      react: 'preact/compat',
      '@locales': here('../locales'),
      '@verify': here('../verify/index.ts'),
    },
  },
  build: {
    outDir: here('../dist/field'),
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false, resolveDependencies: (_file, needed) => needed.filter((one) => one.endsWith('.css')) },
    rolldownOptions: {
      // The core stands alone under its exported names, so that a test can use the very outbox that a page uses.
      preserveEntrySignatures: 'exports-only',
      input: { main: here('./index.html'), core: here('./app/core.ts'), sw: here('./sw.ts') },
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/v1': backend } },
});
