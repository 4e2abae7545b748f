import { Anchor, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { count } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { StateMark } from '@ui/StateMark';
import { Table } from '@ui/Table';
import { Identifier, Instant, Kwh } from '@ui/values';
import { chunksQuery, correctionsQuery, type Chunk, type Correction } from './evidence';
import classes from './MeterPage.module.css';

const FIRST = 8;

function Row({ id, chunk }: { id: string; chunk: Chunk }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const place = `/v1/meters/${encodeURIComponent(id)}/chunks/${chunk.start}`;
  return (
    <tr>
      <td>
        <Instant at={chunk.start} />
        {chunk.version > 1 ? <span className="small muted"> {t('chunks.version', { version: chunk.version })}</span> : null}
      </td>
      <td className="num">{count(chunk.readings, language)}</td>
      <td>{chunk.sources.length > 0 ? chunk.sources.map((source) => text('readingSource', source)).join(', ') : '–'}</td>
      <td className="mono">{chunk.layouts.length > 0 ? chunk.layouts.map((layout) => layout.profile).join(', ') : t('chunks.noRegisters')}</td>
      <td><Identifier value={chunk.digest} shorten="middle" /></td>
      <td className="num">{chunk.ledger_index ?? '–'}</td>
      <td>
        <Anchor size="sm" href={`${place}/bytes?version=${chunk.version}`} download aria-label={t('chunks.bytesOf', { at: chunk.start })}>{t('chunks.bytes')}</Anchor>
        {' · '}
        <Anchor size="sm" href={`${place}?version=${chunk.version}`} target="_blank" rel="noreferrer" aria-label={t('chunks.registersOf', { at: chunk.start })}>{t('chunks.registers')}</Anchor>
      </td>
    </tr>
  );
}

/** The sealed quarter hours of a day: what is evidence of the meter's readings. */
export function ChunksSection({ id }: { id: string }) {
  const { t } = useTexts();
  const [all, setAll] = useState(false);
  const query = useQuery(chunksQuery(id));
  return (
    <Section title={t('chunks.title')}>
      <p className="small muted">{t('chunks.proves')}</p>
      <Loaded query={query} rows={3}>
        {(found) => {
          const rows = found.items.slice().reverse();
          if (rows.length === 0) return <p className="muted small">{t('chunks.none')}</p>;
          return (
            <>
              <Table label={t('chunks.title')}>
                <thead>
                  <tr><th>{t('chunks.start')}</th><th>{t('chunks.readings')}</th><th>{t('chunks.sources')}</th><th>{t('meter.profile')}</th><th>{t('chunks.digest')}</th><th>{t('chunks.entry')}</th><th>{t('chunks.get')}</th></tr>
                </thead>
                <tbody>{(all ? rows : rows.slice(0, FIRST)).map((chunk) => <Row key={`${chunk.start}/${chunk.version}`} id={id} chunk={chunk} />)}</tbody>
              </Table>
              {rows.length > FIRST && !all ? <div><Button size="xs" variant="default" onClick={() => setAll(true)}>{t('chunks.all', { count: rows.length })}</Button></div> : null}
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

export const correctionTone = { proposed: 'wait', applied: 'ok', rejected: 'unknown' } as const;

export function CorrectionLine({ row }: { row: Correction }) {
  const { t } = useTexts();
  const text = useCodeText();
  return (
    <>
      <StateMark tone={correctionTone[row.state]} label={t(`putright.state.${row.state}`)} /> <Instant at={row.from} /> – <Instant at={row.until} />
      <br />
      <span className="small">{text('putright.reason', row.reason)}, {t('putright.actOf', { act: row.act })}</span>
      {row.before_kwh !== undefined && row.after_kwh !== undefined ? (
        <span className="small muted"> · <Kwh value={row.before_kwh} /> → <Kwh value={row.after_kwh} /></span>
      ) : null}
    </>
  );
}

/** What was put right of a meter's intervals. */
export function CorrectionsSection({ id, action }: { id: string; action?: React.ReactNode }) {
  const { t } = useTexts();
  const { data } = useQuery(correctionsQuery(id));
  return (
    <Section title={t('putright.title')} action={action}>
      {data && data.items.length > 0 ? (
        <ul className={classes.exchanges}>
          {data.items.map((row) => (
            <li key={row.id}>
              <CorrectionLine row={row} />
              {row.state === 'proposed' ? <div><Link to="/meters/$id/correction" params={{ id }}>{t('putright.look')}</Link></div> : null}
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted small">{t('putright.none')}</p>
      )}
    </Section>
  );
}
