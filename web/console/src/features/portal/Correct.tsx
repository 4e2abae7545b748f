import { Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { draftKey } from '@shared/drafts';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout, Empty } from '@ui/states';
import { LegalDate } from '@ui/values';
import { answersOf, inputOf, slips, type Answers } from './answers';
import { applicationQuery, commands, requestsQuery, useApplicationCommand, type Application, type ReviewRequest, type TaskCode } from './api';
import { questionsAsked } from './correction';
import { Back, ErrorSummary, Foot, PortalPage } from './Layout';
import { questionOf } from './questions';
import { Documents } from './questions/Documents';
import { Equipment } from './questions/Equipment';
import { Place, Points, Power } from './questions/Place';
import { Contact, Fee, Host, Kind, Supply } from './questions/Simple';
import type { QuestionProps } from './questions/parts';
import { useFieldName } from './Asked';
import { focusField, useProblemText } from './useProblems';
import classes from './portal.module.css';

const route = getRouteApi('/applications/$id/correct');

const parts: Partial<Record<TaskCode, (props: QuestionProps) => React.ReactNode>> = { kind: Kind, contact: Contact, host: Host, site: Place, points: Points, power: Power, equipment: Equipment, supply: Supply, fee: Fee, documents: Documents };

interface KeptAnswer {
  answers: Answers;
  answer: string;
}

/** What was typed into the answer survives a reload and a session that ended, like a draft. */
function useKept(key: string, first: () => KeptAnswer) {
  const [value, setValue] = useState<KeptAnswer>(() => {
    const text = localStorage.getItem(key);
    try {
      return text ? (JSON.parse(text) as KeptAnswer) : first();
    } catch {
      return first();
    }
  });
  const [touched, setTouched] = useState(false);
  useEffect(() => {
    if (touched) localStorage.setItem(key, JSON.stringify(value));
  }, [key, value, touched]);
  const change = (part: Partial<KeptAnswer>) => {
    setTouched(true);
    setValue((before) => ({ ...before, ...part }));
  };
  return [value, change, () => localStorage.removeItem(key)] as const;
}

function Form({ application, request }: { application: Application; request: ReviewRequest }) {
  const { t } = useTexts();
  const { user } = useSession();
  const navigate = useNavigate();
  const nameOf = useFieldName(application);
  const text = useProblemText();
  const [{ answers, answer }, change, forget] = useKept(draftKey(user.id, `${application.id}.${request.id}`), () => ({ answers: answersOf(application), answer: '' }));
  const [typed, setTyped] = useState<readonly { pointer: string; code: string }[]>([]);
  const asked = questionsAsked(request.items.map((item) => item.pointer), application.sub_type);
  const send = useApplicationCommand(
    () => commands.correct(application.id, request.id, { application: inputOf(answers), ...(answer.trim() ? { answer: answer.trim() } : {}) }),
    () => {
      forget();
      void navigate({ to: '/applications/$id', params: { id: application.id } });
    },
  );
  const problem = send.error ? asProblem(send.error) : undefined;
  const clean = (pointer: string | undefined) => (pointer ?? '').replace(/^#?(\/body)?(\/application)?/, '');
  const fields = [...typed, ...(problem?.fields ?? []).map((one) => ({ ...one, pointer: clean(one.pointer) }))];
  const bad = (pointer: string) => {
    const found = fields.find((one) => one.pointer === pointer);
    return found ? text(found) : undefined;
  };
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = slips(answers).filter((slip) => asked.includes(questionOf(slip.pointer) ?? 'kind'));
        setTyped(found);
        if (found.length === 0) send.mutate(undefined);
      }}
    >
      <p>
        {t('correction.due')}: <strong><LegalDate date={request.due} /></strong>
      </p>
      {request.text ? <p className={classes.quote}>{request.text}</p> : null}
      <ErrorSummary items={fields.map((one) => ({ text: text(one), onOpen: () => focusField(one.pointer) }))} />
      {problem && problem.fields.length === 0 ? <ProblemNotice problem={problem} title={t('portal.correct.notSent')} /> : null}
      {asked.map((code) => {
        const Part = parts[code];
        const words = request.items.filter((item) => questionOf(item.pointer) === code || (questionOf(item.pointer) === 'site' && (code === 'points' || code === 'power')));
        return (
          <section key={code} className={classes.set} aria-label={t(`portal.question.${code}`)}>
            <h2>{t(`portal.question.${code}`)}</h2>
            {code === 'power' && asked.includes('site') ? null : (
              <Callout tone="stop" title={t('portal.correct.officer')}>
                <ul>
                  {words.map((item) => (
                    <li key={item.pointer + item.text}>
                      <strong>{nameOf(item.pointer)}:</strong> {item.text}
                    </li>
                  ))}
                </ul>
              </Callout>
            )}
            {Part ? <Part application={application} answers={answers} edit={(part) => change({ answers: { ...answers, ...part } })} bad={bad} task={undefined} /> : null}
          </section>
        );
      })}
      <Textarea id="f-answer" size="md" label={t('correction.yourAnswer')} description={t('correction.yourAnswerHelp')} autosize minRows={2} value={answer} onChange={(event) => change({ answer: event.currentTarget.value })} error={bad('/answer')} />
      <p className={classes.hint}>{t('correction.foot')}</p>
      <Foot busy={send.isPending} label={t('correction.sendAnswer')} />
    </form>
  );
}

/** The answer to a correction request: just the fields that it names, the officer's words beside each. */
export function Correct() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const application = useQuery(applicationQuery(id));
  const requests = useQuery(requestsQuery(id));
  return (
    <Loaded query={application}>
      {(found) => (
        <PortalPage
          title={t('portal.correct.title')}
          caption={`${found.number} · ${t(`portal.kind.${found.kind}`)}`}
          back={
            <Link to="/applications/$id" params={{ id }}>
              <Back>{found.number}</Back>
            </Link>
          }
        >
          <Loaded query={requests} rows={4}>
            {(data) => {
              const open = data.items.find((item) => item.kind === 'correction' && item.state === 'open');
              return open ? <Form application={found} request={open} /> : <Empty title={t('correction.nothingOpen')}>{t('correction.nothingOpenHelp')}</Empty>;
            }}
          </Loaded>
        </PortalPage>
      )}
    </Loaded>
  );
}
