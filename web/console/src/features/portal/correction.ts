import { questionOf } from './questions';
import type { TaskCode } from './api';

/** Where a JSON Pointer leads: the field of the application, and which site or line. */
export function placeOf(pointer: string): { field: string; line: number | undefined } {
  const [field = '', line] = pointer.replace(/^\//, '').split('/');
  return { field, line: line !== undefined && /^\d+$/.test(line) ? Number(line) : undefined };
}

/** The questions that a correction request opens again: a request about sites as a whole opens place, points and power. */
export function questionsAsked(pointers: readonly string[], subType: string): TaskCode[] {
  const asked = new Set<TaskCode>();
  for (const pointer of pointers) {
    const code = questionOf(pointer);
    if (!code) continue;
    asked.add(code);
    if (code !== 'site') continue;
    asked.add('power');
    if (subType === 'I') asked.add('points');
  }
  return [...asked];
}
