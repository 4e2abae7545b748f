import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { wallOf } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { toInstant } from '@shared/parse';
import { useCan } from '@shared/session';
import { DateTimeField } from '@ui/DateTimeField';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Refusal } from '@ui/Refusal';
import { Table } from '@ui/Table';
import { TableInput, type MappedRow } from '@ui/TableInput';
import { Instant, Kwh } from '@ui/values';
import { meterQuery } from './api';
import { correctionQuery, correctionsQuery, decide, intervalsOf, preview, propose, QUARTER, type Correction, type CorrectionBody } from './evidence';
import { CorrectionLine } from './EvidenceSections';
import { freshKey } from './polling';
import classes from './MeterPage.module.css';

const route = getRouteApi('/meters/$id/correction');
const reasons = ['meter_fault', 'wrong_ratio', 'wrong_clock', 'missing_data', 'file_replaced', 'decision', 'withdrawn'] as const;
const fields = [
  { name: 'start', needed: true, words: ['start', 'time', 'timestamp', 'начало', 'время', 'басталуы', 'уақыт'] },
  { name: 'kwh', needed: true, words: ['kwh', 'energy', 'квтч', 'энергия', 'квтсағ'] },
  { name: 'export_kwh', words: ['export_kwh', 'export', 'отдача', 'беру'] },
];

/** Each quarter of an hour before and after. */
function Compared({ view }: { view: Correction }) {
  const { t } = useTexts();
  const text = useCodeText();
  return (
    <>
      <p>{t('putright.sum')} <Kwh value={view.before_kwh} /> → <strong><Kwh value={view.after_kwh} /></strong></p>
      <Table label={t('putright.compared')}>
        <thead><tr><th>{t('chunks.start')}</th><th>{t('putright.before')}</th><th>{t('putright.after')}</th><th>{t('putright.was')}</th></tr></thead>
        <tbody>
          {(view.rows ?? []).slice(0, 192).map((row) => (
            <tr key={row.start}>
              <td><Instant at={row.start} /></td>
              <td><Kwh value={row.before_kwh} /></td>
              <td><Kwh value={row.after_kwh} /></td>
              <td>{(row.was ?? []).map((source) => text('readingSource', source)).join(', ') || '–'}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      {(view.rows ?? []).length > 192 ? <p className="small muted">{t('putright.more', { count: (view.rows ?? []).length - 192 })}</p> : null}
    </>
  );
}

function Form({ id }: { id: string }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [key, setKey] = useState(freshKey);
  const [reason, setReason] = useState<(typeof reasons)[number]>('meter_fault');
  const [rows, setRows] = useState<MappedRow[]>([]);
  const [act, setAct] = useState('');
  const [note, setNote] = useState('');
  const [from, setFrom] = useState(() => wallOf(new Date(Math.floor(Date.now() / QUARTER - 8) * QUARTER)));
  const [until, setUntil] = useState(() => wallOf(new Date(Math.floor(Date.now() / QUARTER - 4) * QUARTER)));
  const { intervals, wrong } = useMemo(() => intervalsOf(rows), [rows]);
  const withdrawn = reason === 'withdrawn';
  const first = intervals[0]?.start;
  const last = intervals[intervals.length - 1]?.start;
  const begin = withdrawn ? toInstant(from.date, from.time) : first;
  const end = withdrawn ? toInstant(until.date, until.time) : last && new Date(Date.parse(last) + QUARTER).toISOString();
  const body: CorrectionBody | undefined = begin && end && wrong.length === 0 ? { from: begin, until: end, reason, act: act.trim(), ...(note.trim() ? { note: note.trim() } : {}), intervals: withdrawn ? [] : intervals } : undefined;
  const look = useMutation({ mutationFn: (what: CorrectionBody) => preview(id, what) });
  const send = useMutation({
    mutationFn: (what: CorrectionBody) => propose(id, what, key),
    onSuccess: async () => {
      look.reset();
      setKey(freshKey());
      await client.invalidateQueries({ queryKey: ['meter', id] });
    },
  });
  const problem = look.error ? asProblem(look.error) : send.error ? asProblem(send.error) : undefined;
  const changed = () => {
    look.reset();
    send.reset();
    setKey(freshKey());
  };
  return (
    <form
      className={classes.form}
      noValidate
      onChange={changed}
      onSubmit={(event) => {
        event.preventDefault();
        if (body) look.mutate(body);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <NativeSelect label={t('putright.why')} value={reason} data={reasons.map((value) => ({ value, label: t(`putright.reason.${value}`) }))} onChange={(event) => setReason(event.currentTarget.value as typeof reason)} />
      {withdrawn ? (
        <>
          <DateTimeField label={t('putright.from')} help={t('putright.quarterHelp')} value={from} onChange={setFrom} error={problem?.field('/from')} />
          <DateTimeField label={t('putright.until')} help={t('putright.quarterHelp')} value={until} onChange={setUntil} error={problem?.field('/until')} />
        </>
      ) : (
        <>
          <p className="small muted">{t('putright.tableHelp')}</p>
          <TableInput fields={fields} texts="putright.field" onRows={(next) => { setRows(next); changed(); }} />
          {wrong.length > 0 ? <p role="alert">{t('putright.wrongLines', { lines: wrong.slice(0, 20).join(', ') })}</p> : null}
        </>
      )}
      <TextInput label={t('putright.act')} autoComplete="off" value={act} onChange={(event) => setAct(event.currentTarget.value)} error={problem?.field('/act')} />
      <Textarea label={t('putright.note')} autosize minRows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} />
      <div><Button type="submit" variant="default" loading={look.isPending} disabled={!body}>{t('putright.preview')}</Button></div>
      {look.data ? (
        <>
          <Compared view={look.data} />
          <p className="small muted">{t('putright.consequence')}</p>
          <div><Button type="button" loading={send.isPending} disabled={!body} onClick={() => body && send.mutate(body)}>{t('putright.propose')}</Button></div>
        </>
      ) : null}
    </form>
  );
}

/** A correction that waits: what it changes, and the decision of another person. */
function Waiting({ id, row }: { id: string; row: Correction }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const query = useQuery(correctionQuery(id, row.id ?? ''));
  const act = useMutation({
    mutationFn: (what: 'confirmation' | 'rejection') => decide(id, row, what),
    onSuccess: () => client.invalidateQueries({ queryKey: ['meter', id] }),
  });
  return (
    <Section title={t('putright.waiting')}>
      {act.error ? <Refusal problem={asProblem(act.error)} again={() => act.mutate('confirmation')} /> : null}
      <p><CorrectionLine row={row} /></p>
      <Loaded query={query} rows={3}>{(view) => <Compared view={view} />}</Loaded>
      {row.note ? <p>{row.note}</p> : null}
      <div className={classes.windows}>
        {row.mine ? <p className="small muted">{t('putright.mine')}</p> : <Button loading={act.isPending} onClick={() => act.mutate('confirmation')}>{t('putright.confirm')}</Button>}
        <Button variant="default" loading={act.isPending} onClick={() => act.mutate('rejection')}>{t(row.mine ? 'putright.takeBack' : 'putright.reject')}</Button>
      </div>
    </Section>
  );
}

/** Puts intervals of a meter right: proposed by one person, confirmed by another. */
export function CorrectionPage() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const can = useCan();
  const meter = useQuery({ ...meterQuery(id), refetchInterval: false });
  const list = useQuery(correctionsQuery(id));
  const waiting = list.data?.items.find((row) => row.state === 'proposed');
  return (
    <Loaded query={meter}>
      {(found) => (
        <Page title={t('putright.pageTitle', { code: found.code })} back={<Link to="/meters/$id" params={{ id }}><BackLabel>{found.code}</BackLabel></Link>} width="reading">
          <p className="muted">{t('putright.lead')}</p>
          {!can('reading.correct') ? <p>{t('putright.notYou')}</p> : list.data === undefined ? null : waiting ? <Waiting id={id} row={waiting} /> : <Form id={id} />}
        </Page>
      )}
    </Loaded>
  );
}
