import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { exactInstant, exactWall, kw, kwNumber } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { findingQuery, placeQuery, seriesQuery, type Finding, type FindingSeries } from './api';
import { Numbers } from './Evidence';
import { rowsOf } from './FindingPage';
import { PaperChart } from './PaperChart';
import classes from './Paper.module.css';

const route = getRouteApi('/findings/$id/print');

function Part({ title, prefix, codes }: { title: string; prefix: string; codes: readonly string[] }) {
  const text = useCodeText();
  if (codes.length === 0) return null;
  return (
    <section className={classes.part}>
      <h2>{title}</h2>
      <ul>{codes.map((code) => <li key={code}>{text(prefix, code)}</li>)}</ul>
    </section>
  );
}

function Sheet({ finding, series }: { finding: Finding; series: FindingSeries }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const place = useQuery(placeQuery(finding.id)).data;
  const [now] = useState(() => new Date());
  const rows = useMemo(() => rowsOf(series), [series]);
  const marks = series.steps.map((step) => Date.parse(step.at) / 1000);
  const limit = series.items.findLast((item) => item.limit_kw !== undefined)?.limit_kw;
  const { evidence } = finding;
  return (
    <article className={classes.sheet}>
      <div className={classes.head}>
        <strong>{t('finding.kind')} {finding.target} · {finding.tier} · {text('rule', finding.rule)}</strong>
        <span>{t(`state.finding.${finding.state}`)} · {t('triage.print.at')} {exactWall(now)}</span>
      </div>
      <p className={classes.sentence}>{finding.explanation}</p>
      <p>
        {t('finding.estimated')}: {kw(finding.estimated_kw, language)} ({t('finding.interval', { low: kwNumber(finding.low_kw, language), high: kwNumber(finding.high_kw, language) })})
        {finding.rigs_high > 0 ? ` · ${t('finding.rigs')}: ${finding.rigs_low}–${finding.rigs_high}` : ''}
        {place ? ` · ${place.substation_name || place.substation}, ${place.feeder}${place.holder ? ` · ${place.holder} ${place.holder_bin ?? ''}` : ''}` : ''}
      </p>
      {rows.length > 0 ? (
        <>
          <PaperChart title={t('triage.print.measured')} rows={rows} line="measured" height={220} limit={limit} marks={marks} />
          <PaperChart title={t('finding.residual')} rows={rows} line="residual" height={120} band={finding.evidence.numbers?.u95_kw} marks={marks} />
        </>
      ) : null}
      {series.steps.length > 0 ? (
        <section className={classes.part}>
          <h2>{t('steps.title')}</h2>
          <ul>{series.steps.map((step) => <li key={step.at}>{exactInstant(step.at, language)}: {kw(step.before_kw, language)} → {kw(step.after_kw, language)}</li>)}</ul>
        </section>
      ) : null}
      <section className={classes.part}>
        <h2>{t('finding.evidence')}</h2>
        <Numbers finding={finding} />
      </section>
      <Part title={t('finding.alternatives')} prefix="alternative" codes={evidence.alternatives} />
      <Part title={t('finding.refute')} prefix="refutation" codes={evidence.refutations} />
      <section className={classes.part}>
        <h2>{t('triage.print.readings')}</h2>
        <p>{exactInstant(evidence.from, language)} – {exactInstant(evidence.to, language)} · {finding.rule} {finding.rule_version}</p>
        <p className={classes.ids}>{evidence.meters.join(' · ')}</p>
        <p className={classes.ids}>{finding.id} · v{finding.version}</p>
      </section>
    </article>
  );
}

/** A finding on A4: the sentence, the pictures, the numbers and what would refute it. */
export function PrintFinding() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const finding = useQuery(findingQuery(id));
  const series = useQuery(seriesQuery(id));
  return (
    <Page title={t('triage.print.title')} back={<Link to="/findings/$id" params={{ id }} search={{}}><BackLabel>{t('finding.kind')}</BackLabel></Link>} action={<Button className="no-print" onClick={() => window.print()}>{t('gate.print')}</Button>}>
      <Loaded query={finding}>{(found) => <Loaded query={series}>{(drawn) => <Sheet finding={found} series={drawn} />}</Loaded>}</Loaded>
    </Page>
  );
}
