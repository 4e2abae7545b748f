import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { bodyFacts } from '@shared/events';
import { number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Age, Facts, Instant } from '@ui/values';
import { fieldEventsQuery, historyQuery, isLive, type FieldEvent, type Inspection } from './api';
import classes from './Inspections.module.css';

const FIRST = 10;

/** The flags of an event, in words. */
export function Flags({ flags }: { flags: readonly string[] }) {
  const { t } = useTexts();
  return flags.length === 0 ? null : (
    <>
      {flags.map((flag) => <StateMark key={flag} tone="stop" label={t(`inspection.flag.${flag}`)} />)}
    </>
  );
}

/** What an event says, as names and values; a code has its word, and a number is written as in the reader's language. */
export function EventBody({ body }: { body: unknown }) {
  const text = useCodeText();
  const { t, has, language } = useTexts();
  const valueOf = (name: string, value: string) => {
    if (has(`inspection.value.${name}.${value}`)) return t(`inspection.value.${name}.${value}`);
    return name === 'value' && value !== '' && Number.isFinite(Number(value)) ? number(Number(value), value.split('.')[1]?.length ?? 0, language) : value;
  };
  return <span className="small">{bodyFacts(body).map(({ name, value }) => `${text('inspection.body', name)}: ${valueOf(name, value)}`).join(' · ')}</span>;
}

function One({ event }: { event: FieldEvent }) {
  const { t } = useTexts();
  return (
    <li>
      <strong>{t(`inspection.event.${event.kind}`)}</strong>
      <EventBody body={event.body} />
      <Flags flags={event.flags} />
      <span className="small muted">
        {event.by_name ? `${event.by_name}, ` : ''}{event.device_name ? `${event.device_name} · ` : ''}<span className="num">№ {event.seq}</span> · <Instant at={event.at} /> · {t(event.index === undefined ? 'inspection.received' : 'inspection.sealed')}
      </span>
    </li>
  );
}

/** How the visit goes: what has come in from the field, the newest first. */
export function Progress({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const query = useQuery(fieldEventsQuery(row));
  const [all, setAll] = useState(false);
  return (
    <Section title={t('inspection.progress')} note={isLive(row) ? t('inspection.live') : undefined}>
      <Facts
        layout="row"
        facts={[
          { label: t('inspection.records'), value: <span className="num" aria-live="polite">{row.events}</span> },
          { label: t('inspection.photos'), value: <span className="num">{row.photos}</span> },
          { label: t('inspection.lastRecord'), value: <Age at={row.last_event_at} /> },
        ]}
      />
      <Loaded query={query} rows={3}>
        {({ items }) => {
          const newest = [...items].sort((a, b) => b.at.localeCompare(a.at) || b.seq - a.seq);
          return items.length === 0 ? (
            <p className="muted">{t('inspection.noRecords')}</p>
          ) : (
            <>
              <ul className={classes.list}>
                {newest.slice(0, all ? undefined : FIRST).map((event) => <One key={event.hash} event={event} />)}
              </ul>
              {items.length > FIRST && !all ? <Button size="xs" variant="default" mt={12} onClick={() => setAll(true)}>{t('inspection.showAll', { n: items.length })}</Button> : null}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

/** Whether the team has what it needs on its devices. Only the ledger knows who took it. */
export function PackSection({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const query = useQuery(historyQuery(row));
  return (
    <Section title={t('inspection.pack')} note={t('inspection.packNote')}>
      <Loaded query={query} rows={2}>
        {({ items }) => {
          const taken = items.filter(({ kind }) => kind === 'inspection.pack_taken').sort((a, b) => b.at.localeCompare(a.at));
          const [last] = taken;
          if (!last) return <StateMark tone="wait" label={t('inspection.packNotTaken')} />;
          const changed = items.some(({ kind, at }) => at > last.at && (kind === 'inspection.legal_changed' || kind === 'inspection.reassigned'));
          return (
            <>
              <StateMark tone={changed ? 'stop' : 'ok'} label={t(changed ? 'inspection.packOlder' : 'inspection.packTaken')} />
              <p className="small muted">{last.actor ? `${last.actor}, ` : ''}<Instant at={last.at} /></p>
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}
