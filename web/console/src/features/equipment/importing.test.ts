import { describe, expect, it } from 'vitest';
import { duration, problemKey } from './importing';

describe('what an import still takes', () => {
  it.each([
    [0, undefined],
    [-3, undefined],
    [0.2, { unit: 'seconds', value: 1 }],
    [89.2, { unit: 'seconds', value: 90 }],
    [90, { unit: 'minutes', value: 2 }],
    [3600, { unit: 'minutes', value: 60 }],
  ])('%s seconds', (seconds, want) => expect(duration(seconds)).toEqual(want));
});

describe('why an import failed', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['no_rows', { key: 'no_rows', fields: [] }],
    ['columns_missing: serial, nameplate_kw', { key: 'columns_missing', fields: ['serial', 'nameplate_kw'] }],
    ['a.xlsx is no readable XLSX file.', { key: 'other', fields: [] }],
  ])('%s', (problem, want) => expect(problemKey(problem)).toEqual(want));
});
