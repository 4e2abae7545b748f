import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Callout } from '@ui/states';
import { checkQuery, type CheckBody, type Difference } from './api';
import { plateOf, type Draft } from './draft';
import type { FieldsProps } from './PlateSteps';
import type { CommissionSearch } from './search';
import classes from './Commission.module.css';

/** What is known so far, to be checked by the server. */
export const checkBody = (read: string, draft: Draft): CheckBody => ({
  job: read,
  node_kind: draft.kind,
  node: draft.node.trim(),
  every_s: Math.max(1, Math.round(Number(draft.every)) || 10),
  plate: plateOf(draft),
});

const LEAST = 10;

/** The step at which what a difference is about was typed. */
const stepFor: Record<Difference['code'], NonNullable<CommissionSearch['step']>> = {
  UNUSABLE: 'read', SERIAL: 'plate', MODEL: 'plate', RATIO: 'ratio', CURRENT: 'plate', VOLTAGE: 'plate', POWER: 'read', PERMITTED: 'place', VERIFICATION: 'plate', CLASS_UNKNOWN: 'plate',
};

/** In what the meter and what is written of it do not fit, and why that is right. */
export function CheckStep({ search, draft, change, onNext }: FieldsProps & { search: CommissionSearch }) {
  const { t, language } = useTexts();
  const query = useQuery(checkQuery(checkBody(search.read ?? '', draft)));
  const [tried, setTried] = useState(false);
  return (
    <Loaded query={query}>
      {(check) => {
        const blocked = check.over || check.differences.some((d) => d.blocks);
        const missing = check.differences.filter((d) => !d.blocks && (draft.reasons[d.code] ?? '').trim().length < LEAST);
        return (
          <form
            className={classes.question}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              setTried(true);
              if (!blocked && missing.length === 0) onNext();
            }}
          >
            <h2>{t(check.differences.length === 0 ? 'commission.check.fits' : 'commission.check.ask')}</h2>
            <p className="muted">{t(check.differences.length === 0 ? 'commission.check.fitsHelp' : 'commission.check.help')}</p>
            {check.differences.map((d) => (
              <Callout key={d.code} tone={d.blocks ? 'refuse' : 'stop'} title={t(`commission.difference.${d.code}`)}>
                <p>{d.typed ? <>{t('commission.check.typed')} <span className="mono">{d.typed}</span> · </> : null}{d.shown ? <>{t('commission.check.shown')} <span className="mono">{d.shown}</span></> : null}</p>
                <p><Link to="/commissioning" search={{ ...search, step: stepFor[d.code] }}>{t('commission.check.mend')}</Link>{d.blocks ? <> {t('commission.check.blocks')}</> : null}</p>
                {d.blocks ? null : (
                  <Textarea
                    label={t('commission.check.reason')}
                    description={t('commission.check.reasonHelp')}
                    autosize
                    minRows={2}
                    value={draft.reasons[d.code] ?? ''}
                    onChange={(event) => change({ reasons: { ...draft.reasons, [d.code]: event.currentTarget.value } })}
                    error={tried && missing.includes(d) ? t('commission.check.reasonHelp') : undefined}
                  />
                )}
              </Callout>
            ))}
            {check.over ? (
              <Callout tone="refuse" title={t('commission.check.over', { percent: number(check.load_pct, 1, language) })}>
                <Link to="/commissioning" search={{ ...search, step: 'place' }}>{t('commission.check.overHelp')}</Link>
              </Callout>
            ) : (
              <p className="small muted">{t('commission.check.load', { percent: number(check.load_pct, 1, language), meters: check.meters })}</p>
            )}
            {tried && blocked ? <p role="alert">{t('commission.check.blocked')}</p> : null}
            <div className={classes.act}><Button type="submit">{t('commission.next')}</Button></div>
          </form>
        );
      }}
    </Loaded>
  );
}
