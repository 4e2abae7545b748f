import { severityOf, type Severity } from '@shared/deadline';
import type { Application } from './api';
import type { View } from './search';

type State = Application['state'];
const open: readonly State[] = ['submitted', 'registered', 'in_review', 'decision_drafted'];
const decided: readonly State[] = ['granted', 'refused', 'returned', 'withdrawn'];

/** What a saved view asks of the API. */
export const filterOf: Readonly<Record<View, { states: readonly State[]; officer?: 'me' }>> = {
  open: { states: open },
  mine: { states: open, officer: 'me' },
  sign: { states: ['decision_drafted'] },
  decided: { states: decided },
  all: { states: [] },
};

/** Whether an application belongs to a saved view of somebody. */
export function inView(view: View, application: Pick<Application, 'state' | 'officer'>, me: string): boolean {
  switch (view) {
    case 'open':
      return open.includes(application.state);
    case 'mine':
      return open.includes(application.state) && application.officer === me;
    case 'sign':
      return application.state === 'decision_drafted';
    case 'decided':
      return decided.includes(application.state);
    case 'all':
      return true;
  }
}

export const severities: readonly Severity[] = ['overdue', 'today', 'soon', 'later', 'paused', 'none'];

/** The applications by how pressing they are, each group by date. */
export function bySeverity(applications: readonly Application[]): { severity: Severity; rows: Application[] }[] {
  const groups = new Map<Severity, Application[]>(severities.map((severity) => [severity, []]));
  for (const application of applications) {
    const running = open.includes(application.state);
    const { clock } = application;
    const severity = running ? severityOf({ due: clock.due, left: clock.working_days_left, paused: clock.standing }) : 'none';
    groups.get(severity)?.push(application);
  }
  for (const rows of groups.values()) rows.sort((a, b) => (a.clock.due ?? '9').localeCompare(b.clock.due ?? '9') || a.number.localeCompare(b.number));
  return severities.map((severity) => ({ severity, rows: groups.get(severity) ?? [] }));
}
