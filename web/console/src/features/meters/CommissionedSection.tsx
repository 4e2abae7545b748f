import { useQuery } from '@tanstack/react-query';
import { useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Facts, Instant } from '@ui/values';
import { commissioningQuery, type Commissioning } from './commissioned';
import classes from './MeterPage.module.css';

type Difference = Commissioning['differences'][number];

/** In what the meter and its plate did not fit, and why that was right. */
function Differed({ of }: { of: Difference }) {
  const { t } = useTexts();
  return (
    <li>
      {t(`commission.difference.${of.code}`)}
      <br />
      <span className="small muted">
        {of.typed ? <>{t('commission.check.typed')} <span className="mono">{of.typed}</span> · </> : null}
        {of.shown ? <>{t('commission.check.shown')} <span className="mono">{of.shown}</span></> : null}
      </span>
      {of.reason ? <p className="small">{of.reason}</p> : null}
    </li>
  );
}

/** How the meter was commissioned: who and when, what differed and why, and its first good reading. A meter that came otherwise has no such section. */
export function CommissionedSection({ id }: { id: string }) {
  const { t } = useTexts();
  const { data } = useQuery(commissioningQuery(id));
  if (!data) return null;
  const differences = data.differences ?? [];
  return (
    <Section title={t('meter.commissioned')}>
      <StateMark tone={data.state === 'commissioned' ? 'ok' : 'wait'} label={t(`meter.commissioned.${data.state}`)} />
      <Facts
        facts={[
          { label: t('commission.sign.installer'), value: data.installer },
          { label: t('commission.done.boundAt'), value: <Instant at={data.bound_at} /> },
          { label: t('commission.done.first'), value: data.first_reading_at ? <Instant at={data.first_reading_at} /> : '–' },
          { label: t('commission.sign.act'), value: data.act },
          { label: t('commission.sign.seals'), value: data.seals },
        ]}
      />
      {differences.length > 0 ? (
        <>
          <h3>{t('meter.commissioned.differences')}</h3>
          <ul className={classes.exchanges}>{differences.map((of) => <Differed key={of.code} of={of} />)}</ul>
        </>
      ) : (
        <p className="muted small">{t('commission.check.fits')}</p>
      )}
    </Section>
  );
}
