import { useTexts } from '@shared/i18n';

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
