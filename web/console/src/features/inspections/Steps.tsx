import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { asProblem, type ApiProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { commands, useInspectionCommand, type Inspection } from './api';
import classes from './Inspections.module.css';

/** Why an inspection cannot be finalized: what the law demands and is not there, in words. */
function Missing({ row, problem }: { row: Inspection; problem: ApiProblem }) {
  const { t, language } = useTexts();
  return (
    <div role="alert">
      <Callout tone="refuse" title={t('inspection.cannotFinalize')}>
        <ul>
          {problem.fields.map(({ pointer, code, detail }) => {
            const rule = (row.law ?? []).find(({ field }) => (pointer ?? '').endsWith(`/legal/${field}`));
            return <li key={pointer}>{rule ? <><strong>{rule.text[language]}</strong>{': '}{t(`inspection.lack.${code === 'too_late' ? 'too_late' : 'missing'}`)}. {rule.why[language]} <span className="muted">{rule.legal_ref}</span></> : detail}</li>;
          })}
        </ul>
      </Callout>
    </div>
  );
}

type Step = 'cancel' | 'hold';

/** The steps that end an inspection, and the hold that keeps its evidence. */
export function Steps({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const [step, setStep] = useState<Step>();
  const [words, setWords] = useState('');
  const clear = () => {
    setStep(undefined);
    setWords('');
  };
  const may = (name: string) => row.allowed.includes(name);
  const finalize = useInspectionCommand(() => commands.finalize(row));
  const lift = useInspectionCommand(() => commands.hold(row, ''));
  const go = useInspectionCommand((what: Step) => (what === 'cancel' ? commands.cancel(row, words.trim()) : commands.hold(row, words.trim())), clear);
  const refused = finalize.error ? asProblem(finalize.error) : undefined;
  const failed = go.error ?? lift.error;
  const problem = failed ? asProblem(failed) : undefined;
  if (!may('finalize') && !may('cancel') && !may('hold')) return null;
  return (
    <div className={classes.form}>
      {refused ? refused.code === 'legal_fields_missing' ? <Missing row={row} problem={refused} /> : <ProblemNotice problem={refused} /> : null}
      {problem ? <ProblemNotice problem={problem} /> : null}
      {step ? (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            go.mutate(step);
          }}
        >
          <Textarea label={t(step === 'cancel' ? 'inspection.cancelReason' : 'inspection.holdReason')} autosize minRows={2} autoFocus value={words} onChange={(event) => setWords(event.currentTarget.value)} error={problem?.field('/reason')} />
          <div className={classes.buttons}>
            <Button type="submit" loading={go.isPending} disabled={words.trim() === ''} {...(step === 'cancel' ? { color: 'refuse' } : {})}>{t(step === 'cancel' ? 'inspection.cancel' : 'inspection.hold')}</Button>
            <Button variant="default" onClick={clear}>{t('ui.cancel')}</Button>
          </div>
        </form>
      ) : (
        <>
          {may('finalize') ? <p className="small muted">{t('inspection.finalizeNote')}</p> : null}
          <div className={classes.buttons}>
            {may('finalize') ? <Button loading={finalize.isPending} onClick={() => finalize.mutate(undefined)}>{t('inspection.finalize')}</Button> : null}
            {may('cancel') ? <Button variant="default" onClick={() => setStep('cancel')}>{t('inspection.cancel')}</Button> : null}
            {may('hold') ? <Button variant="subtle" loading={lift.isPending} onClick={() => (row.hold ? lift.mutate(undefined) : setStep('hold'))}>{t(row.hold ? 'inspection.holdLift' : 'inspection.hold')}</Button> : null}
          </div>
        </>
      )}
    </div>
  );
}
