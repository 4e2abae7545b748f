import { expect, it } from 'vitest';
import { joinParts, sideBySide } from './pages';

it('joins parts, counts a row that moved between them once, and says when the list goes on', () => {
  const key = (row: { id: string }) => row.id;
  const a = { id: 'a' };
  const b = { id: 'b' };
  expect(joinParts([{ items: [a, b], next: 'x' }, { items: [b, { id: 'c' }] }], key)).toEqual({ items: [a, b, { id: 'c' }], parts: 2, cut: false });
  expect(joinParts([{ items: [a], next: 'x' }], key).cut).toBe(true);
  expect(joinParts([], key)).toEqual({ items: [], parts: 0, cut: false });
});

it('reads several lists side by side until the last of them ends', async () => {
  const lists: Record<string, number[]> = { short: [1], long: [10, 11, 12], empty: [] };
  const asked: string[] = [];
  const read = (name: string, after: string | undefined) => {
    const from = Number(after ?? 0);
    asked.push(`${name}@${from}`);
    const items = (lists[name] ?? []).slice(from, from + 2);
    return Promise.resolve({ items, ...(from + 2 < (lists[name] ?? []).length ? { next: String(from + 2) } : {}) });
  };
  const first = await sideBySide(['short', 'long', 'empty'], undefined, read);
  expect(first).toEqual({ items: [1, 10, 11], next: { long: '2' } });
  const second = await sideBySide(['short', 'long', 'empty'], first.next, read);
  expect(second).toEqual({ items: [12], next: undefined });
  expect(asked).toEqual(['short@0', 'long@0', 'empty@0', 'long@2']);
});
