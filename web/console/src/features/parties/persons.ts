import type { Person, PersonInput } from './api';
import { isoDate } from '@shared/parse';

/** Whether a line is in effect on a legal date. */
export const heldOn = (person: Pick<Person, 'valid_from' | 'valid_until'>, date: string): boolean =>
  person.valid_from <= date && (!person.valid_until || date < person.valid_until);

/** A line that ended on the day it began: recorded in error. */
export const never = (person: Pick<Person, 'valid_from' | 'valid_until'>): boolean => person.valid_until === person.valid_from;

/** The owners' shares on a date, in percent. */
export const shareOn = (persons: readonly Person[], date: string): number =>
  Math.round(persons.filter((person) => heldOn(person, date)).reduce((sum, person) => sum + (person.share_percent ?? 0) * 100, 0)) / 100;

const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

export interface Bar {
  id: string;
  /** Beginning and length as shares of the whole time, 0 to 1. */
  start: number;
  length: number;
  open: boolean;
}

/** Where each line lies in the time from the first beginning to today, and where a date lies. */
export function timelineOf(persons: readonly Person[], today: string, at: string): { from: string; bars: Bar[]; mark: number } {
  const from = persons.reduce((first, person) => (person.valid_from < first ? person.valid_from : first), today);
  const whole = Math.max(1, day(today) + 1 - day(from));
  const place = (date: string) => Math.min(1, Math.max(0, (day(date) - day(from)) / whole));
  const bars = persons
    .filter((person) => !never(person))
    .map((person) => {
      const start = place(person.valid_from);
      const end = person.valid_until ? place(person.valid_until) : 1;
      return { id: person.id, start, length: Math.max(0.004, end - start), open: !person.valid_until };
    });
  return { from, bars, mark: place(at) };
}

export interface PersonForm {
  role: 'director' | 'beneficial_owner';
  name: string;
  iin: string;
  citizenship: string;
  share: string;
  from: string;
  until: string;
  note: string;
}

export const blankPerson: PersonForm = { role: 'director', name: '', iin: '', citizenship: 'KZ', share: '', from: '', until: '', note: '' };

const dayFirst = (date: string | undefined): string => (date ? date.split('-').reverse().join('.') : '');

/** A line as people type it. */
export const formOf = (person: Person): PersonForm => ({
  role: person.role,
  name: person.name,
  iin: person.iin ?? '',
  citizenship: person.citizenship,
  share: person.share_percent ? String(person.share_percent).replace('.', ',') : '',
  from: dayFirst(person.valid_from),
  until: dayFirst(person.valid_until),
  note: person.note ?? '',
});

/** What was typed as the API takes it; what is no date goes as it is, so that the server names the field. */
export function inputOf(form: PersonForm): PersonInput {
  const share = Number(form.share.replace(/[\s%]/g, '').replace(',', '.'));
  return {
    role: form.role,
    name: form.name.trim(),
    citizenship: form.citizenship.trim().toUpperCase(),
    valid_from: isoDate(form.from) ?? form.from.slice(0, 10),
    ...(form.iin.trim() ? { iin: form.iin.replace(/\s/g, '') } : {}),
    ...(form.role === 'beneficial_owner' ? { share_percent: Number.isFinite(share) ? Math.min(100, Math.max(0, share)) : 0 } : {}),
    ...(form.until.trim() ? { valid_until: isoDate(form.until) ?? form.until.slice(0, 10) } : {}),
    ...(form.note.trim() ? { note: form.note.trim() } : {}),
  };
}
