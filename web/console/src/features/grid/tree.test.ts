import { expect, it } from 'vitest';
import { ancestorOf, ownPart, visibleRows } from './tree';

const nodes = [
  { id: 's', kind: 'substation', code: 'PS12' },
  { id: 'f', kind: 'feeder', code: 'PS12-F03', parent: 's' },
  { id: 'c', kind: 'connection', code: 'PS12-F03-CP007', parent: 'f' },
  { id: 'g', kind: 'feeder', code: 'PS12-F04', parent: 's' },
  { id: 'lost', kind: 'feeder', code: 'X', parent: 'nobody' },
];
const seen = (closed: string[]) => visibleRows(nodes, new Set(closed)).map(({ node, level }) => `${level}${node.id}`);

it('lists parents before children with their levels', () => expect(seen([])).toEqual(['1s', '2f', '3c', '2g', '1lost']));
it('hides what is below a closed node', () => {
  expect(seen(['f'])).toEqual(['1s', '2f', '2g', '1lost']);
  expect(seen(['s'])).toEqual(['1s', '1lost']);
});
it('finds the substation of anything below it', () => {
  expect(ancestorOf(nodes, 'c', 'substation')?.id).toBe('s');
  expect(ancestorOf(nodes, 'lost', 'substation')).toBeUndefined();
});
it('shortens a code by its parent only', () => {
  expect(ownPart('PS12-F03-CP007', 'PS12-F03')).toBe('CP007');
  expect(ownPart('PS12-F03', 'PS1')).toBe('PS12-F03');
});
