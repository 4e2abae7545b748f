import { useQuery } from '@tanstack/react-query';
import { kwh, money, number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { Callout } from '@ui/states';
import { Table } from '@ui/Table';
import { ShareBar } from '@ui/values';
import { evidenceQuery, type Evidence as EvidenceData, type Fee } from './api';
import classes from './Obligation.module.css';

const tiyn = (kzt: number) => Math.round(kzt * 100);

/** What the meters measured against what was declared. */
function Bars({ evidence }: { evidence: EvidenceData }) {
  const { t, language } = useTexts();
  const most = Math.max(evidence.measured_kwh ?? 0, evidence.declared_kwh ?? 0);
  const text = (value: number | null) => (value === null ? t('obligation.unknown') : kwh(value, language));
  const differs = evidence.difference_percent !== null && Math.abs(evidence.difference_percent) >= 1;
  return (
    <div className={classes.bars}>
      <div className={classes.bar}>
        <span>{t('obligation.measured')}</span>
        <span className="num">
          {evidence.measured_kwh !== null && !evidence.whole ? `${t('obligation.atLeast')} ` : ''}
          {text(evidence.measured_kwh)}
        </span>
        <span>{evidence.measured_kwh === null ? null : <ShareBar value={evidence.measured_kwh} of={most} />}</span>
      </div>
      <div className={classes.bar}>
        <span>{t('obligation.declared')}</span>
        <span className="num">{evidence.declared_kwh === null ? t('obligation.notYet') : text(evidence.declared_kwh)}</span>
        <span>{evidence.declared_kwh === null ? null : <ShareBar value={evidence.declared_kwh} of={most} {...(differs ? { tone: 'stop' as const } : {})} />}</span>
      </div>
      {evidence.difference_percent === null ? null : (
        <Callout tone={differs ? 'stop' : 'ok'}>{t('obligation.difference', { percent: number(evidence.difference_percent, 1, language) })}</Callout>
      )}
    </div>
  );
}

function Meters({ evidence }: { evidence: EvidenceData }) {
  const { t, language } = useTexts();
  return (
    <>
      {evidence.points_without_meter.length > 0 ? <Callout tone="refuse">{t('obligation.noMeter', { points: evidence.points_without_meter.join(', ') })}</Callout> : null}
      {evidence.points_metered_in_part.length > 0 ? <Callout tone="stop">{t('obligation.partMeter', { points: evidence.points_metered_in_part.join(', ') })}</Callout> : null}
      {evidence.meters.length > 0 ? (
        <Table label={t('obligation.meters')}>
          <thead>
            <tr>
              <th scope="col">{t('obligation.meter')}</th>
              <th scope="col" data-align="end">{t('obligation.measured')}</th>
              <th scope="col" data-align="end">{t('obligation.covered')}</th>
            </tr>
          </thead>
          <tbody>
            {evidence.meters.map((meter) => (
              <tr key={meter.meter}>
                <td className="mono">{meter.code}</td>
                <td data-align="end" className="num">{meter.kwh === null ? t('obligation.unknown') : kwh(meter.kwh, language)}</td>
                <td data-align="end" className="num">{t('obligation.hours', { covered: number(meter.covered_h, 0, language), of: number(meter.expected_h, 0, language) })}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      ) : null}
    </>
  );
}

/** A fee as its formula: energy times rate, and which rate counted. */
function Formula({ title, fee }: { title: string; fee: Fee }) {
  const { t, language } = useTexts();
  const source = (code: string) => t(`obligation.source.${code}`);
  return (
    <Table label={title}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" data-align="end">{t('obligation.energy')}</th>
          <th scope="col" data-align="end">{t('obligation.rate')}</th>
          <th scope="col" data-align="end">{t('obligation.sum')}</th>
        </tr>
      </thead>
      <tbody>
        {fee.lines.map((line) => {
          const rate = line.rates[0];
          return (
            <tr key={line.source}>
              <td>
                {source(line.source)}
                {rate ? (
                  <span className="small muted">
                    <br />
                    {rate.source === line.source ? rate.legal_ref : `${source(rate.source)}: ${rate.legal_ref}`}
                    {rate.grade === 'R' ? ` · ${t('obligation.gradeR')}` : ''}
                  </span>
                ) : null}
              </td>
              <td data-align="end" className="num">{kwh(line.kwh, language)}</td>
              <td data-align="end" className="num">{rate ? money(tiyn(rate.rate_kzt_per_kwh), language) : t('obligation.unknown')}</td>
              <td data-align="end" className="num">{rate ? money(tiyn(line.amount_kzt), language) : t('obligation.unknown')}</td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>{t('obligation.total')}</th>
          <td data-align="end" className="num"><strong>{money(tiyn(fee.total_kzt), language)}</strong></td>
        </tr>
      </tfoot>
    </Table>
  );
}

/** What the registry knows by itself: the meters of the license, the rates of the law and the fee. */
export function Evidence({ id, fee }: { id: string; fee: boolean }) {
  const { t } = useTexts();
  const query = useQuery(evidenceQuery(id));
  return (
    <Section title={t('obligation.evidence')} note={t('obligation.evidenceNote')}>
      <Loaded query={query} rows={4}>
        {(evidence) => (
          <div className={classes.evidence}>
            <Bars evidence={evidence} />
            <Meters evidence={evidence} />
            {fee && evidence.fee_declared ? <Formula title={t('obligation.feeDeclared')} fee={evidence.fee_declared} /> : null}
            {fee && evidence.fee_measured ? <Formula title={t('obligation.feeMeasured')} fee={evidence.fee_measured} /> : null}
            {fee && evidence.legal_ref_highest_rate ? <p className="small muted">{t('obligation.highest')} {evidence.legal_ref_highest_rate}</p> : null}
          </div>
        )}
      </Loaded>
    </Section>
  );
}
