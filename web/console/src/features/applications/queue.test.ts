import { expect, it } from 'vitest';
import type { Application } from './api';
import { groupOf, inGroups, isQueue } from './queue';
import { keptQuery, searchOf } from './search';

const marks = { today: '2026-11-23', soon_until: '2026-11-25', week_until: '2026-11-29' };
const application = (number: string, state: Application['state'], due: string | undefined, standing = false) =>
  ({ number, state, clock: { ...(due ? { due } : {}), standing, provisional: false, working_days_left: 1, working_days_used: 1, term_days: 15 } }) as Application;

it('groups what is under way by the dates that the server gave', () => {
  const cases: [string, Application][] = [
    ['overdue', application('1', 'in_review', '2026-11-20')],
    ['today', application('2', 'registered', '2026-11-23')],
    ['soon', application('3', 'in_review', '2026-11-25')],
    ['week', application('4', 'in_review', '2026-11-27')],
    ['later', application('5', 'decision_drafted', '2026-11-30')],
    ['standing', application('6', 'in_review', undefined, true)],
    ['new', application('7', 'submitted', undefined)],
  ];
  for (const [group, row] of cases) expect(groupOf(row, marks), row.number).toBe(group);
  expect(inGroups(cases.map(([, row]) => row).reverse(), marks).map(({ group, rows }) => [group, rows.map((row) => row.number).join()])).toEqual(cases.map(([group, row]) => [group, row.number]));
});

it('keeps the filters of an address and finds back to them', () => {
  const search = { view: 'open', group: 'overdue', officer: 'none', region: '55', q: 'Қазақ & Ко' } as const;
  expect(searchOf(keptQuery(search))).toEqual(search);
  expect(searchOf('group=nonsense&officer=me')).toEqual({ officer: 'me' });
  expect(isQueue('sign') && !isQueue('decided')).toBe(true);
});
