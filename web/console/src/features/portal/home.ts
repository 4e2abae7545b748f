import type { Application } from './api';

type Shown = Pick<Application, 'state' | 'allowed' | 'updated_at'>;
export type Need = 'draft' | 'complete' | 'correct';

/** What the applicant must do now, if anything. */
export function needOf({ state, allowed }: Pick<Shown, 'state' | 'allowed'>): Need | undefined {
  if (allowed.includes('correct')) return 'correct';
  if (state === 'returned') return 'complete';
  return state === 'draft' ? 'draft' : undefined;
}

const decided: readonly Application['state'][] = ['granted', 'refused', 'withdrawn'];

/** The applications by what they need: of the applicant, of the office, of nobody; the newest change first. */
export function sections<T extends Shown>(applications: readonly T[]): { name: 'needed' | 'underWay' | 'decided'; rows: T[] }[] {
  const rows = [...applications].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
  const over = (one: T) => decided.includes(one.state);
  return [
    { name: 'needed', rows: rows.filter((one) => !over(one) && needOf(one)) },
    { name: 'underWay', rows: rows.filter((one) => !over(one) && !needOf(one)) },
    { name: 'decided', rows: rows.filter(over) },
  ];
}

export interface Stage {
  name: 'filed' | 'registered' | 'complete' | 'review' | 'decided';
  state: 'done' | 'now' | 'ahead' | 'refused';
}

/** How far an application has come, as the applicant is told. */
export function stagesOf(state: Application['state']): Stage[] {
  const names: Stage['name'][] = ['filed', 'registered', 'complete', 'review', 'decided'];
  const reached: Partial<Record<Application['state'], number>> = { draft: 0, submitted: 1, registered: 2, returned: 2, in_review: 3, decision_drafted: 3, granted: 5, refused: 5, withdrawn: 0 };
  const at = reached[state] ?? 0;
  return names.map((name, i) => ({ name, state: i < at ? (i === 4 && state === 'refused' ? 'refused' : 'done') : i === at && state !== 'withdrawn' ? (state === 'returned' ? 'refused' : 'now') : 'ahead' }));
}
