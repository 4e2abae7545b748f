import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// `npm run dev` serves the console and hands everything else to a running Rigistry.
const backend = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';

// The catalogues are shared with the program's own pages. The console takes its keys in two parts: what is
// said until somebody is signed in, and the rest, which comes before the frame and its first page.
const shellKeys = /^((frame\.(dark|language|light)|home\.broken|signIn\.[A-Za-z.]+)$|ui\.(close|loading|problem|retry|trace)|problem\.(internal|invalid|too_many_requests|unauthenticated|unavailable)$)/;
const foreignKeys = /^(detection\.(?!parameter\.)|documents\.|fieldwork\.|public\.)/;
// What a feature needs alone comes with its pages.
const featureParts = JSON.parse(readFileSync(here('./console/src/shared/textParts.json'), 'utf8')) as Record<string, { keys: string[] }>;

function partOf(key: string): string {
  if (shellKeys.test(key)) return 'shell';
  const name = key.split('.', 1)[0] ?? '';
  return Object.keys(featureParts).find((part) => featureParts[part]?.keys.includes(name)) ?? 'pages';
}

function catalogueParts(): Plugin {
  return {
    name: 'catalogue-parts',
    enforce: 'pre',
    load(id) {
      const [path, part] = id.split('?');
      if (!path?.endsWith('.json') || !part || !(part === 'shell' || part === 'pages' || part in featureParts)) return null;
      const texts = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
      const own = Object.entries(texts).filter(([key]) => !foreignKeys.test(key) && partOf(key) === part);
      this.addWatchFile(path);
      return { code: `export default ${JSON.stringify(Object.fromEntries(own))}`, moduleType: 'js' };
    },
  };
}

export default defineConfig({
  root: here('./console'),
  base: '/app/',
  plugins: [catalogueParts(), react()],
  resolve: {
    alias: {
      '@app': here('./console/src/app'),
      '@features': here('./console/src/features'),
      '@ui': here('./console/src/ui'),
      '@shared': here('./console/src/shared'),
      '@locales': here('./locales'),
    },
  },
  build: {
    outDir: here('./dist/app'),
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // Inlined data: URLs would fall foul of "default-src 'self'".
    assetsInlineLimit: 0,
    // What runs es2022 and this console loads modules ahead by itself.
    // A page's own imports name what it needs; naming all of it a second time in the entry costs every cold visit 2 kB.
    modulePreload: { polyfill: false, resolveDependencies: (_file, needed) => needed.filter((one) => one.endsWith('.css')) },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What every visit needs in few files: each file costs its own compression.
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules[\\/](react|react-dom|scheduler|i18next|use-sync-external-store|@tanstack)[\\/](?!.*(useInfiniteQuery|infiniteQueryObserver))/ },
            { name: 'searches', test: /features[\\/][a-z]+[\\/](search|span)\.ts$/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': backend, '/healthz': backend, '/readyz': backend } },
  test: {
    testTimeout: 30_000, // a busy machine is no failure
    root: here('.'),
    include: ['console/src/**/*.test.{ts,tsx}', 'field/**/*.test.ts', 'verify/**/*.test.ts'],
    environment: 'happy-dom',
  },
});
