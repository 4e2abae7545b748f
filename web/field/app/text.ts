// The words of the app in the person's language. A catalogue is loaded when it is first needed.
import en from '@locales/en.json?field';
import kk from '@locales/kk.json?field';
import ru from '@locales/ru.json?field';
import { useSyncExternalStore } from 'react';
import type { Language, Texts } from '../visit/pack';

export const languages: Language[] = ['kk', 'ru', 'en'];
const key = 'rigistry.language';
const catalogues: Record<Language, string> = { kk, ru, en };
const loaded = new Map<Language, Record<string, string>>();
const listeners = new Set<() => void>();
let language: Language = 'kk';

const isLanguage = (value: unknown): value is Language => languages.includes(value as Language);
const preferred = (): Language => {
  const kept = localStorage.getItem(key);
  return isLanguage(kept) ? kept : (navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'kk');
};

export const currentLanguage = () => language;

async function load(one: Language): Promise<Record<string, string>> {
  const known = loaded.get(one);
  if (known) return known;
  const texts = (await (await fetch(catalogues[one])).json()) as Record<string, string>;
  loaded.set(one, texts);
  return texts;
}

export async function setLanguage(next: Language = preferred()): Promise<void> {
  await load(next);
  language = next;
  localStorage.setItem(key, next);
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

export async function catalogueOf(other: Language): Promise<(key: string, args?: Args) => string> {
  const texts = await load(other);
  return (name, args) => fill(texts[name] ?? name, args);
}

export type Args = Record<string, string | number>;
const fill = (text: string, args: Args = {}) => text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(args[name] ?? ''));

/** The text of a key with its placeholders filled. */
export const t = (name: string, args?: Args): string => fill(loaded.get(language)?.[name] ?? name, args);

/** Text that came from the registry in all languages. */
export const own = (texts: Partial<Texts> | string | undefined, into: Language = language): string =>
  typeof texts === 'string' ? texts : (texts?.[into] ?? texts?.ru ?? texts?.kk ?? '');

export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentLanguage);
}

const minus = 5 * 3_600_000; // Asia/Almaty is UTC+5 the year round
const two = (n: number) => String(n).padStart(2, '0');
/** The time of day in UTC+5. */
export function clockTime(at: number | string): string {
  const d = new Date(new Date(at).getTime() + minus);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}
/** Date and time in UTC+5. */
export function dateTime(at: number | string): string {
  const d = new Date(new Date(at).getTime() + minus);
  return `${two(d.getUTCDate())}.${two(d.getUTCMonth() + 1)}.${d.getUTCFullYear()} ${clockTime(at)}`;
}
/** A legal date as people write it. */
export const day = (date: string): string => date.split('-').reverse().join('.');

/** Bytes with their unit. */
export function size(bytes: number): string {
  const units = [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']] as const;
  const [step, unit] = units.find(([step]) => bytes >= step) ?? [1, 'B'];
  const n = bytes / step;
  return `${n < 10 && step > 1 ? decimal(n.toFixed(1)) : Math.round(n)} ${t(`unit.${unit}`)}`;
}
/** A number of at most one decimal, as people here write it. */
export const number = (n: number): string => decimal((Math.round(n * 10) / 10).toString().replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f'));
const decimal = (text: string) => (language === 'en' ? text : text.replace('.', ','));
/** The words for a value that the registry names, such as a unit or a choice; one that a newer server added stands as it is named there. */
export function named(kind: string, value: string, say: (key: string) => string = t): string {
  const words = say(`${kind}.${value}`);
  return words === `${kind}.${value}` ? value.replace(/_/g, ' ') : words;
}
