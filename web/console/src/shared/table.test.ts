import { describe, expect, it } from 'vitest';
import { csvOf, headed, named, pasted, powerOf, recognise, type Field } from './table';

const fields: readonly Field[] = [
  { name: 'connection_point', needed: true, words: ['Точка присоединения', 'Код'] },
  { name: 'kw', words: ['кВт', 'Мощность'] },
];

describe('a table from a spreadsheet', () => {
  it('takes tabs, quotes and empty rows, and knows the lines', () => {
    expect(pasted('Код\tкВт\r\n\r\n"CP\t1"\t"9""0"\n')).toEqual({ lines: [1, 3], rows: [['Код', 'кВт'], ['CP\t1', '9"0']] });
    expect(pasted('a;b\n"1\n2";3\n4;5').lines).toEqual([1, 2, 4]);
  });
  it('recognises headings whatever their spelling, each field once', () => {
    expect(recognise(['код', 'КВТ', 'Мощность', '?'], fields)).toEqual(['connection_point', 'kw', '', '']);
  });
  it('takes columns in their order when nothing is a heading', () => {
    expect(headed({ lines: [1], rows: [['CP1', '900']] }, fields)).toEqual({ columns: ['connection_point', 'kw'], headings: undefined });
    expect(headed({ lines: [1], rows: [['кВт', 'Код']] }, fields).columns).toEqual(['kw', 'connection_point']);
    expect(named(['900', 'CP1'], ['kw', 'connection_point'])).toEqual({ kw: '900', connection_point: 'CP1' });
  });
  it('reads powers with their units', () => {
    expect(['900', '0,9 МВт', '1 500 kW', '250 Вт', '1.5MW', '900 км', '', '-3'].map(powerOf)).toEqual([900, 900, 1500, 0.25, 1500, undefined, undefined, undefined]);
  });
  it('writes no formulas', () => {
    expect(csvOf([['=1+1', 'a;b', '"']])).toBe('\ufeff\'=1+1;"a;b";""""\r\n');
  });
});
