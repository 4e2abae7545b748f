import { useMutation, useQueryClient } from '@tanstack/react-query';
import { asProblem } from '@shared/api/problem';
import { useNow } from '@shared/clock';
import { useTexts } from '@shared/i18n';
import { PlainButton } from '@ui/Buttons';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark, type Tone } from '@ui/StateMark';
import { Callout } from '@ui/states';
import { Age } from '@ui/values';
import { cancelJob, going, type Job } from './api';
import classes from './Commission.module.css';

const tones: Record<Job['state'], Tone> = { asked: 'wait', taken: 'wait', done: 'ok', failed: 'refuse', cancelled: 'unknown', expired: 'stop' };

export function JobMark({ job }: { job: Job }) {
  const { t } = useTexts();
  return <StateMark tone={tones[job.state]} label={t(`commission.state.${job.state}`)} />;
}

/** A job that goes on: how far it is, who is at it, and how to stop it; or why it came to nothing. */
export function JobProgress({ job, again }: { job: Job; again: React.ReactNode }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const now = useNow(2_000).getTime();
  const stop = useMutation({
    mutationFn: () => cancelJob(job.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['commissioning'] }),
  });
  if (going(job)) {
    const waiting = job.state === 'asked' && now - Date.parse(job.asked_at) > 20_000;
    return (
      <div className={classes.question} role="status">
        <p><JobMark job={job} /> <span className="small muted"><Age at={job.asked_at} every={2000} /></span></p>
        {job.task === 'scan' ? (
          <>
            <progress className={classes.bar} value={job.progress} max={job.units.length} aria-label={t('commission.progress')} />
            <p className="small num">{t('commission.progressOf', { done: job.progress, of: job.units.length })}</p>
          </>
        ) : null}
        {waiting ? <Callout tone="stop">{t('commission.waiting', { collector: job.collector })}</Callout> : <p className="small muted">{t('commission.leave')}</p>}
        {stop.error ? <ProblemNotice problem={asProblem(stop.error)} /> : null}
        <div><PlainButton type="button" onClick={() => stop.mutate()} disabled={stop.isPending}>{t('commission.cancel')}</PlainButton></div>
      </div>
    );
  }
  if (job.state === 'done') return null;
  return (
    <div className={classes.question}>
      <Callout tone={job.state === 'failed' ? 'refuse' : 'stop'} title={t(`commission.state.${job.state}`)}>
        {t(`commission.todo.${job.state}`)}
        {job.why ? <p className="small muted" lang="en">{job.why}</p> : null}
      </Callout>
      {again}
    </div>
  );
}
