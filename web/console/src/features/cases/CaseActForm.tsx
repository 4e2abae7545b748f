import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { isoDate, toKilowatts } from '@shared/parse';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Section } from '@ui/Page';
import { actKinds, agencies, commands, rulings, useCaseCommand, type Case, type CaseAct } from './api';
import classes from './Cases.module.css';

const empty = { on: '', number: '', criminal: '', serials: '', rigs: '', money: '', text: '' };
type Typed = typeof empty;

function bodyOf(kind: CaseAct['kind'], typed: Typed, agency: string | null, ruling: string | null): CaseAct {
  const words = typed.text.trim() ? { text: typed.text.trim() } : {};
  if (kind === 'note') return { kind, ...words };
  const serials = typed.serials.split(/[\s,;]+/).filter(Boolean);
  return {
    kind,
    ...words,
    on: isoDate(typed.on) ?? typed.on,
    number: typed.number.trim(),
    ...(typed.criminal.trim() ? { criminal_case: typed.criminal.trim() } : {}),
    ...(kind === 'referral' && agency ? { agency: agency as NonNullable<CaseAct['agency']> } : {}),
    ...(kind === 'court' && ruling ? { ruling: ruling as NonNullable<CaseAct['ruling']> } : {}),
    ...(kind === 'seizure' && serials.length > 0 ? { serials } : {}),
    ...(kind === 'seizure' && typed.rigs !== '' ? { rigs: Number(typed.rigs) } : {}),
    ...(kind !== 'referral' && typed.money.trim() ? { money_kzt: toKilowatts(typed.money) } : {}),
  };
}

/** Writing down what was done. It is never changed, so the form says so. */
export function CaseActForm({ row }: { row: Case }) {
  const { t } = useTexts();
  const [kind, setKind] = useState<CaseAct['kind']>('note');
  const [typed, setTyped] = useState(empty);
  const [agency, setAgency] = useState<string | null>(null);
  const [ruling, setRuling] = useState<string | null>(null);
  const act = useCaseCommand(() => commands.act(row, bodyOf(kind, typed, agency, ruling)), () => setTyped(empty));
  const problem = act.error ? asProblem(act.error) : undefined;
  const field = (name: keyof Typed, pointer: string) => ({
    value: typed[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(pointer),
  });
  const ended = row.ended_at !== undefined;
  return (
    <Section title={t('case.write')} note={t('case.writeNote')}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate(undefined);
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <NativeSelect label={t('case.actKind')} data={actKinds.filter((value) => !ended || value === 'note').map((value) => ({ value, label: t(`case.act.${value}`) }))} value={kind} onChange={(event) => setKind(event.currentTarget.value as CaseAct['kind'])} />
        {kind === 'note' ? null : (
          <div className={classes.row}>
            {kind === 'referral' ? <NativeSelect label={t('case.agency')} data={[{ value: '', label: '' }, ...agencies.map((value) => ({ value, label: t(`case.agency.${value}`) }))]} value={agency ?? ''} onChange={(event) => setAgency(event.currentTarget.value || null)} error={problem?.field('/agency')} /> : null}
            {kind === 'court' ? <NativeSelect label={t('case.ruling')} data={[{ value: '', label: '' }, ...rulings.map((value) => ({ value, label: t(`case.ruling.${value}`) }))]} value={ruling ?? ''} onChange={(event) => setRuling(event.currentTarget.value || null)} error={problem?.field('/ruling')} /> : null}
            <TextInput label={t('case.on')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...field('on', '/on')} />
            <TextInput label={t('case.paper')} autoComplete="off" {...field('number', '/number')} />
            <TextInput label={t('case.criminal')} autoComplete="off" {...field('criminal', '/criminal_case')} />
          </div>
        )}
        {kind === 'seizure' ? (
          <>
            <Textarea label={t('case.serials')} description={t('case.serialsHelp')} autosize minRows={2} {...field('serials', '/serials')} />
            <TextInput label={t('case.rigs')} inputMode="numeric" autoComplete="off" value={typed.rigs} onChange={(event) => { const digits = event.currentTarget.value.replace(/\D/g, '').slice(0, 7); setTyped((before) => ({ ...before, rigs: digits })); }} error={problem?.field('/rigs')} />
          </>
        ) : null}
        {kind === 'seizure' || kind === 'court' ? <TextInput label={t(kind === 'court' ? 'case.fine' : 'case.money')} description={t('obligation.inTenge')} inputMode="decimal" autoComplete="off" {...field('money', '/money_kzt')} /> : null}
        <Textarea label={t(kind === 'note' ? 'case.act.note' : 'case.words')} autosize minRows={2} {...field('text', '/text')} />
        <div>
          <Button type="submit" variant="default" loading={act.isPending}>
            {t('case.writeGo')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
