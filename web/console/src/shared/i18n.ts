import i18next, { type i18n } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import { languages, type Language } from './format';

const STORAGE_KEY = 'rigistry.language';

const catalogues: Record<Language, () => Promise<{ default: Record<string, string> }>> = {
  kk: () => import('@locales/kk.json'),
  ru: () => import('@locales/ru.json'),
  en: () => import('@locales/en.json'),
};

const isLanguage = (value: unknown): value is Language => languages.includes(value as Language);

function preferred(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (isLanguage(stored)) return stored;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return wanted ?? 'kk';
}

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'translation')) return;
  const { default: texts } = await catalogues[language]();
  i18next.addResourceBundle(language, 'translation', texts);
}

/** Starts i18next with the person's language, or Kazakh. Keys are flat. */
export async function startI18n(): Promise<i18n> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await setLanguage(language);
  return i18next;
}

/** Loads the catalogue, switches to it and remembers it. The page stays. */
export async function setLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  localStorage.setItem(STORAGE_KEY, language);
}

/** The language of the page at this moment, for code outside React. */
export const currentLanguage = (): Language => (isLanguage(i18next.language) ? i18next.language : 'kk');

/** Texts and the language of the page. */
export function useTexts() {
  const { t, i18n: instance } = useTranslation();
  const language: Language = isLanguage(instance.language) ? instance.language : 'kk';
  return { t, language, has: (key: string) => instance.exists(key) };
}

/** A text for a code of a closed list: the catalogue's, or the code itself where there is none yet. */
export function useCodeText() {
  const { t, has } = useTexts();
  return (prefix: string, code: string) => (has(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : code.replaceAll('_', ' '));
}
