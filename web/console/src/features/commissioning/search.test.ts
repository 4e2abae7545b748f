import { expect, test } from 'vitest';
import { reachable, stepOf, unitsOf } from './search';

test('unit ids are read as people write them, and nothing else is', () => {
  expect(unitsOf('1-3, 7;9')).toEqual([1, 2, 3, 7, 9]);
  expect(unitsOf('5 5 4–5')).toEqual([4, 5]);
  for (const wrong of ['', '0', '248', '7-3', 'a', '1-', '1-2-3']) expect(unitsOf(wrong), wrong).toBeUndefined();
});

test('an address leads to the first question that is open, and to none before what it rests on', () => {
  expect(stepOf({})).toBe('link');
  expect(stepOf({ step: 'sign' })).toBe('link');
  expect(stepOf({ endpoint: 'tcp://a:1', step: 'scan' })).toBe('scan');
  expect(stepOf({ endpoint: 'tcp://a:1', unit: 3 })).toBe('read');
  expect(stepOf({ endpoint: 'tcp://a:1', unit: 3, read: 'j' })).toBe('plate');
  expect(stepOf({ endpoint: 'tcp://a:1', unit: 3, read: 'j', step: 'sign' })).toBe('sign');
  expect(reachable({ endpoint: 'tcp://a:1' })).toEqual(['link', 'scan', 'unit']);
});
