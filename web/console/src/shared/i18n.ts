import i18next, { type i18n, type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';
import type { FeaturePart } from './featureTexts';
import { languages, type Language } from './format';

const STORAGE_KEY = 'rigistry.language';

type Part = 'shell' | 'pages';
type Load = () => Promise<{ default: Record<string, string> }>;

// In two parts, so that the sign-in does not wait for the texts of all pages.
const catalogues: Record<Language, Record<Part, Load>> = {
  kk: { shell: () => import('@locales/kk.json?shell'), pages: () => import('@locales/kk.json?pages') },
  ru: { shell: () => import('@locales/ru.json?shell'), pages: () => import('@locales/ru.json?pages') },
  en: { shell: () => import('@locales/en.json?shell'), pages: () => import('@locales/en.json?pages') },
};
const wanted = new Set<Part | FeaturePart>(['shell']);
const loaded = new Set<string>();

const isLanguage = (value: unknown): value is Language => languages.includes(value as Language);

function preferred(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (isLanguage(stored)) return stored;
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage);
  return wanted ?? 'kk';
}

async function load(language: Language): Promise<void> {
  await Promise.all(
    [...wanted].map(async (part) => {
      const key = `${language}/${part}`;
      if (loaded.has(key)) return;
      const { default: texts } = await (part === 'shell' || part === 'pages' ? catalogues[language][part]() : (await import('./featureTexts')).featureTexts[language][part]());
      i18next.addResourceBundle(language, 'translation', texts, true, true);
      loaded.add(key);
    }),
  );
}

/** Loads the texts of the pages as well; the router waits for it before the first page. */
export async function loadPageTexts(): Promise<void> {
  wanted.add('pages');
  await load(currentLanguage());
}

/** A page together with the texts of its feature. */
export const withTexts = <T>(part: FeaturePart, page: () => Promise<T>) => async (): Promise<T> => {
  wanted.add(part);
  const [module] = await Promise.all([page(), load(currentLanguage())]);
  return module;
};

/** Starts i18next with the person's language, or Kazakh. Keys are flat. */
export async function startI18n(): Promise<i18n> {
  const language = preferred();
  await i18next.init({
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

/** The text of a problem's code in the language of the page. In English the server's own sentence is nearer to the case. */
export function textOfProblem(code: string): string | undefined {
  const key = `problem.${code}`;
  return currentLanguage() !== 'en' && i18next.exists(key) ? i18next.t(key) : undefined;
}

const subscribe = (changed: () => void) => {
  i18next.on('languageChanged', changed);
  return () => i18next.off('languageChanged', changed);
};
const speakers = new Map<Language, TFunction>();

/** Says texts in a language; the same function as long as the language stays. */
function speakerOf(language: Language): TFunction {
  const known = speakers.get(language) ?? i18next.getFixedT(language);
  speakers.set(language, known);
  return known;
}
const has = (key: string) => i18next.exists(key);

/** Texts and the language of the page. */
export function useTexts() {
  const language = useSyncExternalStore(subscribe, currentLanguage);
  return { t: speakerOf(language), language, has };
}

/** A text for a code of a closed list: the catalogue's, or the code itself where there is none yet. */
export function useCodeText() {
  const { t, has } = useTexts();
  return (prefix: string, code: string) => (has(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : code.replaceAll('_', ' '));
}
