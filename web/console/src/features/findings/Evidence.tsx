import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, ask } from '@shared/api/client';
import { kw, number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { saveTable } from '@shared/table';
import { Section } from '@ui/Page';
import { Table } from '@ui/Table';
import { Identifier, Instant } from '@ui/values';
import type { Finding, FindingSeries } from './api';
import classes from './FindingPage.module.css';

export function Codes({ prefix, codes, empty }: { prefix: string; codes: readonly string[]; empty: string }) {
  const text = useCodeText();
  if (codes.length === 0) return <p className="muted">{empty}</p>;
  return (
    <ul className={classes.points}>
      {codes.map((code) => (
        <li key={code}>{text(prefix, code)}</li>
      ))}
    </ul>
  );
}

/** The named numbers of the rule: what it measured and what it compared with. */
export function Numbers({ finding }: { finding: Finding }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const numbers = Object.entries(finding.evidence.numbers ?? {}).sort(([a], [b]) => text('number', a).localeCompare(text('number', b)));
  return (
    <Table label={t('finding.evidence')}>
      <tbody>
        {numbers.map(([name, value]) => (
          <tr key={name}>
            <td>{text('number', name)}</td>
            <td data-align="end">{/_kw$|^kw_/.test(name) ? kw(value, language) : number(value, Number.isInteger(value) || name === 'kwh' ? 0 : 2, language)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Where the power changed for good. */
export function Steps({ series }: { series: FindingSeries }) {
  const { t } = useTexts();
  const { language } = useTexts();
  if (series.steps.length === 0) return null;
  return (
    <Section title={t('steps.title')} note={t('steps.note')}>
      <Table label={t('steps.title')}>
        <thead>
          <tr>
            <th>{t('steps.at')}</th>
            <th data-align="end">{t('neighbours.before')}</th>
            <th data-align="end">{t('neighbours.after')}</th>
            <th data-align="end">{t('steps.change')}</th>
          </tr>
        </thead>
        <tbody>
          {series.steps.map((step) => (
            <tr key={step.at}>
              <td><Instant at={step.at} /></td>
              <td data-align="end">{kw(step.before_kw, language)}</td>
              <td data-align="end">{kw(step.after_kw, language)}</td>
              <td data-align="end">{step.after_kw > step.before_kw ? '+' : ''}{kw(step.after_kw - step.before_kw, language)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

/** Every interval that the finding rests on, as a file with a row for each meter and quarter hour. */
async function saveReadings(finding: Finding, head: string[]): Promise<void> {
  const rows: string[][] = [head];
  for (const meter of finding.evidence.meters) {
    for (let after: string | undefined, first = true; first || after; first = false) {
      const part = await ask(api.GET('/v1/readings', { params: { query: { meter, from: finding.evidence.from, to: finding.evidence.to, resolution: '15m', limit: 5000, ...(after ? { after } : {}) } } }));
      rows.push(...part.items.map((item) => [meter, item.at, item.kw === undefined ? '' : String(item.kw), item.kwh === undefined ? '' : String(item.kwh), item.quality]));
      after = part.next;
    }
  }
  await saveTable(`finding-${finding.target}`, rows, 'csv');
}

/** What a court asks for: the rule and its version, the numbers it compared, and the exact readings. */
export function Exact({ finding }: { finding: Finding }) {
  const { t } = useTexts();
  const can = useCan();
  const [busy, setBusy] = useState(false);
  const { meters, from, to } = finding.evidence;
  const save = async () => {
    setBusy(true);
    try {
      await saveReadings(finding, [t('readings.meter'), t('ui.chart.time'), 'kW', 'kWh', t('ui.chart.quality')]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title={t('finding.evidence')} note={t('finding.evidenceNote', { version: finding.rule_version })}>
      <Numbers finding={finding} />
      {can('meter.read') ? (
        <div className={classes.readings}>
          <p>{t('readings.rest', { count: meters.length })} <Instant at={from} /> – <Instant at={to} /></p>
          <p className={classes.meters}>
            {meters.slice(0, 12).map((meter) => (
              <Link key={meter} to="/meters/$id" params={{ id: meter }} search={{ from: Math.floor(Date.parse(from) / 1000), to: Math.ceil(Date.parse(to) / 1000) }} className="mono">
                {meter.length > 20 ? `${meter.slice(0, 8)}…${meter.slice(-4)}` : meter}
              </Link>
            ))}
            {meters.length > 12 ? <span className="muted">{t('readings.more', { count: meters.length - 12 })}</span> : null}
          </p>
          <p className="no-print">
            <Button size="compact-sm" variant="default" loading={busy} onClick={() => void save()}>
              {t('readings.csv')}
            </Button>
          </p>
          <p className="small muted">{t('readings.id')} <Identifier value={finding.id} shorten="middle" /></p>
        </div>
      ) : null}
    </Section>
  );
}
