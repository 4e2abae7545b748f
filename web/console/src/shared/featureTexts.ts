/** The texts that one feature or a few need alone. They come with the first of its pages; textParts.json says which they are. */
import type { Language } from './format';

type Load = () => Promise<{ default: Record<string, string> }>;
export type FeaturePart = 'portal' | 'equipment' | 'reference' | 'people' | 'merge' | 'reconciliation' | 'standing' | 'access' | 'tasks' | 'metering' | 'findings' | 'cases' | 'inspections';

export const featureTexts: Record<Language, Record<FeaturePart, Load>> = {
  kk: {
    portal: () => import('@locales/kk.json?portal'),
    equipment: () => import('@locales/kk.json?equipment'),
    reference: () => import('@locales/kk.json?reference'),
    people: () => import('@locales/kk.json?people'),
    merge: () => import('@locales/kk.json?merge'),
    reconciliation: () => import('@locales/kk.json?reconciliation'),
    standing: () => import('@locales/kk.json?standing'),
    access: () => import('@locales/kk.json?access'),
    tasks: () => import('@locales/kk.json?tasks'),
    metering: () => import('@locales/kk.json?metering'),
    findings: () => import('@locales/kk.json?findings'),
    cases: () => import('@locales/kk.json?cases'),
    inspections: () => import('@locales/kk.json?inspections'),
  },
  ru: {
    portal: () => import('@locales/ru.json?portal'),
    equipment: () => import('@locales/ru.json?equipment'),
    reference: () => import('@locales/ru.json?reference'),
    people: () => import('@locales/ru.json?people'),
    merge: () => import('@locales/ru.json?merge'),
    reconciliation: () => import('@locales/ru.json?reconciliation'),
    standing: () => import('@locales/ru.json?standing'),
    access: () => import('@locales/ru.json?access'),
    tasks: () => import('@locales/ru.json?tasks'),
    metering: () => import('@locales/ru.json?metering'),
    findings: () => import('@locales/ru.json?findings'),
    cases: () => import('@locales/ru.json?cases'),
    inspections: () => import('@locales/ru.json?inspections'),
  },
  en: {
    portal: () => import('@locales/en.json?portal'),
    equipment: () => import('@locales/en.json?equipment'),
    reference: () => import('@locales/en.json?reference'),
    people: () => import('@locales/en.json?people'),
    merge: () => import('@locales/en.json?merge'),
    reconciliation: () => import('@locales/en.json?reconciliation'),
    standing: () => import('@locales/en.json?standing'),
    access: () => import('@locales/en.json?access'),
    tasks: () => import('@locales/en.json?tasks'),
    metering: () => import('@locales/en.json?metering'),
    findings: () => import('@locales/en.json?findings'),
    cases: () => import('@locales/en.json?cases'),
    inspections: () => import('@locales/en.json?inspections'),
  },
};
