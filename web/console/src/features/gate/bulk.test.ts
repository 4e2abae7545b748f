import { describe, expect, it } from 'vitest';
import { recognise } from '@shared/table';
import { checkFields, lineOf } from './bulk';
import { codeIn } from './Scan';

describe('many checks from a table', () => {
  it('are recognised and read in the words of the office', () => {
    expect(recognise(['Наряд', 'Точка подключения', 'БИН', 'Мощность, кВт', 'Цель'], checkFields)).toEqual(['reference', 'connection_point', 'applicant', 'requested_kw', 'purpose']);
    expect(lineOf({ line: 2, values: { connection_point: 'ps12-f03-cp007', applicant: '210440 038887', requested_kw: '0,9 МВт', event: 'Смена потребителя' } })).toEqual({
      line: 2,
      wrong: [],
      check: { reference: 'L2', connection_point: 'PS12-F03-CP007', applicant: '210440038887', requested_kw: 900, purpose: 'mining', event: 'change_of_consumer' },
    });
  });
  it('tell every wrong cell', () => {
    expect(lineOf({ line: 3, values: { applicant: '12', requested_kw: '0', purpose: 'x', event: 'y' } }).wrong).toEqual(['point', 'applicant', 'kw', 'purpose', 'event']);
  });
});

describe('a scanned code', () => {
  it('is the text, or the end of an address', () => {
    expect(codeIn(' PS12-F03-CP007 ')).toBe('PS12-F03-CP007');
    expect(codeIn('https://example.kz/app/grid/PS12-F03-CP007?x=1')).toBe('PS12-F03-CP007');
  });
});
