import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { isoDate, toKilowatts } from '@shared/parse';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Section } from '@ui/Page';
import { actKinds, agencies, commands, fates, rulings, useCaseCommand, type Case, type CaseAct } from './api';
import classes from './Cases.module.css';

const empty = { on: '', number: '', criminal: '', serials: '', rigs: '', money: '', text: '', place: '' };
type Typed = typeof empty;

function bodyOf(kind: CaseAct['kind'], typed: Typed, agency: string | null, ruling: string | null, fate: string): CaseAct {
  const words = typed.text.trim() ? { text: typed.text.trim() } : {};
  if (kind === 'note') return { kind, ...words };
  const serials = typed.serials.split(/[\s,;]+/).filter(Boolean);
  return {
    kind,
    ...words,
    on: isoDate(typed.on) ?? typed.on,
    number: typed.number.trim(),
    ...(typed.criminal.trim() ? { criminal_case: typed.criminal.trim() } : {}),
    ...((kind === 'referral' || kind === 'seizure') && agency ? { agency: agency as NonNullable<CaseAct['agency']> } : {}),
    ...(kind === 'court' && ruling ? { ruling: ruling as NonNullable<CaseAct['ruling']> } : {}),
    ...(kind === 'court' && fate ? { fate: fate as NonNullable<CaseAct['fate']> } : {}),
    ...(serials.length > 0 && (kind === 'seizure' || kind === 'release' || (kind === 'court' && fate)) ? { serials } : {}),
    ...(kind === 'seizure' && typed.place.trim() ? { place: typed.place.trim() } : {}),
    ...(kind === 'seizure' && typed.rigs !== '' ? { rigs: Number(typed.rigs) } : {}),
    ...((kind === 'seizure' || kind === 'court') && typed.money.trim() ? { money_kzt: toKilowatts(typed.money) } : {}),
  };
}

/** Writing down what was done. It is never changed, so the form says so. */
export function CaseActForm({ row, onWritten }: { row: Case; onWritten: () => void }) {
  const { t } = useTexts();
  const [chosen, setKind] = useState<CaseAct['kind']>('note');
  const [typed, setTyped] = useState(empty);
  const [agency, setAgency] = useState<string | null>(null);
  const [ruling, setRuling] = useState<string | null>(null);
  const [fate, setFate] = useState('');
  const ended = row.ended_at !== undefined;
  const taken = row.taken_on_visits ?? [];
  const held = (row.seized ?? []).filter((rig) => rig.fate === 'held');
  const offered = (value: CaseAct['kind']) => value === 'note' || (!ended && (value !== 'release' || held.length > 0));
  const kind = offered(chosen) ? chosen : 'note';
  const act = useCaseCommand(() => commands.act(row, bodyOf(kind, typed, agency, ruling, fate)), onWritten);
  const problem = act.error ? asProblem(act.error) : undefined;
  const field = (name: keyof Typed, pointer: string) => ({
    value: typed[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(pointer),
  });
  const wrongSerial = problem?.fields.find((one) => one.pointer?.startsWith('/serials'))?.detail ?? undefined;
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
        <NativeSelect label={t('case.actKind')} data={actKinds.filter(offered).map((value) => ({ value, label: t(`case.act.${value}`) }))} value={kind} onChange={(event) => setKind(event.currentTarget.value as CaseAct['kind'])} />
        {kind === 'note' ? null : (
          <div className={classes.row}>
            {kind === 'referral' || kind === 'seizure' ? <NativeSelect label={t(kind === 'referral' ? 'case.agency' : 'case.takenBy')} data={[{ value: '', label: '' }, ...agencies.map((value) => ({ value, label: t(`case.agency.${value}`) }))]} value={agency ?? ''} onChange={(event) => setAgency(event.currentTarget.value || null)} error={problem?.field('/agency')} /> : null}
            {kind === 'court' ? <NativeSelect label={t('case.ruling')} data={[{ value: '', label: '' }, ...rulings.map((value) => ({ value, label: t(`case.ruling.${value}`) }))]} value={ruling ?? ''} onChange={(event) => setRuling(event.currentTarget.value || null)} error={problem?.field('/ruling')} /> : null}
            <TextInput label={t('case.on')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...field('on', '/on')} />
            <TextInput label={t('case.paper')} autoComplete="off" {...field('number', '/number')} />
            <TextInput label={t('case.criminal')} autoComplete="off" {...field('criminal', '/criminal_case')} />
          </div>
        )}
        {kind === 'court' && held.length > 0 ? <NativeSelect label={t('case.fateOf', { n: held.length })} data={[{ value: '', label: t('case.fate.open') }, ...fates.map((value) => ({ value, label: t(`case.fate.${value}`) }))]} value={fate} onChange={(event) => setFate(event.currentTarget.value)} error={problem?.field('/fate')} /> : null}
        {kind === 'release' || (kind === 'court' && fate) ? <Textarea label={t('case.serials')} description={t('case.serialsAll', { n: held.length })} autosize minRows={2} {...field('serials', '/serials')} error={wrongSerial} /> : null}
        {kind === 'seizure' ? (
          <>
            {taken.length > 0 ? (
              <div>
                <p className="small">{t('case.takenOnVisits', { n: taken.length })}</p>
                <Button size="xs" variant="default" onClick={() => setTyped((before) => ({ ...before, serials: taken.join('\n') }))}>{t('case.takenUse')}</Button>
              </div>
            ) : null}
            <Textarea label={t('case.serials')} description={t('case.serialsHelp')} autosize minRows={2} {...field('serials', '/serials')} error={wrongSerial} />
            <TextInput label={t('case.place')} autoComplete="off" {...field('place', '/place')} />
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
