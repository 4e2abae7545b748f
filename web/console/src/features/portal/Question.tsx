import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Empty } from '@ui/states';
import { slips } from './answers';
import { applicationQuery, tasksQuery, type Application, type Problem, type TaskCode, type Tasks } from './api';
import { Back, ErrorSummary, Foot, PortalPage } from './Layout';
import { following, isQuestion, preceding, questionOf } from './questions';
import { Equipment } from './questions/Equipment';
import { Documents } from './questions/Documents';
import { Place, Points, Power } from './questions/Place';
import { Applicant, Contact, Fee, Host, Kind, Supply } from './questions/Simple';
import type { QuestionProps } from './questions/parts';
import { Conflict, SaveStatus } from './SaveStatus';
import { useDraft, useTasks } from './useDraft';
import { focusField, useProblemText } from './useProblems';
import { useQueryClient } from '@tanstack/react-query';
import classes from './portal.module.css';

const route = getRouteApi('/applications/$id/questions/$code');

const pages: Record<TaskCode, (props: QuestionProps) => React.ReactNode> = {
  kind: Kind,
  applicant: Applicant,
  contact: Contact,
  host: Host,
  site: Place,
  points: Points,
  power: Power,
  equipment: Equipment,
  supply: Supply,
  fee: Fee,
  documents: Documents,
};

type Wrong = Pick<Problem, 'pointer' | 'code' | 'detail'>;

function Asked({ application, code, tasks }: { application: Application; code: TaskCode; tasks: Tasks }) {
  const { t, has } = useTexts();
  const { from, show } = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const text = useProblemText();
  const draft = useDraft(application);
  const { id } = application;
  const task = tasks.tasks.find((one) => one.code === code);
  const [wrong, setWrong] = useState<readonly Wrong[]>(show ? (task?.problems ?? []) : []);
  const [busy, setBusy] = useState(false);
  const before = preceding(code, tasks.tasks);
  const bad = (pointer: string) => {
    const found = wrong.find((one) => one.pointer === pointer);
    return found ? text(found) : undefined;
  };

  const proceed = async () => {
    setBusy(true);
    try {
      const typed = slips(draft.answers).filter((slip) => questionOf(slip.pointer) === code).map((slip) => ({ ...slip, detail: '' }));
      if (!(await draft.box.flush())) return; // the status says why, and what was typed stays
      const fresh = await client.fetchQuery({ ...tasksQuery(id), staleTime: 0 });
      const found = fresh.tasks.find((one) => one.code === code)?.problems ?? [];
      const all: Wrong[] = [...typed, ...found.filter((one) => !typed.some((slip) => slip.pointer === one.pointer))];
      setWrong(all);
      if (all.length > 0) return;
      const next = from === 'check' ? undefined : following(code, fresh.tasks);
      if (next) await navigate({ to: '/applications/$id/questions/$code', params: { id, code: next } });
      else await navigate({ to: '/applications/$id/check', params: { id } });
    } finally {
      setBusy(false);
    }
  };

  const Page = pages[code];
  const why = `portal.why.${code}`;
  const law = `portal.law.${code}`;
  const back =
    from === 'check' ? (
      <Link to="/applications/$id/check" params={{ id }}>
        <Back>{t('portal.check.title')}</Back>
      </Link>
    ) : before ? (
      <Link to="/applications/$id/questions/$code" params={{ id, code: before }}>
        <Back>{t('portal.back')}</Back>
      </Link>
    ) : (
      <Link to="/applications/$id/tasks" params={{ id }}>
        <Back>{t('portal.tasks.back')}</Back>
      </Link>
    );
  return (
    <PortalPage
      title={t(`portal.question.${code}`)}
      caption={`${application.number} · ${t(`portal.kind.${draft.answers.kind}`)}`}
      back={back}
      lead={has(`portal.hint.${code}`) ? <p>{t(`portal.hint.${code}`)}</p> : undefined}
      faulty={wrong.length > 0}
      aside={
        <div>
          <h2>{t('portal.whyTitle')}</h2>
          <p>{t(why)}</p>
          {has(law) ? <span className={classes.law}>{t(law)}</span> : null}
        </div>
      }
    >
      {draft.theirs ? (
        <>
          <SaveStatus draft={draft} />
          <Conflict draft={draft} theirs={draft.theirs} />
        </>
      ) : (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void proceed();
          }}
        >
          <ErrorSummary items={wrong.map((one) => ({ text: text(one), onOpen: () => focusField(one.pointer) }))} />
          <Page application={application} answers={draft.answers} edit={(change) => draft.box.edit(change)} bad={bad} task={task} />
          <SaveStatus draft={draft} />
          <Foot
            busy={busy}
            label={t('portal.next')}
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

/** One question of an application on a page of its own. */
export function Question() {
  const { t } = useTexts();
  const { id, code } = route.useParams();
  const application = useQuery(applicationQuery(id));
  const tasks = useTasks(id);
  if (!isQuestion(code)) return <Empty heading="h1" title={t('home.notFound')}>{t('home.notFoundHelp')}</Empty>;
  return (
    <Loaded query={application}>
      {(found) =>
        found.allowed.includes('edit') ? (
          <Loaded query={tasks}>{(data) => <Asked key={code} application={found} code={code} tasks={data} />}</Loaded>
        ) : (
          <Empty
            heading="h1"
            title={t('portal.filedAlready')}
            action={
              <Link to="/applications/$id" params={{ id }}>
                {t('portal.toTrack')}
              </Link>
            }
          >
            {t('portal.filedAlreadyHelp')}
          </Empty>
        )
      }
    </Loaded>
  );
}
