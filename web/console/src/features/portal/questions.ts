import type { Task, TaskCode } from './api';

/** The questions in the order in which they are asked; each has its page. */
export const order: readonly TaskCode[] = ['kind', 'applicant', 'contact', 'host', 'site', 'points', 'power', 'equipment', 'supply', 'fee', 'documents'];

/** How the task list puts them together. */
export const groups: readonly { name: string; codes: readonly TaskCode[] }[] = [
  { name: 'about', codes: ['kind', 'applicant', 'contact'] },
  { name: 'place', codes: ['host', 'site', 'points', 'power'] },
  { name: 'equipment', codes: ['equipment', 'supply'] },
  { name: 'evidence', codes: ['fee', 'documents'] },
];

export const isQuestion = (code: string): code is TaskCode => (order as readonly string[]).includes(code);

/** The question after this one that the application needs; undefined after the last. */
export function following(code: TaskCode, tasks: readonly Task[]): TaskCode | undefined {
  const needed = (one: TaskCode) => tasks.some((task) => task.code === one && task.state !== 'not_needed');
  return order.slice(order.indexOf(code) + 1).find(needed);
}

/** The question before this one that the application needs; undefined before the first. */
export function preceding(code: TaskCode, tasks: readonly Task[]): TaskCode | undefined {
  const needed = (one: TaskCode) => tasks.some((task) => task.code === one && task.state !== 'not_needed');
  return order.slice(0, order.indexOf(code)).reverse().find(needed);
}

const fields: readonly [RegExp, TaskCode][] = [
  [/^\/(kind|sub_type|base_license|reason)/, 'kind'],
  [/^\/applicant/, 'applicant'],
  [/^\/(host_license|host_contract)/, 'host'],
  [/^\/sites\/\d+\/connection_points/, 'points'],
  [/^\/sites\/\d+\/approved_kw/, 'power'],
  [/^\/sites/, 'site'],
  [/^\/equipment/, 'equipment'],
  [/^\/supply_basis/, 'supply'],
  [/^\/fee_/, 'fee'],
  [/^\/documents/, 'documents'],
  [/^\/(language|note)/, 'contact'],
];

/** The question on whose page a field stands. */
export const questionOf = (pointer: string): TaskCode | undefined => fields.find(([pattern]) => pattern.test(pointer))?.[1];

/** The names under which a text for a problem may stand, the most exact first: the field without line numbers, then the code alone. */
export function textKeys({ pointer, code }: { pointer: string; code: string }): string[] {
  const field = pointer.split('/').filter((part) => part !== '' && !/^\d+$/.test(part));
  const first = field[0] === 'documents' ? ['documents'] : field;
  return [`portal.bad.${first.join('.')}.${code}`, `portal.bad.${code}`, `problem.field.${code}`];
}

/** The id of the element in which a field is answered, so that an error summary can lead to it. */
export const fieldId = (pointer: string): string => `f${pointer.replaceAll('/', '-')}`;
