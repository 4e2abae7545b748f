import { oneOf, present, text, whole, type RawSearch } from '@shared/search';

/** One question a screen, in this order. */
export const steps = ['link', 'scan', 'unit', 'read', 'plate', 'ratio', 'place', 'check', 'sign'] as const;
export type Step = (typeof steps)[number];

export interface CommissionSearch {
  step?: Step;
  collector?: string;
  endpoint?: string;
  /** The job that scanned, and the one that read. */
  scan?: string;
  read?: string;
  unit?: number;
  profile?: string;
}

export const commissionSearch = (raw: RawSearch): CommissionSearch =>
  present({
    step: oneOf(raw, 'step', steps),
    collector: text(raw, 'collector'),
    endpoint: text(raw, 'endpoint'),
    scan: text(raw, 'scan'),
    read: text(raw, 'read'),
    unit: whole(raw, 'unit'),
    profile: text(raw, 'profile'),
  }) as CommissionSearch;

/** The steps that an address allows: nothing is asked before what it rests on is known. */
export function reachable(search: CommissionSearch): readonly Step[] {
  const upTo = search.read ? steps.length : search.unit !== undefined ? 4 : search.endpoint ? 3 : 1;
  return steps.slice(0, upTo);
}

/** The step to show: the one of the address if it may be shown yet. */
export function stepOf(search: CommissionSearch): Step {
  const allowed = reachable(search);
  return search.step && allowed.includes(search.step) ? search.step : (allowed[Math.min(allowed.length, search.read ? 5 : 99) - 1] ?? 'link');
}

/** Unit ids as people write them: 1-31, 100; undefined when it is no such list. */
export function unitsOf(typed: string): number[] | undefined {
  const found = new Set<number>();
  for (const part of typed.split(/[,;\s]+/).filter(Boolean)) {
    const [, from, until] = /^(\d{1,3})(?:[-–](\d{1,3}))?$/.exec(part) ?? [];
    if (from === undefined) return undefined;
    const a = Number(from);
    const b = Number(until ?? from);
    if (a < 1 || b > 247 || a > b) return undefined;
    for (let unit = a; unit <= b; unit++) found.add(unit);
  }
  return found.size > 0 ? [...found].sort((x, y) => x - y) : undefined;
}
