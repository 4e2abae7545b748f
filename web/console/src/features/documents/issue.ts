import type { DocumentInput } from './api';
import { isoDate } from '@shared/parse';

/** What can be issued without standing on a license's page. */
export const kinds = ['absence', 'extract', 'refusal', 'disconnection_order'] as const;

export type Field = 'application' | 'order' | 'bin_or_iin' | 'connection_point' | 'from' | 'to' | 'as_on';

export interface Typed {
  kind: (typeof kinds)[number];
  /** What a certificate of absence is about. */
  about: 'bin' | 'point';
  values: Partial<Record<Field, string>>;
}

/** The fields of a kind, in their order. */
export function fieldsOf({ kind, about }: Pick<Typed, 'kind' | 'about'>): Field[] {
  switch (kind) {
    case 'absence':
      return [about === 'bin' ? 'bin_or_iin' : 'connection_point', 'from', 'to'];
    case 'extract':
      return ['bin_or_iin', 'as_on'];
    case 'refusal':
      return ['application'];
    case 'disconnection_order':
      return ['order'];
  }
}

const dates: readonly Field[] = ['from', 'to', 'as_on'];

/** The request, and the fields that keep it from being sent: empty ones, and dates that are none. */
export function inputOf(typed: Typed): { input: DocumentInput; missing: Field[] } {
  const input: DocumentInput = { kind: typed.kind };
  const missing: Field[] = [];
  for (const field of fieldsOf(typed)) {
    const value = (typed.values[field] ?? '').trim();
    if (value === '') {
      if (typed.kind !== 'extract') missing.push(field);
      continue;
    }
    const sent = dates.includes(field) ? isoDate(value) : value;
    if (sent === undefined) missing.push(field);
    else input[field] = sent;
  }
  return { input, missing };
}
