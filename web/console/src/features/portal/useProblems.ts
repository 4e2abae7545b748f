import { useQuery } from '@tanstack/react-query';
import { useTexts } from '@shared/i18n';
import { requirementsQuery } from './api';
import { fieldId, textKeys } from './questions';

interface ProblemLike {
  pointer?: string | undefined;
  code?: string | undefined;
  detail?: string | undefined;
}

/** The words for what is wrong with a field, in the language of the page. In English the server's sentence, which knows the numbers. */
export function useProblemText() {
  const { t, has, language } = useTexts();
  const requirements = useQuery(requirementsQuery).data?.items;
  return (problem: ProblemLike): string => {
    const code = /^\/documents\/(.+)$/.exec(problem.pointer ?? '')?.[1];
    const requirement = code ? requirements?.find((one) => one.code === code) : undefined;
    if (requirement) return t('portal.bad.document', { name: { kk: requirement.text_kk, ru: requirement.text_ru, en: requirement.text_en }[language] });
    const keys = textKeys({ pointer: problem.pointer ?? '', code: problem.code ?? '' });
    const own = keys.find(has);
    if (language === 'en' && problem.detail && !own?.startsWith('portal.bad.')) return problem.detail;
    return own ? t(own) : (problem.detail ?? problem.code ?? '');
  };
}

/** Moves the focus to where a field is answered, or to the nearest thing around it. */
export function focusField(pointer: string): void {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const element = document.getElementById(fieldId(at));
    if (!element) continue;
    element.scrollIntoView({ block: 'center' });
    element.focus();
    return;
  }
}
