import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Table } from '@ui/Table';
import { precisionQuery, priorsQuery, type PrecisionBy } from './api';

const parts: readonly PrecisionBy[] = ['rule', 'region', 'officer'];

function usePercent() {
  const { language } = useTexts();
  return (share: number) => `${number(100 * share, 0, language)} %`;
}

function Report({ by }: { by: PrecisionBy }) {
  const { t } = useTexts();
  const text = useCodeText();
  const percent = usePercent();
  const query = useQuery(precisionQuery(by));
  const name = (key: string) => (by === 'rule' ? text('rule', key) : by === 'region' ? text('region', key) : key);
  return (
    <Section title={t(`rules.by.${by}`)}>
      <Loaded query={query} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{t('rules.none')}</p>
          ) : (
            <Table label={t(`rules.by.${by}`)}>
              <thead>
                <tr>
                  <th>{t(`rules.by.${by}`)}</th>
                  <th data-align="end">{t('rules.confirmed')}</th>
                  <th data-align="end">{t('rules.refuted')}</th>
                  <th data-align="end">{t('rules.precision')}</th>
                  <th data-align="end">{t('rules.interval')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((row) => (
                  <tr key={row.key}>
                    <td>{name(row.key)}</td>
                    <td data-align="end" className="num">{row.confirmed}</td>
                    <td data-align="end" className="num">{row.refuted}</td>
                    <td data-align="end" className="num">{percent(row.precision)}</td>
                    <td data-align="end" className="num">{percent(row.low)} – {percent(row.high)}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

/** What decided cases taught about the rules: the table that moves tiers, and how right findings were by rule, region and officer. */
export function Rules() {
  const { t } = useTexts();
  const text = useCodeText();
  const percent = usePercent();
  const query = useQuery(priorsQuery);
  return (
    <Page title={t('rules.title')} lead={t('rules.lead')} back={<Link to="/findings" search={{}}><BackLabel>{t('nav.findings')}</BackLabel></Link>}
      action={<><Link to="/findings/parameters">{t('rules.numbers')}</Link> · <Link to="/findings/weather" search={{}}>{t('rules.weather')}</Link></>}
    >
      <Section title={t('rules.priors')}>
        <Loaded query={query} rows={5}>
          {({ items }) => (
            <Table label={t('rules.priors')}>
              <thead>
                <tr>
                  <th>{t('finding.rule')}</th>
                  <th>{t('rules.class')}</th>
                  <th data-align="end">{t('rules.confirmed')}</th>
                  <th data-align="end">{t('rules.refuted')}</th>
                  <th data-align="end">{t('rules.precision')}</th>
                  <th data-align="end">{t('rules.interval')}</th>
                  <th data-align="end">{t('rules.floor')}</th>
                  <th>{t('ui.state')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((row) => (
                  <tr key={`${row.rule} ${row.class}`}>
                    <td>{text('rule', row.rule)}</td>
                    <td>{row.class ? text('use', row.class) : '–'}</td>
                    <td data-align="end" className="num">{row.confirmed}</td>
                    <td data-align="end" className="num">{row.refuted}</td>
                    <td data-align="end" className="num">{percent(row.precision)}</td>
                    <td data-align="end" className="num">{percent(row.low)} – {percent(row.high)}</td>
                    <td data-align="end" className="num">{percent(row.floor)}</td>
                    <td>{row.tier_capped ? <StateMark tone="stop" label={t('rules.capped')} /> : null}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )}
        </Loaded>
      </Section>
      {parts.map((by) => <Report key={by} by={by} />)}
    </Page>
  );
}
