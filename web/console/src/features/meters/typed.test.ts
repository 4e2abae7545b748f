import { expect, it } from 'vitest';
import { ratioOf, registerOf } from './typed';

it.each([['1 234,5', 1234.5], ['0', 0], ['12.345', 12.345], ['', undefined], ['-1', undefined], ['1.2345', undefined], ['1,2,3', undefined], ['abc', undefined]])('register %s', (typed, value) => expect(registerOf(typed)).toBe(value));
it.each([['200/5', { num: 200, den: 5 }], ['200 : 5', { num: 200, den: 5 }], ['1', { num: 1, den: 1 }], ['0/5', undefined], ['200/0', undefined], ['/5', undefined], ['', undefined]])('ratio %s', (typed, value) => expect(ratioOf(typed)).toEqual(value));
