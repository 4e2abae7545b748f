import { expect, it } from 'vitest';
import { isoDate } from '@shared/parse';
import { fieldsOf, inputOf } from './issue';

it('reads dates day first and as ISO, and no others', () => {
  expect(isoDate('05.03.2026')).toBe('2026-03-05');
  expect(isoDate('5.3.2026')).toBe('2026-03-05');
  expect(isoDate('2026-03-05')).toBe('2026-03-05');
  for (const text of ['31.02.2026', '2026-13-01', '05.03.26', 'вчера', '']) expect(isoDate(text)).toBeUndefined();
});
it('asks a certificate about a number or about a point, never both', () => {
  const values = { bin_or_iin: '210440038887', connection_point: 'PS12-F03-CP007', from: '01.01.2026', to: '02.03.2026' };
  expect(inputOf({ kind: 'absence', about: 'bin', values })).toEqual({ input: { kind: 'absence', bin_or_iin: '210440038887', from: '2026-01-01', to: '2026-03-02' }, missing: [] });
  expect(inputOf({ kind: 'absence', about: 'point', values }).input).not.toHaveProperty('bin_or_iin');
});
it('names what is missing, but an extract needs nothing', () => {
  expect(inputOf({ kind: 'absence', about: 'bin', values: { from: '31.02.2026' } }).missing).toEqual(['bin_or_iin', 'from', 'to']);
  expect(inputOf({ kind: 'refusal', about: 'bin', values: { application: '  ' } }).missing).toEqual(['application']);
  expect(inputOf({ kind: 'extract', about: 'bin', values: {} })).toEqual({ input: { kind: 'extract' }, missing: [] });
  expect(inputOf({ kind: 'extract', about: 'bin', values: { as_on: 'x' } }).missing).toEqual(['as_on']);
  expect(fieldsOf({ kind: 'disconnection_order', about: 'bin' })).toEqual(['order']);
});
