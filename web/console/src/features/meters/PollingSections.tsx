import { useQuery } from '@tanstack/react-query';
import { count, number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Table } from '@ui/Table';
import { Facts, Instant, Kwh } from '@ui/values';
import { exchangesQuery, pollingQuery, type Exchange, type Polling } from './polling';
import classes from './MeterPage.module.css';

const gradeTone = { official: 'ok', 'two-source': 'ok', single: 'wait', unverified: 'stop', unknown: 'unknown' } as const;

function Registers({ polling }: { polling: Polling }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  if (polling.registers.length === 0) return <p className="muted small">{t(polling.polled === 'here' ? 'polling.noRegisters' : 'polling.registersElsewhere')}</p>;
  return (
    <Table label={t('polling.registers')}>
      <thead>
        <tr><th>{t('polling.quantity')}</th><th>{t('polling.value')}</th><th>{t('meter.quality')}</th><th>{t('polling.words')}</th></tr>
      </thead>
      <tbody>
        {polling.registers.map((row) => (
          <tr key={row.quantity}>
            <td className="mono">{row.quantity}</td>
            <td className="num">{row.value === undefined ? '–' : `${number(row.value, row.unit === 'Wh' ? 0 : 3, language).replace(/([.,]\d*?)0+$/, '$1').replace(/[.,]$/, '')}${row.unit === '1' ? '' : `\u202f${row.unit}`}`}</td>
            <td>{text('quality', row.quality)}</td>
            <td className="mono">{row.words || '–'}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Plan({ polling }: { polling: Polling }) {
  const { t } = useTexts();
  return (
    <Table label={t('polling.plan')}>
      <thead>
        <tr><th>{t('polling.function')}</th><th>{t('polling.addresses')}</th><th>{t('polling.count')}</th><th>{t('polling.came')}</th></tr>
      </thead>
      <tbody>
        {polling.plan.map((row) => (
          <tr key={`${row.function}/${row.address}`}>
            <td className="num">{row.function}</td>
            <td className="mono">{row.address}–{row.address + row.count - 1}</td>
            <td className="num">{row.count}</td>
            <td><Instant at={row.at} /></td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Failures({ polling }: { polling: Polling }) {
  const { t, language } = useTexts();
  if (polling.failures.length === 0) return <p className="muted small">{t('polling.noFailures')}</p>;
  return (
    <Table label={t('polling.failures')}>
      <thead>
        <tr><th>{t('polling.last')}</th><th>{t('fleet.why')}</th><th>{t('polling.times')}</th><th>{t('polling.text')}</th></tr>
      </thead>
      <tbody>
        {polling.failures.map((row) => (
          <tr key={`${row.first}${row.text}`}>
            <td><Instant at={row.last} /></td>
            <td>{t(`fleet.fault.${row.fault}`)}{row.exception ? ` ${row.exception}` : ''}</td>
            <td className="num">{count(row.count, language)}</td>
            <td lang="en" className={classes.error}>{row.text}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Counters({ polling }: { polling: Polling }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const faults = Object.entries(polling.counters).map(([fault, n]) => ({
    label: fault.startsWith('quality_') ? text('quality', fault.slice('quality_'.length)) : t(`fleet.fault.${fault}`),
    value: <span className="num">{count(n, language)}</span>,
  }));
  const exceptions = Object.entries(polling.exceptions).map(([code, n]) => ({ label: `${t('fleet.fault.exception')} ${code}`, value: <span className="num">{count(n, language)}</span> }));
  const ms = (value: number) => (value > 0 ? `${number(value, 1, language)}\u202f${t('unit.ms')}` : '–');
  return (
    <Facts
      layout="row"
      facts={[
        { label: t('polling.polls'), value: <span className="num">{count(polling.ok, language)} / {count(polling.due, language)}</span> },
        { label: t('polling.rtt50'), value: ms(polling.rtt_ms.p50) },
        { label: t('polling.rtt99'), value: ms(polling.rtt_ms.p99) },
        { label: t('polling.lag50'), value: ms(polling.lag_ms.p50) },
        { label: t('polling.lag99'), value: ms(polling.lag_ms.p99) },
        ...faults,
        ...exceptions,
      ]}
    />
  );
}

/** How the meter is read: timing, faults, registers, plan. */
export function PollingSections({ id }: { id: string }) {
  const { t } = useTexts();
  const query = useQuery(pollingQuery(id));
  return (
    <Loaded query={query} rows={4}>
      {(polling) => (
        <>
          <Section title={t('polling.title')} note={polling.polled === 'elsewhere' ? t('polling.elsewhere') : polling.polled === 'unknown' ? t('polling.unknown') : null}>
            <Counters polling={polling} />
          </Section>
          <Section title={t('polling.registers')} note={t('polling.registersNote')}><Registers polling={polling} /></Section>
          <Section title={t('polling.failures')}><Failures polling={polling} /></Section>
          {polling.plan.length > 0 ? <Section title={t('polling.plan')} note={polling.resting > 0 ? t('polling.resting', { count: polling.resting }) : null}><Plan polling={polling} /></Section> : null}
        </>
      )}
    </Loaded>
  );
}

/** How well the register profile is founded. */
export function ProfileSection({ id }: { id: string }) {
  const { t } = useTexts();
  const { data } = useQuery(pollingQuery(id));
  if (!data) return null;
  const { profile } = data;
  return (
    <Section title={t('meter.profile')}>
      <Facts
        facts={[
          { label: t('polling.grade'), value: <StateMark tone={gradeTone[profile.grade]} label={t(`polling.grade.${profile.grade}`)} /> },
          { label: t('polling.models'), value: `${profile.vendor} ${profile.models.join(', ')}` },
          { label: t('polling.identified'), value: t(profile.identified ? 'ui.yes' : 'ui.no') },
          profile.sources.length > 0 && { label: t('polling.sources'), value: <ul className={classes.sources}>{profile.sources.map((source) => <li key={source.title} lang="en">{[source.title, source.rev, source.page].filter(Boolean).join(', ')}</li>)}</ul> },
        ]}
      />
    </Section>
  );
}

function One({ row }: { row: Exchange }) {
  const { t } = useTexts();
  const device = row.kind === 'meter' || row.kind === 'both';
  const ratio = row.kind === 'transformers' || row.kind === 'both';
  return (
    <li>
      <strong><Instant at={row.at} /> · {t(`exchange.kind.${row.kind}`)}</strong>
      <Facts
        facts={[
          device && { label: t('meter.serial'), value: <span className="mono">{row.old_serial || '–'} → {row.new_serial}</span> },
          ratio && { label: t('exchange.ratio'), value: <span className="mono">{row.old_ratio} → {row.new_ratio}</span> },
          { label: t('exchange.registers'), value: <span><Kwh value={row.final_kwh} /> → <Kwh value={row.first_kwh} /></span> },
          { label: t('exchange.seals'), value: <span className="mono">{row.old_seals || '–'} → {row.new_seals}</span> },
          { label: t('exchange.act'), value: <span className="mono">{row.act}</span> },
        ]}
      />
    </li>
  );
}

/** What was done to the meter at its place. */
export function ExchangesSection({ id, action }: { id: string; action?: React.ReactNode }) {
  const { t } = useTexts();
  const { data } = useQuery(exchangesQuery(id));
  return (
    <Section title={t('exchange.history')} action={action}>
      {data && data.items.length > 0 ? <ul className={classes.exchanges}>{data.items.map((row) => <One key={row.id} row={row} />)}</ul> : <p className="muted small">{t('exchange.none')}</p>}
    </Section>
  );
}
