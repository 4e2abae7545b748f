import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan, useSession } from '@shared/session';
import { Deadline } from '@ui/Deadline';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Instant } from '@ui/values';
import { caseQuery, staffQuery, taskCommands, taskKindsQuery, type Case, type CaseTask } from './api';
import classes from './Cases.module.css';

/** A step on a task; the page of its case is read again after it. */
function useTaskCommand<T>(row: Case, command: (input: T) => Promise<CaseTask>, after: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: command,
    onSuccess: async () => {
      await Promise.all([row.number, row.id].map((name) => client.invalidateQueries({ queryKey: caseQuery(name).queryKey })));
      await client.invalidateQueries({ queryKey: ['tasks'] });
      after();
    },
  });
}

/** Who can do tasks of cases, by name; oneself first. */
function usePeople(): { value: string; label: string }[] {
  const { user } = useSession();
  const reads = useCan()('staff.read');
  const staff = useQuery({ ...staffQuery, enabled: reads });
  const others = (staff.data?.items ?? []).filter((one) => one.id !== user.id && one.roles.some((role) => role === 'officer' || role === 'head' || role === 'inspector'));
  return [{ value: user.id, label: user.name }, ...others.map(({ id, name }) => ({ value: id, label: name }))];
}

const OWN = '';

function Give({ row, done }: { row: Case; done: () => void }) {
  const { t, language } = useTexts();
  const { user } = useSession();
  const people = usePeople();
  const kinds = useQuery(taskKindsQuery).data?.items ?? [];
  const [kind, setKind] = useState<string>();
  const [title, setTitle] = useState('');
  const [days, setDays] = useState('');
  const [assignee, setAssignee] = useState(row.lead ?? user.id);
  const chosen = kinds.find(({ code }) => code === (kind ?? kinds[0]?.code));
  const own = kind === OWN || !chosen;
  const give = useTaskCommand(row, () => taskCommands.open(row, { ...(own ? { title: title.trim() } : { kind: chosen.code }), ...(days ? { working_days: Number(days) } : {}), assignee }), done);
  const problem = give.error ? asProblem(give.error) : undefined;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <NativeSelect
        label={t('caseTask.what')}
        autoFocus
        data={[...kinds.map(({ code, text }) => ({ value: code, label: text[language] })), { value: OWN, label: t('caseTask.own') }]}
        value={own ? OWN : chosen.code}
        onChange={(event) => setKind(event.currentTarget.value)}
        error={problem?.field('/kind')}
      />
      {own ? <TextInput label={t('caseTask.title')} description={t('caseTask.titleHelp')} autoComplete="off" value={title} onChange={(event) => setTitle(event.currentTarget.value)} error={problem?.field('/title')} /> : null}
      <div className={classes.row}>
        <TextInput
          label={t('caseTask.days')}
          inputMode="numeric"
          autoComplete="off"
          placeholder={own ? '' : String(chosen.working_days)}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value.replace(/\D/g, '').slice(0, 3))}
          error={problem?.field('/working_days')}
        />
        <NativeSelect label={t('caseTask.who')} data={people} value={assignee} onChange={(event) => setAssignee(event.currentTarget.value)} error={problem?.field('/assignee')} />
      </div>
      {own ? null : <p className="small muted">{t('caseTask.daysHelp', { count: chosen.working_days, ref: chosen.legal_ref })}</p>}
      <div className={classes.buttons}>
        <Button size="xs" type="submit" loading={give.isPending}>{t('caseTask.give')}</Button>
        <Button size="xs" variant="default" onClick={done}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

type Step = 'complete' | 'cancel' | 'assign';

function StepForm({ row, task, step, done }: { row: Case; task: CaseTask; step: Step; done: () => void }) {
  const { t } = useTexts();
  const people = usePeople();
  const [words, setWords] = useState('');
  const [to, setTo] = useState(task.assignee);
  const go = useTaskCommand(row, () => (step === 'assign' ? taskCommands.assign(task, to) : step === 'complete' ? taskCommands.complete(task, words.trim()) : taskCommands.cancel(task, words.trim())), done);
  const problem = go.error ? asProblem(go.error) : undefined;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        go.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      {step === 'assign' ? (
        <NativeSelect label={t('caseTask.who')} autoFocus data={people.some(({ value }) => value === task.assignee) ? people : [{ value: task.assignee, label: task.assignee_name ?? task.assignee }, ...people]} value={to} onChange={(event) => setTo(event.currentTarget.value)} error={problem?.field('/assignee')} />
      ) : (
        <Textarea label={t(`caseTask.words.${step}`)} autosize minRows={2} autoFocus value={words} onChange={(event) => setWords(event.currentTarget.value)} error={problem?.field(step === 'complete' ? '/outcome' : '/reason')} />
      )}
      <div className={classes.buttons}>
        <Button size="xs" type="submit" loading={go.isPending}>{t(`caseTask.do.${step}`)}</Button>
        <Button size="xs" variant="default" onClick={done}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

function One({ row, task }: { row: Case; task: CaseTask }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const [step, setStep] = useState<Step>();
  const line = useRef<HTMLLIElement>(null);
  const here = window.location.hash === `#task-${task.id}`;
  // The tasks come after the page has opened, so the browser cannot go to its anchor by itself.
  useEffect(() => {
    if (here) line.current?.scrollIntoView({ block: 'center' });
  }, [here]);
  return (
    <li id={`task-${task.id}`} ref={line} data-here={here || undefined} className={classes.task}>
      <strong>{task.title[language]}</strong>
      <span>{task.assignee_name ?? task.assignee}{task.state === 'open' ? null : <> · <State noun="task" state={task.state} /></>}</span>
      {task.state === 'open' ? <Deadline due={task.due} left={task.working_days_left} total={task.working_days} /> : null}
      {task.outcome ? <span className={classes.words}>{task.outcome === 'case_ended' ? t('caseTask.ended') : task.outcome}</span> : null}
      <span className="small muted">
        {task.closed_at ? <>{task.closed_by_name ? `${task.closed_by_name}, ` : ''}<Instant at={task.closed_at} /></> : <>{t('caseTask.from', { name: task.opened_by_name ?? text('role', 'system') })}, <Instant at={task.opened_at} /></>}
      </span>
      {step ? (
        <StepForm row={row} task={task} step={step} done={() => setStep(undefined)} />
      ) : task.allowed.length > 0 ? (
        <div className={classes.buttons}>
          {(['complete', 'assign', 'cancel'] as const).filter((name) => task.allowed.includes(name)).map((name) => (
            <Button key={name} size="compact-xs" variant={name === 'complete' ? 'default' : 'subtle'} onClick={() => setStep(name)}>{t(`caseTask.do.${name}`)}</Button>
          ))}
        </div>
      ) : null}
    </li>
  );
}

/** What people have to do in a case, each thing with its person and its last day. What has ended is folded away. */
export function CaseTasks({ row }: { row: Case }) {
  const { t } = useTexts();
  const [giving, setGiving] = useState(false);
  const tasks = row.tasks ?? [];
  const open = tasks.filter(({ state }) => state === 'open');
  const ended = tasks.filter(({ state }) => state !== 'open');
  const late = open.filter(({ working_days_left: left }) => left < 0).length;
  const named = ended.some(({ id }) => window.location.hash === `#task-${id}`);
  return (
    <Section title={t('caseTask.heading')} id="tasks" note={late > 0 ? <span className={classes.late}>{t('caseTask.late', { count: late })}</span> : undefined}>
      {open.length === 0 && !giving ? <p className="muted">{t('caseTask.none')}</p> : null}
      {open.length > 0 ? <ul className={classes.list}>{open.map((task) => <One key={`${task.id} ${task.version}`} row={row} task={task} />)}</ul> : null}
      {giving ? <Give row={row} done={() => setGiving(false)} /> : null}
      {!giving && row.allowed.includes('task') ? <Button size="xs" variant="default" mt={12} onClick={() => setGiving(true)}>{t('caseTask.add')}</Button> : null}
      {ended.length > 0 ? (
        <details className={classes.ended} open={named}>
          <summary>{t('caseTask.endedOnes', { count: ended.length })}</summary>
          <ul className={classes.list}>{ended.map((task) => <One key={task.id} row={row} task={task} />)}</ul>
        </details>
      ) : null}
    </Section>
  );
}
