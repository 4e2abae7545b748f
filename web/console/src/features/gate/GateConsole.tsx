import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import { newKey } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { toInstant } from '@shared/parse';
import { powerOf } from '@shared/table';
import { DateTimeField, type Typed } from '@ui/DateTimeField';
import { Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { Answer } from './Answer';
import { check, pointsQuery, type CheckInput } from './api';
import { Scan } from './Scan';
import classes from './GateConsole.module.css';

const route = getRouteApi('/gate');
const purposes: readonly CheckInput['purpose'][] = ['mining', 'other', 'unknown'];
const events: readonly CheckInput['event'][] = ['new_connection', 'reconnection', 'uprate', 'change_of_consumer'];

interface Form {
  reference: string;
  point: string;
  applicant: string;
  license: string;
  kw: string;
  purpose: CheckInput['purpose'];
  event: CheckInput['event'];
  planned: Typed;
}

function inputOf(form: Form): CheckInput {
  const planned = toInstant(form.planned.date, form.planned.time);
  return {
    reference: form.reference.trim(),
    connection_point: form.point.trim().toUpperCase(),
    applicant: form.applicant.replace(/\s/g, ''),
    ...(form.license.trim() ? { license: form.license.replace(/\s/g, '').toUpperCase() } : {}),
    requested_kw: powerOf(form.kw) ?? 0,
    purpose: form.purpose,
    event: form.event,
    ...(planned ? { planned_at: planned } : {}),
  };
}

/** The gate: a question on the left, one large answer on the right. */
export function GateConsole() {
  const { t } = useTexts();
  const { point } = route.useSearch();
  const client = useQueryClient();
  const list = useId();
  const points = useQuery(pointsQuery);
  const known = points.data?.items ?? [];
  const [form, setForm] = useState<Form>({ reference: '', point: point ?? '', applicant: '', license: '', kw: '', purpose: 'mining', event: 'new_connection', planned: { date: '', time: '' } });
  const [wrongTime, setWrongTime] = useState(false);
  const asked = useRef<{ body: string; key: string }>(undefined);
  const ask = useMutation({
    mutationFn: (input: CheckInput) => {
      const body = JSON.stringify(input);
      if (asked.current?.body !== body) asked.current = { body, key: newKey() };
      return check(input, asked.current.key);
    },
    onSuccess: () => {
      asked.current = undefined; // an answer came: asking again is a new question
      void client.invalidateQueries({ queryKey: ['checks'] });
    },
  });
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (ask.data) panel.current?.scrollIntoView({ block: 'nearest' }); // on a narrow screen it is below the form
  }, [ask.data]);
  const set = (change: Partial<Form>) => setForm((before) => ({ ...before, ...change }));
  const choosePoint = (code: string) => {
    const found = known.find((item) => item.code === code);
    set({
      point: code,
      ...(found?.bin_or_iin && !form.applicant ? { applicant: found.bin_or_iin } : {}),
      ...(found?.license && !form.license ? { license: found.license } : {}),
    });
  };
  const problem = ask.error ? asProblem(ask.error) : undefined;
  // An answer stands for the question it was given to, whatever is typed since.
  const changed = ask.data !== undefined && JSON.stringify(ask.variables) !== JSON.stringify(inputOf(form));
  const fieldOf = (name: string) => problem?.field(`/${name}`);
  return (
    <Page title={t('gate.title')} lead={<>{t('gate.lead')} <Link to="/gate/bulk">{t('bulk.title')}</Link></>}>
      <div className={classes.layout}>
        <form
          className={`${classes.form} no-print`}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            const readable = toInstant(form.planned.date, form.planned.time) !== undefined;
            setWrongTime(!readable);
            if (readable) ask.mutate(inputOf(form));
          }}
        >
          {problem ? <ProblemNotice problem={problem} /> : null}
          <TextInput label={t('gate.reference')} description={t('gate.referenceHelp')} name="reference" value={form.reference} onChange={(event) => set({ reference: event.currentTarget.value })} error={fieldOf('reference')} />
          <Scan onCode={choosePoint} />
          <TextInput label={t('gate.point')} name="connection_point" list={list} className="mono-field" value={form.point} onChange={(event) => choosePoint(event.currentTarget.value)} error={fieldOf('connection_point')} autoComplete="off" />
          <datalist id={list}>
            {known.map((item) => (
              <option key={item.id} value={item.code}>
                {item.consumer_name ?? item.declared_use}
              </option>
            ))}
          </datalist>
          <TextInput label={t('gate.applicant')} name="applicant" inputMode="numeric" value={form.applicant} onChange={(event) => set({ applicant: event.currentTarget.value })} error={fieldOf('applicant')} autoComplete="off" />
          <TextInput label={t('gate.license')} description={t('gate.licenseHelp')} name="license" value={form.license} onChange={(event) => set({ license: event.currentTarget.value })} error={fieldOf('license')} autoComplete="off" />
          <div className={classes.pair}>
            <TextInput label={t('gate.kw')} description={t('gate.kwHelp')} name="requested_kw" inputMode="decimal" value={form.kw} onChange={(event) => set({ kw: event.currentTarget.value })} error={fieldOf('requested_kw')} autoComplete="off" />
            <NativeSelect label={t('gate.purpose')} name="purpose" value={form.purpose} onChange={(event) => set({ purpose: purposes.find((item) => item === event.currentTarget.value) ?? 'mining' })}>
              {purposes.map((item) => (
                <option key={item} value={item}>
                  {t(`purpose.${item}`)}
                </option>
              ))}
            </NativeSelect>
          </div>
          <NativeSelect label={t('gate.event')} name="event" value={form.event} onChange={(event) => set({ event: events.find((item) => item === event.currentTarget.value) ?? 'new_connection' })}>
            {events.map((item) => (
              <option key={item} value={item}>
                {t(`gateEvent.${item}`)}
              </option>
            ))}
          </NativeSelect>
          <DateTimeField label={t('gate.planned')} help={t('gate.plannedHelp')} value={form.planned} onChange={(planned) => set({ planned })} error={wrongTime ? t('date.wrong') : fieldOf('planned_at')} />
          <Button type="submit" size="md" loading={ask.isPending}>
            {t('gate.ask')}
          </Button>
        </form>
        {ask.isPending ? (
          <div className={classes.waiting} role="status">
            <h2>{t('gate.asking')}</h2>
            <p>{t('gate.noAnswerRule')}</p>
          </div>
        ) : problem ? (
          <section className={classes.none} aria-live="assertive" aria-label={t('gate.answer')}>
            <div className={classes.noneHead}>
              <svg viewBox="0 0 48 48" aria-hidden="true">
                <circle cx="24" cy="24" r="20" fill="none" stroke="currentColor" strokeWidth="4" strokeDasharray="7 5" />
              </svg>
              <p>{t('gate.noAnswer')}</p>
            </div>
            <p className={classes.rule}>{t('gate.noAnswerRule')}</p>
            <p>{t(problem.fields.length > 0 ? 'gate.noAnswerFields' : 'gate.noAnswerHelp')}</p>
          </section>
        ) : ask.data ? (
          <div ref={panel} className={classes.panel}>
            {changed ? <Callout tone="stop" title={t('gate.changed')}>{t('gate.changedHelp')}</Callout> : null}
            <Answer answer={ask.data} />
          </div>
        ) : (
          <div className={classes.waiting}>
            <h2>{t('gate.empty')}</h2>
            <p>{t('gate.emptyHelp')}</p>
            <p className="muted small">{t('gate.denyIsNotOff')}</p>
          </div>
        )}
      </div>
      <p className="visually-hidden" role="status">
        {ask.data && !ask.isPending && !problem ? `${t(`gate.word.${ask.data.decision}`)}. ${t(`gate.meaning.${ask.data.decision}`)}` : ''}
      </p>
    </Page>
  );
}
