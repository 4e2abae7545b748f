import { useTexts } from '@shared/i18n';
import { State } from '@ui/State';
import { Instant, LegalDate } from '@ui/values';
import type { Application, ReviewRequest } from './api';
import { placeOf } from './correction';
import classes from './portal.module.css';

/** The name of the field that a pointer leads into, with which site or line. */
export function useFieldName(application: Application) {
  const { t, has } = useTexts();
  return (pointer: string): string => {
    const { field, line } = placeOf(pointer);
    const name = has(`correction.of.${field}`) ? t(`correction.of.${field}`) : pointer;
    if (line === undefined) return name;
    const what = field === 'sites' ? application.sites[line]?.site_code : field === 'equipment' ? application.equipment[line]?.model : undefined;
    return `${name}, ${line + 1}${what ? ` (${what})` : ''}`;
  };
}

/** What the office asked of the applicant, and what was answered. */
export function Requests({ application, requests }: { application: Application; requests: readonly ReviewRequest[] }) {
  const { t } = useTexts();
  const nameOf = useFieldName(application);
  return (
    <section>
      <h2>{t('correction.section')}</h2>
      <ul className={classes.cards}>
        {requests.map((request) => (
          <li key={request.id} className={classes.card}>
            <div className={classes.cardHead}>
              <h3>{request.kind === 'agency' ? request.agency : t('correction.title')}</h3>
              <State noun="request" state={request.state} />
            </div>
            {request.text ? <p>{request.text}</p> : null}
            {request.items.length > 0 ? (
              <ul className={classes.plain}>
                {request.items.map((item) => (
                  <li key={item.pointer + item.text}>
                    <strong>{nameOf(item.pointer)}:</strong> {item.text}
                  </li>
                ))}
              </ul>
            ) : null}
            {request.answer ? (
              <p>
                {t('correction.answer')}: {request.answer}
              </p>
            ) : null}
            <p className={classes.hint}>
              {t('correction.asked')} <Instant at={request.asked_at} /> · {t('correction.due')} <LegalDate date={request.due} />
              {request.closed_at ? (
                <>
                  {' '}
                  · {t('correction.closed')} <Instant at={request.closed_at} />
                </>
              ) : null}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
