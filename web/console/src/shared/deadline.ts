/** How pressing a deadline is. */
export type Severity = 'overdue' | 'today' | 'soon' | 'later' | 'paused' | 'none';

export interface DeadlineValue {
  /** Legal date, absent before the clock has started. */
  due?: string | undefined;
  /** Working days left; negative when overdue. */
  left?: number | undefined;
  /** Working days in all. */
  total?: number | undefined;
  paused?: boolean | undefined;
}

/** The severity: overdue, due today, due within three working days, later, or with the clock stopped. */
export function severityOf({ due, left, paused }: DeadlineValue): Severity {
  if (paused) return 'paused';
  if (!due) return 'none';
  if (left === undefined) return 'later';
  if (left < 0) return 'overdue';
  if (left === 0) return 'today';
  return left <= 3 ? 'soon' : 'later';
}
