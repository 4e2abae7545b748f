import type { FindingSeries } from './api';

type Step = FindingSeries['steps'][number];
const seconds = (at: string) => Date.parse(at) / 1000;
const size = (step: Step) => Math.abs(step.after_kw - step.before_kw);

/** The steps that get a flag in the picture: of those that lie within a twentieth of it, the largest. The table has all. */
export function flagged({ steps, items }: { steps: readonly Step[]; items: readonly { at: string }[] }): Step[] {
  const span = items.length > 1 ? seconds(items.at(-1)?.at ?? '') - seconds(items[0]?.at ?? '') : 0;
  const kept: Step[] = [];
  for (const step of [...steps].sort((a, b) => size(b) - size(a))) {
    if (kept.every((other) => Math.abs(seconds(other.at) - seconds(step.at)) > span / 20)) kept.push(step);
  }
  return kept.sort((a, b) => a.at.localeCompare(b.at));
}
