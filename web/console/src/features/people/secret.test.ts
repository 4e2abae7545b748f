import { expect, it } from 'vitest';
import { newPassword } from './secret';

it('makes a password of five groups, another each time', () => {
  const many = new Set(Array.from({ length: 50 }, () => newPassword()));
  expect(many.size).toBe(50);
  for (const one of many) expect(one).toMatch(/^([a-hjkmnp-z2-9]{4}-){4}[a-hjkmnp-z2-9]{4}$/);
});

it('throws away the bytes that would favour some letters', () => {
  let call = 0;
  const password = newPassword((bytes) => bytes.fill(call++ === 0 ? 255 : 0));
  expect([password, call]).toEqual(['aaaa-aaaa-aaaa-aaaa-aaaa', 2]);
});
