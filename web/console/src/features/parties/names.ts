import type { Language } from '@shared/format';
import type { Party } from './api';

/** The name of a party in the language of the page, or in the other where it has one only. */
export function nameOf(party: Pick<Party, 'name_kk' | 'name_ru'>, language: Language): string {
  const [first, second] = language === 'kk' ? [party.name_kk, party.name_ru] : [party.name_ru, party.name_kk];
  return first || second;
}
