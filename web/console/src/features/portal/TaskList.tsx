import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { StateMark, type Tone } from '@ui/StateMark';
import { Callout, Empty } from '@ui/states';
import { applicationQuery, type Application, type Task, type Tasks } from './api';
import { Back, PortalPage } from './Layout';
import { groups } from './questions';
import { Conflict, SaveStatus } from './SaveStatus';
import { useDraft, useTasks } from './useDraft';
import classes from './portal.module.css';

const route = getRouteApi('/applications/$id/tasks');
const toneOf: Record<Task['state'], Tone> = { done: 'ok', todo: 'wait', blocked: 'unknown', not_needed: 'unknown' };

function Row({ id, task }: { id: string; task: Task }) {
  const { t } = useTexts();
  const open = task.state === 'done' || task.state === 'todo';
  return (
    <li className={classes.task}>
      {open ? (
        <Link to="/applications/$id/questions/$code" params={{ id, code: task.code }}>
          {t(`portal.task.${task.code}`)}
        </Link>
      ) : (
        <span>{t(`portal.task.${task.code}`)}</span>
      )}
      <StateMark tone={toneOf[task.state]} label={t(`portal.state.${task.state}`)} />
    </li>
  );
}

function Body({ application, tasks }: { application: Application; tasks: Tasks }) {
  const { t } = useTexts();
  const draft = useDraft(application);
  const { id } = application;
  const counted = tasks.tasks.filter((task) => task.state !== 'not_needed');
  const done = counted.filter((task) => task.state === 'done').length;
  const first = counted.find((task) => task.state === 'todo');
  return (
    <PortalPage
      title={t('portal.tasks.title', { kind: t(`portal.kind.${application.kind}`) })}
      caption={`${application.number} · ${application.applicant_name}`}
      back={
        <Link to="/applications">
          <Back>{t('portal.home.title')}</Back>
        </Link>
      }
      lead={<p>{t('portal.tasks.done', { done, count: counted.length })}</p>}
    >
      <SaveStatus draft={draft} />
      {draft.theirs ? (
        <Conflict draft={draft} theirs={draft.theirs} />
      ) : (
        <>
          {application.missing.length > 0 ? (
            <Callout tone="stop" title={t('portal.returned.title')}>
              <ul>
                {application.missing.map((item) => (
                  <li key={item}>{item}</li>
                ))}
              </ul>
            </Callout>
          ) : null}
          {groups.map((group) => {
            const rows = group.codes.flatMap((code) => tasks.tasks.filter((task) => task.code === code));
            if (rows.length === 0) return null;
            return (
              <section key={group.name}>
                <h2>{t(`portal.group.${group.name}`)}</h2>
                <ul className={classes.tasks}>
                  {rows.map((task) => (
                    <Row key={task.code} id={id} task={task} />
                  ))}
                </ul>
              </section>
            );
          })}
          <section>
            <h2>{t('portal.group.file')}</h2>
            <ul className={classes.tasks}>
              <li className={classes.task}>
                <Link to="/applications/$id/check" params={{ id }}>
                  {t('portal.check.title')}
                </Link>
                <StateMark tone={tasks.ready ? 'wait' : 'unknown'} label={t(tasks.ready ? 'portal.state.todo' : 'portal.state.blocked')} />
              </li>
            </ul>
          </section>
          <div className={classes.foot}>
            {first ? (
              <Button size="md" component={Link} to={`/applications/${id}/questions/${first.code}`}>
                {t('portal.tasks.go')}
              </Button>
            ) : (
              <Button size="md" component={Link} to={`/applications/${id}/check`}>
                {t('portal.tasks.check')}
              </Button>
            )}
          </div>
        </>
      )}
    </PortalPage>
  );
}

/** What is done and what is still to do before an application can be filed. */
export function TaskList() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const application = useQuery(applicationQuery(id));
  const tasks = useTasks(id);
  return (
    <Loaded query={application}>
      {(found) =>
        found.allowed.includes('edit') ? (
          <Loaded query={tasks}>{(data) => <Body application={found} tasks={data} />}</Loaded>
        ) : (
          <Empty heading="h1" title={t('portal.filedAlready')} action={<Link to="/applications/$id" params={{ id }}>{t('portal.toTrack')}</Link>}>
            {t('portal.filedAlreadyHelp')}
          </Empty>
        )
      }
    </Loaded>
  );
}
