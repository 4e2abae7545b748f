import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { toInstant } from '@shared/parse';
import { powerOf } from '@shared/table';
import { DateTimeField } from '@ui/DateTimeField';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import { answer, paperQuery, report, settle, sheetQuery, type AnswerInput, type PaperCheck, type Question } from './api';
import classes from './Paper.module.css';

const route = getRouteApi('/paper/$number');
const decisions: readonly AnswerInput['decision'][] = ['permit', 'refer', 'deny'];
const purposes: readonly Question['purpose'][] = ['mining', 'other', 'unknown'];
const events: readonly Question['event'][] = ['new_connection', 'reconnection', 'uprate', 'change_of_consumer'];
const blank = { date: '', time: '' };
const start = {
  point: '', applicant: '', license: '', kw: '', purpose: 'mining' as Question['purpose'], event: 'new_connection' as Question['event'], code: '',
  decision: 'permit' as AnswerInput['decision'], max: '', at: blank, person: '', energised: blank, load: '', meter: '', order: '',
};

/** One side of a form, typed in from paper. */
function Enter({ form, side }: { form: PaperCheck; side: 'answer' | 'report' }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [typed, setTyped] = useState(start);
  const [wrong, setWrong] = useState<string[]>([]);
  const set = (change: Partial<typeof start>) => setTyped((before) => ({ ...before, ...change }));
  const act = useMutation({
    mutationFn: (send: () => Promise<PaperCheck>) => send(),
    onSuccess: (next) => {
      client.setQueryData(paperQuery(form.number).queryKey, next);
      return Promise.all(['paper', 'checks'].map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
  const problem = act.error ? asProblem(act.error) : undefined;
  const fieldOf = (...pointers: string[]) => pointers.map((pointer) => problem?.field(pointer)).find(Boolean);
  const text = (name: 'point' | 'applicant' | 'license' | 'kw' | 'code' | 'max' | 'person' | 'load' | 'meter' | 'order', label: string, ...pointers: string[]) => (
    <TextInput label={label} autoComplete="off" value={typed[name]} onChange={(event) => set({ [name]: event.currentTarget.value })} error={wrong.includes(name) ? t('gate.powerWrong') : fieldOf(...pointers)} />
  );
  const submit = () => {
    const at = toInstant(typed.at.date, typed.at.time);
    const energised = toInstant(typed.energised.date, typed.energised.time);
    const powers = { kw: powerOf(typed.kw), max: typed.max.trim() ? powerOf(typed.max) : 0, load: typed.load.trim() ? powerOf(typed.load) : 0 };
    const unread = [at ? '' : 'at', energised === undefined ? 'energised' : '', ...(['kw', 'max', 'load'] as const).map((name) => (powers[name] === undefined ? name : ''))].filter(Boolean);
    setWrong(unread);
    if (unread.length > 0 || !at) return;
    const question: Question = {
      connection_point: typed.point.trim().toUpperCase(), applicant: typed.applicant.replace(/\s/g, ''), requested_kw: powers.kw ?? 0, purpose: typed.purpose, event: typed.event,
      ...(typed.license.trim() ? { license: typed.license.replace(/\s/g, '').toUpperCase() } : {}),
    };
    act.mutate(() =>
      side === 'answer'
        ? answer(form.number, { question, call_code: typed.code.trim(), decision: typed.decision, at, ...(typed.decision === 'permit' ? { max_kw: powers.max ?? 0 } : {}) })
        : report(form.number, {
            question, answer_code: typed.code.trim(), decision: typed.decision, at, person: typed.person.trim(),
            ...(energised ? { energised_at: energised, kw: powers.load ?? 0, meter_serial: typed.meter.trim(), switching_order: typed.order.trim() } : {}),
          }),
    );
  };
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <DateTimeField label={t('paper.at')} help={t('confirm.atHelp')} value={typed.at} onChange={(at) => set({ at })} error={wrong.includes('at') ? t('date.wrong') : fieldOf('/at')} />
      {text('point', t('gate.point'), '/connection_point', '/question/connection_point')}
      {text('applicant', t('gate.applicant'), '/applicant', '/question/applicant')}
      {text('license', t('gate.license'), '/license')}
      {text('kw', t('gate.kw'), '/requested_kw', '/question/requested_kw')}
      <NativeSelect label={t('gate.purpose')} value={typed.purpose} onChange={(event) => set({ purpose: purposes.find((item) => item === event.currentTarget.value) ?? 'mining' })}>
        {purposes.map((item) => <option key={item} value={item}>{t(`purpose.${item}`)}</option>)}
      </NativeSelect>
      <NativeSelect label={t('gate.event')} value={typed.event} onChange={(event) => set({ event: events.find((item) => item === event.currentTarget.value) ?? 'new_connection' })}>
        {events.map((item) => <option key={item} value={item}>{t(`gateEvent.${item}`)}</option>)}
      </NativeSelect>
      <NativeSelect label={t('paper.decision')} value={typed.decision} onChange={(event) => set({ decision: decisions.find((item) => item === event.currentTarget.value) ?? 'permit' })}>
        {decisions.map((item) => <option key={item} value={item}>{t(`state.decision.${item}`)}</option>)}
      </NativeSelect>
      {text('code', t(side === 'answer' ? 'paper.callCode' : 'paper.answerCode'), '/call_code', '/answer_code')}
      {side === 'answer' ? (
        typed.decision === 'permit' ? text('max', t('paper.max'), '/max_kw') : null
      ) : (
        <>
          {text('person', t('paper.person'), '/person')}
          <DateTimeField label={t('confirm.at')} help={t('paper.energisedHelp')} value={typed.energised} onChange={(energised) => set({ energised })} error={wrong.includes('energised') ? t('date.wrong') : fieldOf('/energised_at')} />
          {text('load', t('confirm.kw'), '/kw')}
          {text('meter', t('confirm.meter'), '/meter_serial')}
          {text('order', t('confirm.order'), '/switching_order')}
        </>
      )}
      <div><Button type="submit" loading={act.isPending}>{t('paper.save')}</Button></div>
    </form>
  );
}

function Side({ title, side }: { title: string; side: PaperCheck['answer'] | PaperCheck['report'] }) {
  const { t } = useTexts();
  return (
    <div>
      <h3>{title}</h3>
      {side ? (
        <Facts
          facts={[
            { label: t('paper.at'), value: <Instant at={side.at} /> },
            { label: t('gate.point'), value: <span className="mono">{side.question.connection_point}</span> },
            { label: t('gate.applicant'), value: <span className="mono">{side.question.applicant}</span> },
            { label: t('gate.requested'), value: <Kw value={side.question.requested_kw} /> },
            { label: t('paper.decision'), value: <State noun="decision" state={side.decision} /> },
            'max_kw' in side ? { label: t('gate.cap'), value: <Kw value={side.max_kw} /> } : null,
            'person' in side ? { label: t('paper.person'), value: side.person } : null,
            'energised_at' in side && side.energised_at ? { label: t('confirm.at'), value: <><Instant at={side.energised_at} /> <Kw value={side.kw} /></> } : null,
            { label: t('paper.entered'), value: <Instant at={side.entered_at} /> },
          ]}
        />
      ) : (
        <p className="muted">{t('paper.notEntered')}</p>
      )}
    </div>
  );
}

function Settle({ form }: { form: PaperCheck }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const act = useMutation({ mutationFn: () => settle(form.number, reason.trim()), onSuccess: () => client.invalidateQueries({ queryKey: ['paper'] }) });
  const problem = act.error ? asProblem(act.error) : undefined;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate();
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={t('mismatch.reason')} description={t('mismatch.reasonHelp')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      <div><Button type="submit" loading={act.isPending} disabled={reason.trim() === ''}>{t('paper.settle')}</Button></div>
    </form>
  );
}

/** One check by phone: both sides, what the gate would have said, and what differs. */
export function PaperPage() {
  const { t } = useTexts();
  const { number } = route.useParams();
  const query = useQuery(paperQuery(number));
  return (
    <Loaded query={query}>
      {(form) => (
        <Page title={form.number} back={<Link to="/paper" search={{}}><BackLabel>{t('paper.title')}</BackLabel></Link>} lead={<State noun="paper" state={form.state} />}>
          {form.differences.length > 0 ? (
            <Callout tone={form.state === 'differs' ? 'refuse' : 'stop'} title={t('paper.differences')}>
              <ul>{form.differences.map((one) => <li key={one}>{t(`paper.difference.${one}`)}</li>)}</ul>
            </Callout>
          ) : null}
          <div className={classes.sides}>
            <Side title={t('paper.registrySide')} side={form.answer} />
            <Side title={t('paper.utilitySide')} side={form.report} />
            <div>
              <h3>{t('paper.gate')}</h3>
              {form.gate ? (
                <Facts facts={[{ label: t('paper.then'), value: <State noun="decision" state={form.gate} /> }, form.gate_reasons.length > 0 ? { label: t('gate.reasons'), value: <span className="mono small">{form.gate_reasons.join(', ')}</span> } : null, form.check ? { label: t('paper.load'), value: <Link to="/gate/checks/$id" params={{ id: form.check }}>{t('gate.explain')}</Link> } : null]} />
              ) : (
                <p className="muted">{t('paper.gateLater')}</p>
              )}
            </div>
          </div>
          {form.state === 'differs' && !form.allowed.includes('settle') ? <p className="muted">{t('paper.anotherSettles')}</p> : null}
          {form.reason ? <Section title={t('mismatch.decided')}><p>{form.reason}</p></Section> : null}
          {form.allowed.includes('answer') ? <Section title={t('paper.registrySide')}><Enter form={form} side="answer" /></Section> : null}
          {form.allowed.includes('report') ? <Section title={t('paper.utilitySide')}><Enter form={form} side="report" /></Section> : null}
          {form.allowed.includes('settle') ? <Section title={t('mismatch.decideTitle')}><Settle form={form} /></Section> : null}
        </Page>
      )}
    </Loaded>
  );
}

const sheetRoute = getRouteApi('/paper/sheets/$id');

/** The sheet of a block, to be printed: the utility's for its dispatchers, the registry's with the codes of the answers. */
export function PaperSheet() {
  const { t } = useTexts();
  const { id } = sheetRoute.useParams();
  const query = useQuery(sheetQuery(id));
  return (
    <Loaded query={query}>
      {(sheet) => {
        const codes = sheet.lines.some((line) => line.permit_code);
        return (
          <Page title={`${sheet.utility_name}: ${sheet.first} – ${sheet.last}`} back={<Link to="/paper" search={{}}><BackLabel>{t('paper.title')}</BackLabel></Link>} action={<Button className="no-print" onClick={() => window.print()}>{t('gate.print')}</Button>}>
            <p>{t(codes ? 'paper.sheetRegistry' : 'paper.sheetUtility')}</p>
            <div className={`${classes.sheet} ${classes.wide}`}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t('paper.number')}</th>
                    <th scope="col">{t('paper.callCode')}</th>
                    {codes ? decisions.map((item) => <th key={item} scope="col">{t(`state.decision.${item}`)}</th>) : <><th scope="col">{t('paper.at')}</th><th scope="col">{t('gate.point')}</th><th scope="col">{t('gate.kw')}</th><th scope="col">{t('paper.decision')}</th><th scope="col">{t('paper.answerCode')}</th></>}
                  </tr>
                </thead>
                <tbody>
                  {sheet.lines.map((line) => (
                    <tr key={line.number}>
                      <th scope="row" className="mono">{line.number}</th>
                      <td className="mono">{line.call_code ?? '–'}</td>
                      {codes ? <><td className="mono">{line.permit_code}</td><td className="mono">{line.refer_code}</td><td className="mono">{line.deny_code}</td></> : [0, 1, 2, 3, 4].map((i) => <td key={i} className={classes.blank}> </td>)}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </Page>
        );
      }}
    </Loaded>
  );
}
