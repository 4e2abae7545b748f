import { useQuery } from '@tanstack/react-query';
import { api, ask } from './api/client';
import { useCodeText, useTexts } from './i18n';

const allGrounds = {
  queryKey: ['grounds', 'all'],
  queryFn: () => ask(api.GET('/v1/reference/grounds')),
  staleTime: 3_600_000,
};

/** The words of the law for the code of a ground, in the language of the page; an unknown code stays as it is. */
export function useGroundText(): (code: string) => string {
  const { language, has } = useTexts();
  const text = useCodeText();
  const { data } = useQuery(allGrounds);
  return (code) => {
    const ground = data?.items.find((item) => item.code === code);
    if (ground) return { kk: ground.text_kk, ru: ground.text_ru, en: ground.text_en }[language];
    return has(`event.${code}`) ? text('event', code) : code;
  };
}
