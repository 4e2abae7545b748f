import { Button } from '@mantine/core';
import { useState } from 'react';
import { useCodeText, useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import { StateMark, type Tone } from '@ui/StateMark';
import { Callout } from '@ui/states';
import { Table } from '@ui/Table';
import { Facts, Instant, Kw } from '@ui/values';
import type { FieldEvent, Review, RigLine } from './api';
import classes from './Inspections.module.css';
import { EventBody, Flags } from './Progress';

const tones: Record<RigLine['match'], Tone> = { declared: 'ok', missing: 'stop', unknown: 'refuse', duplicate: 'refuse', elsewhere: 'refuse' };
const FIRST = 25;
const order = ['unknown', 'elsewhere', 'duplicate', 'missing', 'declared'] as const;

/** The power that is allowed and declared, and what the visit found: by nameplates, on displays and by clamp. */
function Power({ lines }: { lines: Review['power'] }) {
  const { t } = useTexts();
  if (lines.length === 0) return null;
  return (
    <Section title={t('inspection.power')} note={t('inspection.powerNote')}>
      <Table label={t('inspection.power')}>
        <thead>
          <tr>
            <th scope="col">{t('inspection.power.source')}</th>
            <th scope="col">{t('inspection.power.value')}</th>
            <th scope="col">{t('inspection.result')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={`${line.source} ${line.meter ?? ''}`}>
              <td>{t(`inspection.power.${line.source}`)}{line.meter ? <> · <span className="mono">{line.meter}</span></> : null}{line.rigs ? <> · <span className="num">{t('inspection.power.rigs', { n: line.rigs })}</span></> : null}</td>
              <td><Kw value={line.kw} />{line.part ? <span className="small muted"> {t('inspection.power.part')}</span> : null}</td>
              <td>{line.over ? <StateMark tone="refuse" label={t('inspection.power.over')} /> : null}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

/** Each serial number: as it is declared, and as it was found. What does not agree stands first. */
function Rigs({ rigs }: { rigs: readonly RigLine[] }) {
  const { t } = useTexts();
  const [all, setAll] = useState(false);
  const rows = [...rigs].sort((a, b) => order.indexOf(a.match) - order.indexOf(b.match) || a.serial.localeCompare(b.serial));
  return (
    <Section title={t('inspection.rigs')} note={t('inspection.rigsNote')}>
      {rigs.length === 0 ? (
        <p className="muted">{t('inspection.noRigs')}</p>
      ) : (
        <>
          <Facts layout="row" facts={order.map((match) => ({ label: t(`inspection.match.${match}`), value: <span className="num">{rigs.filter((rig) => rig.match === match).length}</span> }))} />
          <Table label={t('inspection.rigs')}>
            <thead>
              <tr>
                <th scope="col">{t('inspection.serial')}</th>
                <th scope="col">{t('inspection.model')}</th>
                <th scope="col">{t('inspection.declared')}</th>
                <th scope="col">{t('inspection.found')}</th>
                <th scope="col">{t('inspection.result')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, all ? undefined : FIRST).map((rig) => (
                <tr key={`${rig.match} ${rig.serial}`}>
                  <td className="mono">{rig.serial}</td>
                  <td>{rig.model ?? '–'}</td>
                  <td>{rig.match === 'elsewhere' ? (rig.site ?? '–') : t(rig.match === 'unknown' ? 'ui.no' : 'ui.yes')}</td>
                  <td>{rig.times > 0 ? <><span className="num">{rig.times}×</span>{rig.rack ? ` · ${rig.rack}` : ''}</> : t('ui.no')}</td>
                  <td><StateMark tone={tones[rig.match]} label={t(`inspection.match.${rig.match}`)} /></td>
                </tr>
              ))}
            </tbody>
          </Table>
          {rows.length > FIRST && !all ? <Button size="xs" variant="default" mt={12} onClick={() => setAll(true)}>{t('inspection.showAll', { n: rows.length })}</Button> : null}
        </>
      )}
    </Section>
  );
}

function Answers({ review }: { review: Review }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const answered = review.answers.filter(({ value }) => value !== undefined);
  const left = review.answers.filter(({ value, required }) => value === undefined && required);
  const shots = review.unanswered.filter((name) => name.startsWith('shot:')).length;
  return (
    <Section title={t('inspection.answers')} note={t('inspection.answersOf', { n: answered.length, of: review.answers.length })}>
      {left.length > 0 || shots > 0 ? (
        <Callout tone="stop" title={t('inspection.leftOpen')}>
          <ul>
            {left.map(({ question, text: words }) => <li key={question}>{words[language]}</li>)}
            {shots > 0 ? <li>{t('inspection.shotsLeft', { n: shots })}</li> : null}
          </ul>
        </Callout>
      ) : null}
      <ul className={classes.list}>
        {answered.map((answer) => (
          <li key={answer.question}>
            <span className="small muted">{answer.section[language]}</span>
            <strong>{answer.text[language]}</strong>
            <span>{text('inspection.choice', answer.value ?? '')}{answer.unit ? ` ${answer.unit}` : ''}</span>
            {answer.note ? <span className={classes.words}>{answer.note}</span> : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Events({ title, events, voided }: { title: string; events: readonly FieldEvent[]; voided: Record<string, string> }) {
  const { t } = useTexts();
  if (events.length === 0) return null;
  return (
    <Section title={title}>
      <ul className={classes.list}>
        {events.map((event) => (
          <li key={event.hash}>
            <span>{t(`inspection.event.${event.kind}`)}</span>
            <EventBody body={event.body} />
            {voided[event.id] ? <StateMark tone="unknown" label={t('inspection.voided', { reason: voided[event.id] })} /> : null}
            <Flags flags={event.flags} />
            <span className="small muted">{event.by_name ? `${event.by_name}, ` : ''}<Instant at={event.at} /></span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Texts that contradict each other under one id, side by side: nothing is thrown away, somebody has to look. */
function Conflicts({ conflicts }: { conflicts: Review['conflicts'] }) {
  const { t } = useTexts();
  if (conflicts.length === 0) return null;
  return (
    <Section title={t('inspection.conflicts')} note={t('inspection.conflictsNote')}>
      {conflicts.map((conflict) => (
        <div key={conflict.id} className={classes.versions}>
          {conflict.versions.map((version) => (
            <div key={version.hash} className={classes.version}>
              <strong>{t(`inspection.event.${version.kind}`)}</strong>
              <EventBody body={version.body} />
              {version.hash === conflict.counts ? <StateMark tone="ok" label={t('inspection.stands')} /> : null}
              <span className="small muted">{version.device_name ?? version.device} · <span className="num">№ {version.seq}</span></span>
              <span className="small muted">{t('inspection.atDevice')}: <Instant at={version.at} /></span>
              {version.recorded_at ? <span className="small muted">{t('inspection.atRecorded')}: <Instant at={version.recorded_at} /></span> : null}
              <span className="small muted">{t('inspection.atServer')}: <Instant at={version.received_at} /></span>
              <details>
                <summary>{t('inspection.signedText')}</summary>
                <pre className={`mono ${classes.payload}`}>{version.payload}</pre>
              </details>
            </div>
          ))}
        </div>
      ))}
    </Section>
  );
}

/** The protocol of the visit beside what is declared. */
export function ReviewSection({ review }: { review: Review }) {
  const { t } = useTexts();
  const { voided } = review;
  return (
    <>
      {review.access_refused ? (
        <Callout tone="refuse" title={t('inspection.refused')}>
          <EventBody body={review.access_refused.body} />
        </Callout>
      ) : null}
      {review.gaps.length > 0 ? (
        <Callout tone="stop" title={t('inspection.gaps')}>
          <p>{t('inspection.gapsText')}</p>
          <ul>
            {review.gaps.map((gap) => <li key={`${gap.device} ${gap.from}`} className="num">№ {gap.from}–{gap.to}</li>)}
          </ul>
        </Callout>
      ) : null}
      {review.started_at || review.summary ? (
        <Section title={t('inspection.protocol')}>
          <Facts layout="row" facts={[{ label: t('inspection.started'), value: <Instant at={review.started_at} /> }, { label: t('inspection.finished'), value: <Instant at={review.finished_at} /> }]} />
          {review.summary ? <p className={classes.words}>{review.summary}</p> : null}
        </Section>
      ) : null}
      <Conflicts conflicts={review.conflicts} />
      <Power lines={review.power} />
      <Rigs rigs={review.rigs} />
      {review.seized.length > 0 ? (
        <Section title={t('inspection.seized')}>
          <p className={`mono ${classes.words}`}>{review.seized.join(' ')}</p>
        </Section>
      ) : null}
      <Answers review={review} />
      <Events title={t('inspection.readings')} events={review.readings} voided={voided} />
      <Events title={t('inspection.racks')} events={review.racks} voided={voided} />
      <Events title={t('inspection.seals')} events={review.seals} voided={voided} />
      <Events title={t('inspection.notes')} events={review.notes} voided={voided} />
      <Events title={t('inspection.signatures')} events={review.signatures} voided={voided} />
    </>
  );
}
