import { useTexts } from '@shared/i18n';
import type { Sheet } from './review';
import classes from './Changes.module.css';

/** The field of the application that a JSON Pointer leads to, in words. */
export function useFieldName(): (pointer: string) => string {
  const { t } = useTexts();
  return (pointer) => {
    const [, field = '', index, part] = pointer.split('/');
    const name = t(`change.${field}`, { defaultValue: field });
    const line = index !== undefined && /^\d+$/.test(index) ? ` ${Number(index) + 1}` : '';
    return name + line + (part ? `, ${t(`change.${part}`, { defaultValue: part })}` : '');
  };
}

/** What differs from what was filed: before and after, field by field. */
export function Changes({ changes }: { changes: Sheet['changes'] }) {
  const { t } = useTexts();
  const nameOf = useFieldName();
  if (changes.length === 0) return <p className="muted">{t('changes.none')}</p>;
  return (
    <dl className={classes.list}>
      {changes.map((change) => (
        <div key={change.pointer}>
          <dt>{nameOf(change.pointer)}</dt>
          <dd>
            <del>
              <span className="visually-hidden">{t('changes.before')} </span>
              {change.before || '–'}
            </del>
            <span aria-hidden="true"> → </span>
            <ins>
              <span className="visually-hidden">{t('changes.after')} </span>
              {change.after || '–'}
            </ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
