import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { kw, kwNumber, number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Callout, Loading } from '@ui/states';
import { Facts, Identifier, Instant, Kw } from '@ui/values';
import { eventsQuery, findingQuery, placeQuery, seriesQuery, type Finding, type FindingSeries } from './api';
import type { Row } from './Charts';
import { Decide } from './Decide';
import { Codes, Exact, Steps } from './Evidence';
import { Neighbours } from './Neighbours';
import { Refute } from './Refute';
import { flagged } from './steps';
import { without, type Act, type FindingSearch } from './search';
import classes from './FindingPage.module.css';

const Charts = lazy(async () => ({ default: (await import('./Charts')).Charts }));
const route = getRouteApi('/findings/$id');
const seconds = (at: string) => Date.parse(at) / 1000;

/** The rows of the charts, from the series of a finding. */
export const rowsOf = (series: FindingSeries): Row[] =>
  series.items.map((item) => ({ at: seconds(item.at), measured: item.measured_kw, low: item.low_kw, high: item.high_kw, residual: item.excess_kw }));

function Picture({ finding, series }: { finding: Finding; series: FindingSeries }) {
  const { t, language } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const rows = useMemo(() => rowsOf(series), [series]);
  const flags = useMemo(
    () => flagged(series).map((step) => ({ at: seconds(step.at), label: `${step.after_kw > step.before_kw ? '+' : ''}${kw(step.after_kw - step.before_kw, language)}` })),
    [series, language],
  );
  const shade = useMemo(() => ({ from: seconds(series.first_seen), to: seconds(series.last_seen) }), [series]);
  const range = useMemo(() => (search.from !== undefined && search.to !== undefined && search.to > search.from ? { from: search.from, to: search.to } : undefined), [search.from, search.to]);
  if (rows.length === 0) return <p className="muted">{t('finding.noSeries')}</p>;
  const limit = series.items.findLast((item) => item.limit_kw !== undefined)?.limit_kw;
  return (
    <>
      <Charts
        name={finding.id}
        title={t('finding.chart', { target: finding.target })}
        residualTitle={t('finding.residual')}
        rows={rows}
        limit={limit}
        u95={finding.evidence.numbers?.u95_kw}
        flags={flags}
        shade={shade}
        range={range}
        onRange={(next) => void navigate({ to: '/findings/$id', params: { id: finding.id }, search: next ? { from: next.from, to: next.to } : {}, replace: true, resetScroll: false })}
      />
      <p className="small muted">{t('finding.chartMore')}</p>
    </>
  );
}

/** How it came to be: raised, grown, put to rest, opened again. */
function History({ id }: { id: string }) {
  const { t } = useTexts();
  const events = useQuery(eventsQuery(id));
  return (
    <Section title={t('finding.history')}>
      <Loaded query={events} rows={3}>{(data) => <LedgerTimeline events={data.items} />}</Loaded>
    </Section>
  );
}

function Where({ id }: { id: string }) {
  const { t } = useTexts();
  const text = useCodeText();
  const place = useQuery(placeQuery(id)).data;
  if (!place) return null;
  return (
    <Section title={t('triage.place')}>
      <Facts
        facts={[
          { label: t('triage.substation'), value: <>{place.substation_name || place.substation}{place.region ? `, ${t(`region.${place.region}`)}` : ''}</> },
          { label: t('triage.feeder'), value: <Link to="/feeders/$id" params={{ id: place.feeder }} className="mono">{place.feeder}</Link> },
          place.declared_use ? { label: t('triage.use'), value: text('use', place.declared_use) } : null,
          place.holder ? { label: t('triage.holder'), value: place.holder } : null,
          place.holder_bin ? { label: t('triage.bin'), value: <Identifier value={place.holder_bin} /> } : null,
        ]}
      />
    </Section>
  );
}

function Aside({ finding }: { finding: Finding }) {
  const { t, language } = useTexts();
  return (
    <>
      <Where id={finding.id} />
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
  );
}

function Body({ finding }: { finding: Finding }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const series = useQuery(seriesQuery(finding.id));
  const onAct = (act: Act | undefined) => {
    const range = without(search, 'act');
    const next: FindingSearch = act ? { ...range, act } : range;
    void navigate({ to: '/findings/$id', params: { id: finding.id }, search: next, replace: true, resetScroll: false });
  };
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
        subtitle={<span>{finding.tier} · {t(`finding.tier.${finding.tier}`)}</span>}
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
      <Columns facts={<Aside finding={finding} />}>
        <div className={classes.argument}>
          <p className={classes.sentence}>{finding.explanation}</p>
          {finding.reason ? <Callout tone="unknown" title={t('finding.reasonGiven')}>{finding.reason}</Callout> : null}
          {finding.tier_reason ? (
            <Callout tone="unknown" title={t('triage.tierReason')}>
              {t(`triage.tierReason.${finding.tier_reason}`)}{' '}
              {finding.tier_reason === 'no_temperature' ? <Link to="/findings/weather" search={{}}>{t('rules.weather')}</Link> : null}
              {finding.tier_reason === 'prior' ? <Link to="/findings/rules">{t('rules.title')}</Link> : null}
            </Callout>
          ) : null}
          {finding.watch_until ? <Callout tone="wait"><>{t('triage.watch.now')} <Instant at={finding.watch_until} /></></Callout> : null}
          <Decide finding={finding} act={search.act} onAct={onAct} />
        </div>
        <div>
          <Suspense fallback={<Loading rows={4} />}>
            <Loaded query={series} rows={5}>
              {(data) => <Picture finding={finding} series={data} />}
            </Loaded>
          </Suspense>
        </div>
        {series.data ? <Steps series={series.data} /> : null}
        <Section title={t('finding.alternatives')}>
          <Codes prefix="alternative" codes={finding.evidence.alternatives} empty={t('finding.noAlternatives')} />
        </Section>
        <Refute finding={finding} />
        <Neighbours finding={finding.id} />
        <Exact finding={finding} />
        {can('ledger.read') ? <History id={finding.id} /> : null}
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
