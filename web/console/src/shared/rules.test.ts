import { describe, expect, it } from 'vitest';
import { ApiProblem, asProblem, problemOf } from './api/problem';
import { severityOf } from './deadline';
import { wallOf } from './format';
import { addMonths } from './months';
import { toInstant, toKilowatts } from './parse';
import { oneOf, present, text, whole } from './search';
import { toneOf } from './states';

describe('deadlines', () => {
  it.each([
    [{ due: '2026-11-20', left: -1 }, 'overdue'],
    [{ due: '2026-11-22', left: 0 }, 'today'],
    [{ due: '2026-11-25', left: 3 }, 'soon'],
    [{ due: '2026-11-26', left: 4 }, 'later'],
    [{ due: '2026-11-20', left: -1, paused: true }, 'paused'],
    [{}, 'none'],
  ] as const)('%o is %s', (deadline, severity) => expect(severityOf(deadline)).toBe(severity));
});

describe('numbers as people type them', () => {
  it.each([
    ['1 200', 1200],
    ['1\u202f200,5', 1200.5],
    ['86.4', 86.4],
    ['', 0],
    ['many', 0],
  ])('%s is %d', (typed, value) => expect(toKilowatts(typed)).toBe(value));
});

describe('a date and a time as people type them', () => {
  it.each([
    ['22.11.2026', '14:05', '2026-11-22T09:05:00.000Z'],
    ['1/3/2026', '0:30', '2026-02-28T19:30:00.000Z'],
    ['2026-11-22', '14.05', '2026-11-22T09:05:00.000Z'],
    ['', '', ''],
    ['22.11.2026', '', undefined],
    ['31.02.2026', '10:00', undefined],
    ['11.22.2026', '10:00', undefined],
    ['22.11.2026', '24:00', undefined],
  ])('%s %s is %s', (date, time, instant) => expect(toInstant(date, time)).toBe(instant));
});

it('reads an instant back that it wrote for a field', () => {
  const { date, time } = wallOf(new Date('2026-12-31T19:30:00Z'));
  expect([date, time, toInstant(date, time)]).toEqual(['01.01.2027', '00:30', '2026-12-31T19:30:00.000Z']);
});

describe('months of a suspension', () => {
  it.each([
    ['2026-11-22', 3, '2027-02-22'],
    ['2026-08-31', 6, '2027-02-28'],
    ['2026-12-01', 1, '2027-01-01'],
  ])('%s and %d months is %s', (date, months, result) => expect(addMonths(date, months)).toBe(result));
});

describe('the search of an address', () => {
  it('reads texts, also of digits only, and drops what is not expected', () => {
    expect(text({ q: 210440038887 }, 'q')).toBe('210440038887');
    expect(oneOf({ state: 'flying' }, 'state', ['active'])).toBeUndefined();
    expect(whole({ from: '12.5' }, 'from')).toBeUndefined();
    expect(whole({ from: 0 }, 'from')).toBe(0);
    expect(present({ a: undefined, b: 0 })).toEqual({ b: 0 });
  });
});

describe('problems', () => {
  it('finds the text of a field by its pointer', () => {
    const problem = problemOf({ status: 422, code: 'invalid', detail: 'Look.', errors: [{ pointer: '/sites/0/approved_kw', code: 'range', detail: 'More than 0.' }] }, 422);
    expect(problem.field('/sites/0/approved_kw')).toBe('More than 0.');
    expect(problem.field('/sites/0')).toBeUndefined();
  });
  it('speaks the language of the page where the code says everything, and keeps the server\'s sentence elsewhere', () => {
    const translate = (key: string) => ({ invalid: 'Түзетіңіз.', 'field.required': 'Керек.' })[key];
    const problem = problemOf({ code: 'invalid', detail: 'Look.', errors: [{ pointer: '/a', code: 'required', detail: 'x' }, { pointer: '/b', code: 'odd', detail: 'Say more.' }] }, 422, translate);
    expect([problem.detail, problem.original, problem.field('/a'), problem.field('/b')]).toEqual(['Түзетіңіз.', 'Look.', 'Керек.', 'Say more.']);
    const untranslated = problemOf({ code: 'conflict', detail: 'Already decided.' }, 409, translate);
    expect([untranslated.detail, untranslated.original]).toEqual(['Already decided.', '']);
  });
  it('takes a failed fetch as unreachable and keeps a problem as it is', () => {
    expect(asProblem(new TypeError('Failed to fetch')).status).toBe(0);
    const problem = new ApiProblem({ code: 'four_eyes' }, 409);
    expect(asProblem(problem)).toBe(problem);
  });
});

it('marks a state that is not in the table as unknown', () => {
  expect(toneOf('license', 'active')).toBe('ok');
  expect(toneOf('license', 'melted')).toBe('unknown');
});
