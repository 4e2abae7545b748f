import { useTexts } from './i18n';

/** A period as people read it: the quarter, or the day of the event. */
export function usePeriodText(): (duty: { period: string; meter?: string | undefined }) => string {
  const { t } = useTexts();
  return ({ period, meter }) => {
    const quarter = /^(\d{4})-Q([1-4])$/.exec(period);
    const text = quarter ? t('obligation.quarter', { quarter: quarter[2], year: quarter[1] }) : period.split('-').reverse().join('.');
    return meter ? `${meter}, ${text}` : text;
  };
}
