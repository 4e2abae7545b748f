import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { kw } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { summary, type Point } from '@shared/series';
import { useCan } from '@shared/session';
import { isPast, useMoment } from '@shared/moment';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Empty, Loading } from '@ui/states';
import { Age, Facts, Identifier, Kw, Kwh, LegalDate } from '@ui/values';
import { meterQuery, readingsQuery, type Interval, type Meter } from './api';
import { ExchangesSection, PollingSections, ProfileSection } from './PollingSections';
import { RatiosSection } from './RatiosSection';
import { CommissionedSection } from './CommissionedSection';
import { Disagreements } from './Disagreements';
import { ChunksSection, CorrectionsSection } from './EvidenceSections';
import { spanOf, windows } from './span';
import classes from './MeterPage.module.css';

const Chart = lazy(async () => ({ default: (await import('@ui/Chart')).Chart }));
const route = getRouteApi('/meters/$id');

const pointsOf = (items: readonly Interval[]): Point[] =>
  items.map((item) => ({ at: Date.parse(item.at) / 1000, value: item.kw ?? null, good: item.quality === 'good' || item.quality === 'complete' || item.quality === '' }));

function Energy({ items }: { items: readonly Interval[] }) {
  const summed = items.reduce((sum, item) => sum + (item.kwh ?? 0), 0);
  if (summed > 0) return <Kwh value={summed} />;
  const counters = items.flatMap((item) => (item.e_import_wh === undefined ? [] : [item.e_import_wh]));
  const first = counters[0];
  const last = counters[counters.length - 1];
  return first !== undefined && last !== undefined && last >= first ? <Kwh value={(last - first) / 1000} /> : <span>–</span>;
}

function Kpi({ label, children, note }: { label: string; children: React.ReactNode; note?: React.ReactNode }) {
  return (
    <div className={classes.kpi}>
      <span className="small muted">{label}</span>
      <span className={classes.value}>{children}</span>
      <span className="small muted">{note}</span>
    </div>
  );
}

function Live({ meter }: { meter: Meter }) {
  const { t } = useTexts();
  const fresh = meter.last_at !== undefined && Date.now() - Date.parse(meter.last_at) < Math.max(60_000, (meter.interval_s ?? 10) * 3000);
  return (
    <span>
      <StateMark tone={fresh ? 'ok' : meter.last_at ? 'stop' : 'unknown'} label={t(fresh ? 'meter.live' : meter.last_at ? 'meter.stale' : 'meter.never')} />
      </span>
  );
}

function Picture({ meter, id }: { meter: Meter; id: string }) {
  const { t, language } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const span = spanOf(search);
  const query = useQuery(readingsQuery(id, span));
  const items = query.data;
  const points = useMemo(() => pointsOf(items ?? []), [items]);
  const { max } = summary(points);
  const fixed = search.from !== undefined;
  const permitted = meter.permitted_kw;
  const limit = useMemo(() => (permitted ? { value: permitted, label: t('meter.permittedLabel', { kw: kw(permitted, language) }) } : undefined), [permitted, t, language]);
  return (
    <>
      <div className={classes.kpis}>
        <Kpi label={t('meter.now')} note={meter.last_at ? <Age at={meter.last_at} every={1000} /> : null}><Kw value={meter.now_kw} /></Kpi>
        <Kpi label={t('meter.permitted')} note={permitted && meter.now_kw !== undefined ? t('meter.shareOf', { percent: Math.round((meter.now_kw / permitted) * 100) }) : null}><Kw value={permitted} /></Kpi>
        <Kpi label={t('meter.max')} note={t(fixed ? 'meter.inRange' : `meter.window.${search.window ?? '24h'}`)}><Kw value={max} /></Kpi>
        <Kpi label={t('meter.energy')} note={t(fixed ? 'meter.inRange' : `meter.window.${search.window ?? '24h'}`)}><Energy items={items ?? []} /></Kpi>
      </div>
      <div className={`${classes.windows} no-print`} role="group" aria-label={t('meter.range')}>
        {windows.map((window) => (
          <Link key={window} to="/meters/$id" params={{ id }} search={{ window }} replace aria-current={!fixed && (search.window ?? '24h') === window ? 'true' : undefined} activeProps={{ className: '' }}>
            {t(`meter.window.${window}`)}
          </Link>
        ))}
        <span className="small muted">{t(`meter.resolution.${span.resolution}`)}</span>
      </div>
      <Loaded query={query} rows={5}>
        {() =>
          points.length === 0 ? (
            <Empty title={t('meter.noReadings')}>{t('meter.noReadingsHelp')}</Empty>
          ) : (
            <Suspense fallback={<Loading rows={4} />}>
              <Chart
                label={t('meter.power')}
                points={points}
                limit={limit}
                height={340}
                onRange={(range) => void navigate({ to: '/meters/$id', params: { id }, search: { from: range.from, to: range.to } })}
                {...(fixed ? { onReset: () => void navigate({ to: '/meters/$id', params: { id }, search: {} }) } : {})}
              />
              <p className="small muted">{t('meter.chartHelp')}</p>
            </Suspense>
          )
        }
      </Loaded>
    </>
  );
}

/** Where the readings of the span come from, when they do not all come from the meter. */
function Origin({ id }: { id: string }) {
  const { t } = useTexts();
  const text = useCodeText();
  const { data } = useQuery(readingsQuery(id, spanOf(route.useSearch())));
  const sources = [...new Set((data ?? []).flatMap((item) => item.sources ?? []))];
  return sources.length > 0 ? <p className="small muted">{t('readingSource.of', { sources: sources.map((source) => text('readingSource', source)).join(', ') })}</p> : null;
}

function Body({ meter, id }: { meter: Meter; id: string }) {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const past = isPast(useMoment());
  const text = useCodeText();
  const ratio = (num: number | undefined, den: number | undefined) => ((num ?? 1) === (den ?? 1) ? t('meter.direct') : `${num ?? 1} : ${den ?? 1}`);
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/grid" search={{ node: meter.node_code ?? meter.node }}>
            <BackLabel>{t('nav.grid')}</BackLabel>
          </Link>
        }
        kind={t('meter.kind')}
        number={<Identifier value={meter.code} />}
        title={meter.code}
        state={<Live meter={meter} />}
        subtitle={<span>{text('meterRole', meter.role)}</span>}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('meter.measures'), value: <span className="mono">{meter.node_code ?? meter.node}</span> },
              { label: t('meter.serial'), value: <Identifier value={meter.serial} /> },
              { label: t('meter.profile'), value: <span className="mono">{meter.profile}</span> },
              { label: t('meter.class'), value: meter.accuracy_class || '–' },
            ]}
          />
        }
      />
      <Columns
        facts={
          <>
          <Section title={t('meter.wiring')}>
            <Facts
              facts={[
                { label: t('meter.ct'), value: ratio(meter.ct_num, meter.ct_den) },
                { label: t('meter.vt'), value: ratio(meter.vt_num, meter.vt_den) },
                { label: t('meter.endpoint'), value: <span className="mono">{meter.url || '–'}</span> },
                { label: t('meter.unit'), value: <span className="num">{meter.unit}</span> },
                { label: t('meter.interval'), value: t('meter.everySeconds', { count: meter.interval_s ?? 0 }) },
                { label: t('meter.verified'), value: <LegalDate date={meter.verified_until} /> },
                { label: t('meter.quality'), value: meter.last_quality ? text('quality', meter.last_quality) : '–' },
              ]}
            />
          </Section>
          {past ? null : <CommissionedSection id={id} />}
          <RatiosSection id={id} />
          <ExchangesSection id={id} action={can('meter.write') && !past ? <Link to="/meters/$id/exchange" params={{ id }}>{t('exchange.record')}</Link> : null} />
          {past ? null : <CorrectionsSection id={id} action={can('reading.correct') ? <Link to="/meters/$id/correction" params={{ id }}>{t('putright.open')}</Link> : null} />}
          <ProfileSection id={id} />
          </>
        }
      >
        <div className={classes.picture}>
          <Picture meter={meter} id={id} />
          <Origin id={id} />
          <Disagreements id={id} span={spanOf(search)} />
          {past || !meter.url ? null : <PollingSections id={id} />}
          {past ? null : <ChunksSection id={id} />}
        </div>
      </Columns>
    </>
  );
}

/** One meter: power now, and as a chart of any range. */
export function MeterPage() {
  const { id } = route.useParams();
  const query = useQuery(meterQuery(id));
  return <Loaded query={query}>{(meter) => <Body meter={meter} id={id} />}</Loaded>;
}
