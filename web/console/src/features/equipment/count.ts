import { useTexts } from '@shared/i18n';

/** Whole numbers with thin spaces between thousands. */
export function useCount(): (n: number) => string {
  const { language } = useTexts();
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 0, useGrouping: true });
  return (n) => format.formatToParts(n).map((part) => (part.type === 'group' ? '\u202f' : part.value)).join('');
}
