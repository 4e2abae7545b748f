import { describe, expect, it } from 'vitest';
import { countdown, exactInstant, instant, kw, kwh, legalDate, legalDateOf, money, number, short, span } from './format';

const now = new Date('2026-11-22T08:00:00Z');

describe('quantities', () => {
  it.each([
    [0, '0.0'],
    [3.05, '3.1'],
    [41.26, '41.3'],
    [99.94, '99.9'],
    [99.96, '100'],
    [100.4, '100'],
    [1184, '1\u202f184'],
    [1234567.8, '1\u202f234\u202f568'],
    [-41.26, '\u221241.3'],
    [-0.01, '0.0'],
  ])('writes %d kW as %s', (value, text) => {
    expect(kw(value, 'en')).toBe(`${text}\u202fkW`);
  });
  it('uses the decimal comma and the unit of the language', () => {
    expect(kw(41.26, 'kk')).toBe('41,3\u202fкВт');
    expect(kwh(41.26, 'kk')).toBe('41,3\u202fкВт·сағ');
    expect(kwh(2652, 'ru')).toBe('2\u202f652\u202fкВт·ч');
  });
  it('writes tiyn as tenge and shows tiyn only when there are any', () => {
    expect(money(865_000_000, 'ru')).toBe('8\u202f650\u202f000\u202f₸');
    expect(money(865_000_050, 'en')).toBe('8\u202f650\u202f000.50\u202f₸');
  });
  it('groups by thousands', () => expect(number(1000, 0, 'en')).toBe('1\u202f000'));
});

describe('instants in UTC+5', () => {
  it('shows the time alone today, the day before that, the year in other years', () => {
    expect(instant('2026-11-22T05:03:00Z', now, 'en')).toBe('10:03');
    expect(instant('2026-11-21T05:03:00Z', now, 'en')).toBe('21 Nov, 10:03');
    expect(instant('2025-11-21T05:03:00Z', now, 'kk')).toBe('2025 ж. 21 қар., 10:03');
  });
  it('changes the day at midnight in Kazakhstan, not in UTC', () => {
    expect(legalDateOf(new Date('2026-11-22T18:59:59Z'))).toBe('2026-11-22');
    expect(legalDateOf(new Date('2026-11-22T19:00:00Z'))).toBe('2026-11-23');
  });
  it('gives the exact instant with seconds and zone', () => expect(exactInstant('2026-11-22T05:03:07Z', 'ru')).toBe('22 нояб. 2026, 10:03:07 UTC+5'));
  it('writes nothing for what is no instant', () => expect(instant('soon', now, 'en')).toBe(''));
  it('writes legal dates', () => {
    expect(legalDate('2026-11-03', 'ru')).toBe('3 нояб. 2026');
    expect(legalDate('nonsense', 'ru')).toBe('nonsense');
  });
});

describe('spans', () => {
  it.each([
    [59_000, 'seconds', 59],
    [60_000, 'minutes', 1],
    [3_599_000, 'minutes', 59],
    [86_400_000, 'days', 1],
    [-5, 'seconds', 0],
  ])('%d ms is %s %d', (ms, unit, value) => expect(span(ms)).toEqual({ unit, value }));
  it('counts down with days in front', () => expect(countdown(90_061_000)).toEqual({ days: 1, clock: '01:01:01' }));
});

it('leaves out the middle of long identifiers only', () => {
  expect(short('KZ18DMA00000042')).toBe('KZ18DMA00000042'.slice(0, 8) + '…' + '0042');
  expect(short('abc')).toBe('abc');
});
