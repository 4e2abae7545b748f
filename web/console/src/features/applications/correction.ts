import { useTexts } from '@shared/i18n';
import type { Application } from './api';

/** The field of the application that a JSON Pointer leads into: /sites/0/approved_kw is in sites. */
export const fieldOf = (pointer: string): string => pointer.replace(/^\//, '').split('/')[0] ?? '';

/** The name of what a pointer names, in the language of the page: the field, and which site or line. */
export function useFieldName(application: Application) {
  const { t, has } = useTexts();
  return (pointer: string): string => {
    const [field = '', line] = pointer.replace(/^\//, '').split('/');
    const name = has(`correction.of.${field}`) ? t(`correction.of.${field}`) : pointer;
    if (line === undefined || !/^\d+$/.test(line)) return name;
    const index = Number(line);
    const what = field === 'sites' ? application.sites[index]?.site_code : field === 'equipment' ? application.equipment[index]?.model : undefined;
    return `${name}, ${index + 1}${what ? ` (${what})` : ''}`;
  };
}
