import { expect, it } from 'vitest';
import { quietRows } from './quiet';

const keyOf = (row: { id: string }) => row.id;

it('keeps the order, refreshes what is shown, drops what went and holds back what came', () => {
  const fresh = [{ id: 'new', n: 1 }, { id: 'b', n: 2 }, { id: 'a', n: 3 }];
  expect(quietRows(['a', 'gone', 'b'], fresh, keyOf)).toEqual({ rows: [{ id: 'a', n: 3 }, { id: 'b', n: 2 }], waiting: 1 });
});
