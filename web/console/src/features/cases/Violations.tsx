import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { legalDate, money } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { isoDate, toKilowatts } from '@shared/parse';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { LegalDate } from '@ui/values';
import type { Case } from './api';
import classes from './Cases.module.css';

type Violation = Schemas['ViolationWire'];
const subjects = ['person', 'official', 'small', 'medium', 'large'] as const;
const results = ['upheld', 'changed', 'cancelled'] as const;

const violationsQuery = (id: string) => ({
  queryKey: ['case', id, 'violations'],
  queryFn: () => ask(api.GET('/v1/violations', { params: { query: { case: id, limit: 200 } } })),
});

/** A change of the violations of a case; what hangs on them is read again. */
function useChange<T>(row: Case, command: (input: T) => Promise<Violation>, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: command,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['case', row.id] });
      after();
    },
  });
}

const nothing = { article: '463', part: '1', name: '', offence: '', protocol: '', drawn: '', number: '', on: '', amount: '' };
type Typed = typeof nothing;

/** What is typed into a form, and the props of each of its fields. */
function useTyped(failed: unknown) {
  const [typed, setTyped] = useState(nothing);
  const problem = failed ? asProblem(failed) : undefined;
  const field = (name: keyof Typed, pointer: string) => ({
    value: typed[name],
    autoComplete: 'off',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(pointer),
  });
  return { typed, field, problem };
}

function Draw({ row, done }: { row: Case; done: () => void }) {
  const { t } = useTexts();
  const [subject, setSubject] = useState<(typeof subjects)[number]>('small');
  const draw = useChange(
    row,
    (given: Typed) =>
      ask(
        api.POST('/v1/cases/{id}/violations', {
          params: { path: { id: row.id }, header: { 'Idempotency-Key': newKey() } },
          body: { article: given.article.trim(), part: given.part.trim(), subject, name: given.name, offence_on: isoDate(given.offence) ?? given.offence, protocol: given.protocol, protocol_on: isoDate(given.drawn) ?? given.drawn },
        }),
      ),
    done,
  );
  const { typed, field, problem } = useTyped(draw.error);
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        draw.mutate(typed);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className={classes.row}>
        <TextInput label={t('violation.article')} {...field('article', '/article')} />
        <TextInput label={t('violation.part')} {...field('part', '/part')} />
        <NativeSelect label={t('violation.subject')} data={subjects.map((value) => ({ value, label: t(`violation.subject.${value}`) }))} value={subject} onChange={(event) => setSubject(event.currentTarget.value as (typeof subjects)[number])} />
      </div>
      <TextInput label={t('violation.name')} description={t('violation.nameHelp')} {...field('name', '/name')} />
      <div className={classes.row}>
        <TextInput label={t('violation.offenceOn')} placeholder={t('date.pattern')} inputMode="numeric" {...field('offence', '/offence_on')} />
        <TextInput label={t('violation.protocol')} {...field('protocol', '/protocol')} />
        <TextInput label={t('violation.protocolOn')} placeholder={t('date.pattern')} inputMode="numeric" {...field('drawn', '/protocol_on')} />
      </div>
      <div className={classes.buttons}>
        <Button type="submit" loading={draw.isPending}>{t('violation.add')}</Button>
        <Button variant="default" onClick={done}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

type Step = 'impose' | 'pay' | 'appeal' | 'end_appeal';
const labels = { impose: 'violation.impose', pay: 'violation.pay', appeal: 'violation.appeal', end_appeal: 'violation.endAppeal' } as const;

function StepForm({ row, violation, step, done }: { row: Case; violation: Violation; step: Step; done: () => void }) {
  const { t } = useTexts();
  const [result, setResult] = useState<(typeof results)[number]>('upheld');
  const go = useChange(
    row,
    (given: Typed) => {
      const params = { path: { id: violation.id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${violation.version}"` } };
      const on = isoDate(given.on) ?? given.on;
      const number = given.number.trim();
      if (step === 'impose') return ask(api.POST('/v1/violations/{id}/penalty', { params, body: { number, on } }));
      if (step === 'appeal') return ask(api.POST('/v1/violations/{id}/appeal', { params, body: { number, on } }));
      if (step === 'pay') return ask(api.POST('/v1/violations/{id}/payments', { params, body: { number, on, amount_kzt: toKilowatts(given.amount) } }));
      return ask(api.POST('/v1/violations/{id}/appeal/result', { params, body: { result, ...(result === 'changed' ? { fine_kzt: toKilowatts(given.amount) } : {}) } }));
    },
    done,
  );
  const { typed, field, problem } = useTyped(go.error);
  const sum = step === 'pay' || (step === 'end_appeal' && result === 'changed');
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        go.mutate(typed);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className={classes.row}>
        {step === 'end_appeal' ? (
          <NativeSelect label={t('violation.result')} data={results.map((value) => ({ value, label: t(`violation.result.${value}`) }))} value={result} onChange={(event) => setResult(event.currentTarget.value as (typeof results)[number])} error={problem?.field('/result')} />
        ) : (
          <>
            <TextInput label={t('violation.number')} {...field('number', '/number')} />
            <TextInput label={t('violation.on')} placeholder={t('date.pattern')} inputMode="numeric" {...field('on', '/on')} />
          </>
        )}
        {sum ? <TextInput label={t(step === 'pay' ? 'violation.amount' : 'violation.newFine')} inputMode="decimal" {...field('amount', step === 'pay' ? '/amount_kzt' : '/fine_kzt')} /> : null}
      </div>
      <div className={classes.buttons}>
        <Button size="xs" type="submit" loading={go.isPending}>{t('violation.save')}</Button>
        <Button size="xs" variant="default" onClick={done}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

function One({ row, violation }: { row: Case; violation: Violation }) {
  const { t, language } = useTexts();
  const [step, setStep] = useState<Step>();
  const kzt = (amount: number) => money(Math.round(amount * 100), language);
  return (
    <li>
      <strong>{t('violation.article')} {violation.article}, {t('violation.part').toLocaleLowerCase()} {violation.part} · {violation.name}</strong>
      <span>{t('violation.protocol')} <span className="mono">{violation.protocol}</span>, <LegalDate date={violation.protocol_on} /></span>
      <span>{t('violation.fine')}: <span className="num">{kzt(violation.fine_kzt)}</span> · {t(`violation.state.${violation.state}`)}{violation.overdue ? ` · ${t('violation.overdue')}` : ''}</span>
      <span className="small muted">{t('violation.law', { mci: violation.mci, index: kzt(violation.mci_kzt), ref: violation.legal_ref })}</span>
      {violation.early_by && violation.state !== 'paid' ? <span className="small">{t('violation.early', { by: legalDate(violation.early_by, language), amount: kzt(violation.early_kzt ?? 0) })}</span> : null}
      {violation.due && violation.state === 'imposed' ? <span className="small">{t('violation.due', { due: legalDate(violation.due, language) })}</span> : null}
      {violation.paid_kzt > 0 ? <span className="small">{t('violation.paid', { amount: kzt(violation.paid_kzt) })}</span> : null}
      {step ? (
        <StepForm row={row} violation={violation} step={step} done={() => setStep(undefined)} />
      ) : (
        <div className={classes.buttons}>
          {violation.can.map((name) => (
            <Button key={name} size="xs" variant="default" onClick={() => setStep(name as Step)}>{t(labels[name as Step])}</Button>
          ))}
        </div>
      )}
    </li>
  );
}

/** The administrative offences of a case: the protocol, its penalty, what was paid, the appeal. */
export function Violations({ row }: { row: Case }) {
  const { t } = useTexts();
  const query = useQuery(violationsQuery(row.id));
  const [more, setMore] = useState(false);
  return (
    <Section title={t('violation.title')}>
      <Loaded query={query} rows={2}>
        {(data) =>
          data.items.length === 0 ? <p className="muted">{t('violation.none')}</p> : (
            <ul className={classes.list}>
              {data.items.map((violation) => <One key={violation.id} row={row} violation={violation} />)}
            </ul>
          )
        }
      </Loaded>
      {more ? <Draw row={row} done={() => setMore(false)} /> : null}
      {!more && row.allowed.includes('act') && row.ended_at === undefined ? (
        <Button size="xs" variant="default" mt={12} onClick={() => setMore(true)}>{t('violation.add')}</Button>
      ) : null}
    </Section>
  );
}
