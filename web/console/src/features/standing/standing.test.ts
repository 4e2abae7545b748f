import { describe, expect, it } from 'vitest';
import { hoursOf } from './api';

describe('hours of supply', () => {
  it('are spans of the clock, over midnight too', () => {
    expect(hoursOf('8-12, 20')).toEqual([8, 9, 10, 11, 20]);
    expect(hoursOf('22-2')).toEqual([0, 1, 22, 23]);
    expect(hoursOf('0-24')).toHaveLength(24);
    expect(hoursOf('25')).toBeUndefined();
    expect(hoursOf('night')).toBeUndefined();
  });
});
