import { useQuery } from '@tanstack/react-query';
import { number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Facts, Instant } from '@ui/values';
import { ratiosQuery } from './polling';
import classes from './MeterPage.module.css';

/** When the meter itself began to tell another ratio of its transformers; nothing for one that never did. */
export function RatiosSection({ id }: { id: string }) {
  const { t, language } = useTexts();
  const { data } = useQuery(ratiosQuery(id));
  if (!data || data.items.length === 0) return null;
  const way = (from?: number, to?: number) => (
    <span className="mono">{from === undefined ? '–' : number(from, 1, language)} → {to === undefined ? '–' : number(to, 1, language)}</span>
  );
  return (
    <Section title={t('ratios.title')}>
      <StateMark tone="stop" label={t('quality.ratio_changed')} />
      <p className="small muted">{t('ratios.help')}</p>
      <ul className={classes.exchanges}>
        {data.items.map((row) => (
          <li key={row.at}>
            <strong><Instant at={row.at} /></strong>
            <Facts
              facts={[
                (row.ct_to ?? row.ct_from) !== undefined && { label: t('ratios.ct'), value: way(row.ct_from, row.ct_to) },
                (row.pt_to ?? row.pt_from) !== undefined && { label: t('ratios.pt'), value: way(row.pt_from, row.pt_to) },
              ]}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}
