import { Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Empty } from '@ui/states';
import { slips, type Field } from './answers';
import { applicationQuery, commands, useApplicationCommand, type Application, type TaskCode, type Tasks } from './api';
import { Back, ErrorSummary, Foot, PortalPage, Summary, SummaryRow } from './Layout';
import { questionOf } from './questions';
import { Attached } from './questions/Documents';
import { Conflict, SaveStatus } from './SaveStatus';
import { useSay } from './say';
import { useDraft, useTasks } from './useDraft';
import { useProblemText } from './useProblems';
import classes from './portal.module.css';

const route = getRouteApi('/applications/$id/check');

/** Which answers belong to which question. */
const rows: readonly [TaskCode, readonly Field[]][] = [
  ['kind', ['kind', 'subType', 'baseLicense', 'reason']],
  ['contact', ['language', 'note']],
  ['host', ['host', 'contract']],
  ['site', ['sites']],
  ['equipment', ['equipment']],
  ['supply', ['supply']],
  ['fee', ['fee', 'feeDocument']],
];

function Answered({ application, tasks }: { application: Application; tasks: Tasks }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const say = useSay();
  const text = useProblemText();
  const draft = useDraft(application);
  const { id } = application;
  const { answers } = draft;
  const [declared, setDeclared] = useState(false);
  const [undeclared, setUndeclared] = useState(false);
  const [asked, setAsked] = useState(false);
  const file = useApplicationCommand(
    async () => {
      if (!(await draft.box.flush())) throw draft.box.read().problem ?? asProblem(new Error(t('portal.save.offline')));
      const current = draft.box.version();
      return commands.submit(id, current);
    },
    () => void navigate({ to: '/applications/$id/receipt', params: { id } }),
  );
  const needed = (code: TaskCode) => tasks.tasks.some((task) => task.code === code && task.state !== 'not_needed');
  const blank = (field: Field) => (field === 'reason' && !answers.reason) || (field === 'baseLicense' && answers.kind === 'issue') || (field === 'note' && !answers.note);
  const open = (code: TaskCode) => void navigate({ to: '/applications/$id/questions/$code', params: { id, code }, search: { from: 'check', show: true } });
  const wrong = [
    ...tasks.tasks.flatMap((task) => task.problems.map((problem) => ({ code: task.code, text: text(problem) }))),
    ...slips(answers).map((slip) => ({ code: questionOf(slip.pointer) ?? ('kind' as const), text: text(slip) })),
  ];
  const failure = file.error ? asProblem(file.error) : undefined;
  const summary = [
    ...(asked ? wrong.map((one) => ({ text: `${t(`portal.task.${one.code}`)}: ${one.text}`, onOpen: () => open(one.code) })) : []),
    ...(undeclared ? [{ text: t('portal.declare.missing'), onOpen: () => document.getElementById('declare')?.focus() }] : []),
  ];
  const change = (code: TaskCode, name: string) => (
    <Link to="/applications/$id/questions/$code" params={{ id, code }} search={{ from: 'check' }}>
      {t('portal.change')}
      <span className="visually-hidden"> {name}</span>
    </Link>
  );
  return (
    <PortalPage
      title={t('portal.check.title')}
      caption={`${application.number} · ${application.applicant_name}`}
      faulty={summary.length > 0}
      back={
        <Link to="/applications/$id/tasks" params={{ id }}>
          <Back>{t('portal.tasks.back')}</Back>
        </Link>
      }
    >
      {draft.theirs ? (
        <Conflict draft={draft} theirs={draft.theirs} />
      ) : (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            setAsked(true);
            setUndeclared(!declared);
            if (wrong.length === 0 && declared) file.mutate(undefined);
          }}
        >
          <ErrorSummary items={summary} />
          {failure ? <ProblemNotice problem={failure} title={t('portal.check.notFiled')} /> : null}
          <Summary>
            <SummaryRow name={t('application.applicant')} change={change('applicant', t('application.applicant'))}>
              {application.applicant_name}, <span className="num">{application.applicant_bin}</span>
            </SummaryRow>
            {rows.flatMap(([code, fields]) =>
              needed(code)
                ? fields
                    .filter((field) => !blank(field))
                    .map((field) => (
                      <SummaryRow key={field} name={t(`portal.field.${field}`)} change={field === 'kind' ? undefined : change(code, t(`portal.field.${field}`))}>
                        {say(field, answers)}
                      </SummaryRow>
                    ))
                : [],
            )}
            {needed('documents') ? (
              <SummaryRow name={t('portal.task.documents')} change={change('documents', t('portal.task.documents'))}>
                {answers.paper ? t('portal.files.paper') : <Attached id={id} />}
              </SummaryRow>
            ) : null}
          </Summary>
          <SaveStatus draft={draft} />
          <section className={classes.set}>
            <h2>{t('portal.declare.title')}</h2>
            <p>{t('portal.declare.text')}</p>
            <Checkbox
              id="declare"
              size="md"
              label={t('portal.declare.box')}
              checked={declared}
              onChange={(event) => {
                setDeclared(event.currentTarget.checked);
                if (event.currentTarget.checked) setUndeclared(false);
              }}
              error={undeclared ? t('portal.declare.missing') : undefined}
            />
          </section>
          <p className={classes.hint}>{t('portal.check.after')}</p>
          <Foot
            busy={file.isPending}
            label={t('portal.file')}
            later={
              <Link to="/applications/$id/tasks" params={{ id }}>
                {t('portal.later')}
              </Link>
            }
          />
        </form>
      )}
    </PortalPage>
  );
}

/** Every answer once more, the declaration, and the act of filing. */
export function Check() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const application = useQuery(applicationQuery(id));
  const tasks = useTasks(id);
  return (
    <Loaded query={application}>
      {(found) =>
        found.allowed.includes('edit') || found.allowed.includes('submit') ? (
          <Loaded query={tasks}>{(data) => <Answered application={found} tasks={data} />}</Loaded>
        ) : (
          <Empty heading="h1" title={t('portal.filedAlready')} action={<Link to="/applications/$id" params={{ id }}>{t('portal.toTrack')}</Link>}>
            {t('portal.filedAlreadyHelp')}
          </Empty>
        )
      }
    </Loaded>
  );
}
