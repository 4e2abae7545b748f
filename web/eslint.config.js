import { readdirSync } from 'node:fs';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** A layer may only import what stands below it: app > features > ui, shared. */
const layer = (files, forbidden, message) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: forbidden, message }] }] },
});

const features = readdirSync(new URL('./console/src/features', import.meta.url));

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'console/src/shared/api/schema.d.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['console/src/**/*.{ts,tsx}', 'field/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': hooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      'no-console': 'error',
    },
  },
  layer(['console/src/ui/**'], ['@features/*', '@app/*', '@shared/api/*'], 'ui knows no domain'),
  layer(['console/src/shared/**'], ['@features/*', '@app/*', '@ui/*'], 'shared stands below everything'),
  ...features.map((name) =>
    layer(
      [`console/src/features/${name}/**`],
      ['@app/*', ...features.filter((f) => f !== name).map((f) => `@features/${f}/*`)],
      'features do not import each other or the app',
    ),
  ),
);
