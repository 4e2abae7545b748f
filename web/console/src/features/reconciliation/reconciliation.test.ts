import { describe, expect, it } from 'vitest';
import { recognise } from '@shared/table';
import { listFields, listOf } from './api';

describe('a list of energised points', () => {
  it('is recognised by the headings of Kazakh, Russian and English files', () => {
    expect(recognise(['Код точки подключения', 'БИН/ИИН потребителя', 'Мощность, кВт', 'Номер счётчика'], listFields)).toEqual(['connection_point', 'consumer', 'kw', 'meter']);
    expect(recognise(['Қосылу нүктесінің коды', 'БСН/ЖСН', 'Жүктеме, кВт'], listFields)).toEqual(['connection_point', 'consumer', 'kw']);
    expect(recognise(['connection_point', 'consumer', 'kw', 'meter'], listFields)).toEqual(['connection_point', 'consumer', 'kw', 'meter']);
  });
  it('tells what is wrong by line', () => {
    const { points, errors } = listOf([
      { line: 2, values: { connection_point: 'A', consumer: '2104 4003 8887', kw: '0,9 МВт' } },
      { line: 3, values: { connection_point: '', kw: 'x' } },
      { line: 4, values: { connection_point: 'A', consumer: '12' } },
    ]);
    expect(points[0]).toEqual({ connection_point: 'A', consumer: '210440038887', kw: 900 });
    expect(errors).toEqual([{ line: 3, wrong: ['point', 'kw'] }, { line: 4, wrong: ['consumer', 'twice'] }]);
  });
});
