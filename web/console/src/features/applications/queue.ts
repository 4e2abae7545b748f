import type { Application } from './api';
import type { Group, QueuePage } from './review';
import type { View } from './search';

type State = Application['state'];
const decided: readonly State[] = ['granted', 'refused', 'returned', 'withdrawn'];

/** The states that a view without a queue lists. */
export const statesOf: Readonly<Record<'decided' | 'all', readonly State[]>> = { decided, all: [] };

/** Tells whether a view shows what is under way, in the order of due dates. */
export const isQueue = (view: View): view is 'open' | 'mine' | 'sign' => view === 'open' || view === 'mine' || view === 'sign';

/** The groups of the queue, the most pressing first. */
export const groupOrder: readonly Group[] = ['overdue', 'today', 'soon', 'week', 'later', 'standing', 'new'];

/** The group of severity that an application under way belongs to, by the dates that the server gave. */
export function groupOf(application: Pick<Application, 'state' | 'clock'>, marks: Pick<QueuePage, 'today' | 'soon_until' | 'week_until'>): Group {
  if (application.state === 'submitted') return 'new';
  const { due, standing } = application.clock;
  if (standing || !due) return 'standing';
  if (due < marks.today) return 'overdue';
  if (due === marks.today) return 'today';
  if (due <= marks.soon_until) return 'soon';
  return due <= marks.week_until ? 'week' : 'later';
}

/** The rows by group, each in the order that they came in. */
export function inGroups(rows: readonly Application[], marks: Pick<QueuePage, 'today' | 'soon_until' | 'week_until'>): { group: Group; rows: Application[] }[] {
  const found = new Map<Group, Application[]>(groupOrder.map((group) => [group, []]));
  for (const row of rows) found.get(groupOf(row, marks))?.push(row);
  return groupOrder.map((group) => ({ group, rows: found.get(group) ?? [] }));
}
