import { useTexts } from '@shared/i18n';
import type { Obligation } from './api';

interface Named {
  text_kk: string;
  text_ru: string;
  text_en: string;
}

/** The words of the law for a kind of obligation, in the language of the page. */
export function useKindText(): (named: Named) => string {
  const { language } = useTexts();
  return (named) => ({ kk: named.text_kk, ru: named.text_ru, en: named.text_en })[language];
}

/** A period as people read it: the quarter, or the day of the event. */
export function usePeriodText(): (obligation: Pick<Obligation, 'period' | 'meter'>) => string {
  const { t } = useTexts();
  return ({ period, meter }) => {
    const quarter = /^(\d{4})-Q([1-4])$/.exec(period);
    const text = quarter ? t('obligation.quarter', { quarter: quarter[2], year: quarter[1] }) : period.split('-').reverse().join('.');
    return meter ? `${meter}, ${text}` : text;
  };
}
