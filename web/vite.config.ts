import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// `npm run dev` serves the console and hands everything else to a running Rigistry.
const backend = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: here('./console'),
  base: '/app/',
  plugins: [react()],
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
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/v1': backend, '/healthz': backend, '/readyz': backend } },
  test: {
    root: here('.'),
    include: ['console/src/**/*.test.{ts,tsx}'],
    environment: 'happy-dom',
  },
});
