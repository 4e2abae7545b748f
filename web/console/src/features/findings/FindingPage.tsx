import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { kw, kwNumber, number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import type { Point } from '@shared/series';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout, Loading } from '@ui/states';
import { Table } from '@ui/Table';
import { Facts, Identifier, Instant, Kw } from '@ui/values';
import { findingQuery, seriesQuery, useTriage, type Finding, type FindingSeries, type Triage } from './api';
import classes from './FindingPage.module.css';

const Chart = lazy(async () => ({ default: (await import('@ui/Chart')).Chart }));
const route = getRouteApi('/findings/$id');

function Picture({ finding, series }: { finding: Finding; series: FindingSeries }) {
  const { t, language } = useTexts();
  const [range, setRange] = useState<{ from: number; to: number }>();
  const { points, band, limit } = useMemo(() => {
    const items = series.items.map((item) => ({ ...item, seconds: Date.parse(item.at) / 1000 }));
    const measured: Point[] = items.map((item) => ({ at: item.seconds, value: item.measured_kw ?? null, good: true }));
    const expected = items.filter((item) => item.low_kw !== undefined && item.high_kw !== undefined);
    const last = items.findLast((item) => item.limit_kw !== undefined)?.limit_kw;
    return {
      points: measured,
      band: expected.length > 0 ? { at: expected.map((item) => item.seconds), low: expected.map((item) => item.low_kw ?? null), high: expected.map((item) => item.high_kw ?? null) } : undefined,
      limit: last,
    };
  }, [series]);
  const flags = useMemo(() => [{ at: Date.parse(finding.first_seen) / 1000, label: t('finding.firstSeen') }], [finding.first_seen, t]);
  const drawn = useMemo(() => (limit === undefined ? undefined : { value: limit, label: t('finding.limitLabel', { kw: kw(limit, language) }) }), [limit, t, language]);
  if (points.length === 0) return <p className="muted">{t('finding.noSeries')}</p>;
  return (
    <>
      <Chart label={t('finding.chart', { target: finding.target })} points={points} band={band} limit={drawn} flags={flags} range={range} onRange={setRange} {...(range ? { onReset: () => setRange(undefined) } : {})} height={320} />
      <p className="small muted">{t('finding.chartHelp')}</p>
    </>
  );
}

function Decide({ finding }: { finding: Finding }) {
  const { t } = useTexts();
  const can = useCan();
  const text = useCodeText();
  const [act, setAct] = useState<Triage>();
  const [reason, setReason] = useState('');
  const triage = useTriage(finding.id, () => {
    setAct(undefined);
    setReason('');
  });
  if (!can('finding.triage')) return null;
  const problem = triage.error ? asProblem(triage.error) : undefined;
  const possible: Triage[] = finding.state === 'open' ? ['acknowledgement', 'dismissal'] : finding.state === 'acknowledged' ? ['dismissal'] : finding.state === 'dismissed' ? ['reopening'] : [];
  if (possible.length === 0) return null;
  if (!act)
    return (
      <div className={classes.buttons}>
        {possible.map((item, index) => (
          <Button key={item} variant={index === 0 ? 'filled' : 'default'} onClick={() => setAct(item)}>
            {t(`finding.do.${item}`)}
          </Button>
        ))}
        {can('case.write') ? (
          <Button variant="default" component={Link} to={`/cases/new?${new URLSearchParams({ source: 'finding', ref: finding.id, kw: String(finding.estimated_kw), title: `${text('rule', finding.rule)}: ${finding.target}` }).toString()}`}>
            {t('case.openFrom')}
          </Button>
        ) : null}
      </div>
    );
  return (
    <form
      className={classes.triage}
      onSubmit={(event) => {
        event.preventDefault();
        triage.mutate({ act, reason: reason.trim() });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={t(`finding.reason.${act}`)} description={t(`finding.reasonHelp.${act}`)} autosize minRows={2} autoFocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      <div className={classes.buttons}>
        <Button type="submit" loading={triage.isPending} disabled={reason.trim() === ''}>
          {t(`finding.do.${act}`)}
        </Button>
        <Button variant="subtle" onClick={() => setAct(undefined)}>
          {t('ui.cancel')}
        </Button>
        {reason.trim() === '' ? <span className="small muted">{t('finding.reasonNeeded')}</span> : null}
      </div>
    </form>
  );
}

function Codes({ prefix, codes, empty }: { prefix: string; codes: readonly string[]; empty: string }) {
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

function Evidence({ finding }: { finding: Finding }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const numbers = Object.entries(finding.evidence.numbers ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Section title={t('finding.evidence')} note={t('finding.evidenceNote', { version: finding.rule_version })}>
      <Table label={t('finding.evidence')}>
        <tbody>
          {numbers.map(([name, value]) => (
            <tr key={name}>
              <td>{text('number', name)}</td>
              <td data-align="end">{/_kw$|^kw_/.test(name) ? kw(value, language) : number(value, Number.isInteger(value) ? 0 : 2, language)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className={classes.meters}>
        <span className="muted">{t('finding.meters')}</span>{' '}
        {finding.evidence.meters.map((meter) => (
          <Link key={meter} to="/meters/$id" params={{ id: meter }} search={{ from: Math.floor(Date.parse(finding.evidence.from) / 1000), to: Math.ceil(Date.parse(finding.evidence.to) / 1000) }} className="mono">
            {meter.length > 20 ? `${meter.slice(0, 8)}…${meter.slice(-4)}` : meter}
          </Link>
        ))}
      </p>
    </Section>
  );
}

function Body({ finding }: { finding: Finding }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const series = useQuery(seriesQuery(finding.id));
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/findings">
            <BackLabel>{t('nav.findings')}</BackLabel>
          </Link>
        }
        kind={`${t('finding.kind')} · ${text('rule', finding.rule)}`}
        number={<Identifier value={finding.target} />}
        title={`${t('finding.kind')} ${finding.target}`}
        state={<State noun="finding" state={finding.state} size="large" />}
        subtitle={<span>{t(`finding.tier.${finding.tier}`)}</span>}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('finding.estimated'), value: <><Kw value={finding.estimated_kw} /> <span className="muted small num">{t('finding.interval', { low: kwNumber(finding.low_kw, language), high: kwNumber(finding.high_kw, language) })}</span></> },
              finding.rigs_high > 0 ? { label: t('finding.rigs'), value: <span className="num">{finding.rigs_low}–{finding.rigs_high}</span> } : null,
              { label: t('finding.firstSeen'), value: <Instant at={finding.first_seen} /> },
              { label: t('finding.lastSeen'), value: <Instant at={finding.last_seen} /> },
            ]}
          />
        }
      />
      <Columns
        facts={
          <>
            <Section title={t('finding.refute')}>
              <Codes prefix="refutation" codes={finding.evidence.refutations} empty={t('finding.noRefutations')} />
            </Section>
            <Section title={t('finding.rule')}>
              <Facts
                facts={[
                  { label: t('finding.ruleCode'), value: <span className="mono">{finding.rule} {finding.rule_version}</span> },
                  { label: t('finding.score'), value: <span className="num">{number(finding.score, 2, language)}</span> },
                  { label: t('finding.raised'), value: <Instant at={finding.raised_at} /> },
                  { label: t('finding.window'), value: <><Instant at={finding.evidence.from} /> – <Instant at={finding.evidence.to} /></> },
                ]}
              />
              <p style={{ marginBlockStart: 12 }}>
                <Link to="/grid" search={{ node: finding.target_id || finding.target }}>{t('finding.toGrid')}</Link>
              </p>
            </Section>
          </>
        }
      >
        <div className={classes.argument}>
          <p className={classes.sentence}>{finding.explanation}</p>
          {finding.reason ? <Callout tone="unknown" title={t('finding.reasonGiven')}>{finding.reason}</Callout> : null}
          <Decide finding={finding} />
        </div>
        <div>
          <Suspense fallback={<Loading rows={4} />}>
            <Loaded query={series} rows={5}>
              {(data) => <Picture finding={finding} series={data} />}
            </Loaded>
          </Suspense>
        </div>
        <Section title={t('finding.alternatives')}>
          <Codes prefix="alternative" codes={finding.evidence.alternatives} empty={t('finding.noAlternatives')} />
        </Section>
        <Evidence finding={finding} />
      </Columns>
    </>
  );
}

/** A finding argues: the sentence, the picture, why it is nothing honest, what would refute it. */
export function FindingPage() {
  const { id } = route.useParams();
  const query = useQuery(findingQuery(id));
  return <Loaded query={query}>{(finding) => <Body finding={finding} />}</Loaded>;
}
