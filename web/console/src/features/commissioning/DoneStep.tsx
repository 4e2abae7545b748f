import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { StateMark } from '@ui/StateMark';
import { Facts, Instant } from '@ui/values';
import { boundQuery } from './api';
import classes from './Commission.module.css';

/** The meter is bound; it counts as commissioned when its first good reading has come. */
export function DoneStep({ meter }: { meter: string }) {
  const { t } = useTexts();
  const query = useQuery(boundQuery(meter));
  return (
    <Loaded query={query}>
      {(bound) => {
        if (!bound) {
          return (
            <div className={classes.question}>
              <p>{t('commission.done.none')}</p>
              <div className={classes.act}>
                <Link to="/meters/$id" params={{ id: meter }}>{t('commission.done.open')}</Link>
                <Link to="/commissioning">{t('commission.done.another')}</Link>
              </div>
            </div>
          );
        }
        const done = bound.state === 'commissioned';
        return (
          <div className={classes.question}>
            <div role="status"><h2><StateMark tone={done ? 'ok' : 'wait'} label={t(`commission.done.${bound.state}`, { code: bound.code })} /></h2></div>
            <p>{t(done ? 'commission.done.commissionedHelp' : 'commission.done.boundHelp')}</p>
            <Facts
              facts={[
                { label: t('commission.done.boundAt'), value: <Instant at={bound.bound_at} /> },
                { label: t('commission.done.first'), value: bound.first_reading_at ? <Instant at={bound.first_reading_at} /> : '–' },
                { label: t('commission.sign.seals'), value: bound.seals },
                { label: t('commission.sign.act'), value: bound.act },
                { label: t('commission.link.collector'), value: <span className="mono">{bound.collector}</span> },
              ]}
            />
            <details>
              <summary>{t('commission.done.fragment')}</summary>
              <p className="small muted">{t('commission.done.fragmentHelp')}</p>
              <pre className={classes.fragment} tabIndex={0}>{JSON.stringify(bound.fragment, null, 1)}</pre>
            </details>
            <div className={classes.act}>
              <Link to="/meters/$id" params={{ id: bound.meter }}>{t('commission.done.open')}</Link>
              <Link to="/commissioning">{t('commission.done.another')}</Link>
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
