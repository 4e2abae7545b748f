import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { wallOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { toInstant } from '@shared/parse';
import { ProblemNotice } from '@ui/ProblemNotice';
import { useWatch, type Finding } from './api';
import classes from './FindingPage.module.css';

const DAYS = 14;

/** Puts a finding aside until a day, with the reason; it comes back by itself when its cause is still there. */
export function Watch({ finding, onDone }: { finding: Finding; onDone: () => void }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const [date, setDate] = useState(() => wallOf(new Date(Date.now() + DAYS * 86_400_000)).date);
  const [wrong, setWrong] = useState(false);
  const watch = useWatch(finding.id, onDone);
  const problem = watch.error ? asProblem(watch.error) : undefined;
  return (
    <form
      className={`${classes.triage} no-print`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const until = toInstant(date, '00:00');
        setWrong(!until);
        if (until) watch.mutate({ reason: reason.trim(), until });
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone();
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('triage.watch.until')} description={t('triage.watch.untilHelp')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={date} onChange={(event) => setDate(event.currentTarget.value)} error={wrong ? t('date.wrong') : problem?.field('/until')} />
      <Textarea label={t('triage.watch.reason')} autosize minRows={2} autoFocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      <div className={classes.buttons}>
        <Button type="submit" loading={watch.isPending} disabled={reason.trim() === ''}>{t('triage.watch.do')}</Button>
        <Button variant="subtle" onClick={onDone}>{t('ui.cancel')}</Button>
        {reason.trim() === '' ? <span className="small muted">{t('finding.reasonNeeded')}</span> : null}
      </div>
    </form>
  );
}
