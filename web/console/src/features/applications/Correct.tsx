import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout, Empty } from '@ui/states';
import { LegalDate } from '@ui/values';
import { Equipment, Rest, Sites } from './ApplicationForm';
import { applicationQuery, commands, requestsQuery, useApplicationCommand, type Application, type ReviewRequest } from './api';
import { fieldOf, useFieldName } from './correction';
import { draftOf, inputOf, type Draft } from './draft';
import classes from './forms.module.css';

const route = getRouteApi('/applications/$id/correct');

function Form({ application, request }: { application: Application; request: ReviewRequest }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const nameOf = useFieldName(application);
  const [draft, setDraft] = useState<Draft>(() => draftOf(application));
  const [answer, setAnswer] = useState('');
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const fields = [...new Set(request.items.map((item) => fieldOf(item.pointer)))];
  const send = useApplicationCommand(
    () => commands.correct(application.id, request.id, { application: inputOf(draft), ...(answer.trim() ? { answer: answer.trim() } : {}) }),
    () => void navigate({ to: '/applications/$id', params: { id: application.id } }),
  );
  const problem = send.error ? asProblem(send.error) : undefined;
  const parts = { draft, set, problem };
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate(undefined);
      }}
    >
      <Callout tone="stop" title={t('correction.asksYou')}>
        <ul>
          {request.items.map((item) => (
            <li key={item.pointer + item.text}>
              <strong>{nameOf(item.pointer)}:</strong> {item.text}
            </li>
          ))}
        </ul>
        {request.text ? <p>{request.text}</p> : null}
        <p>
          {t('correction.due')}: <LegalDate date={request.due} />
        </p>
      </Callout>
      {problem ? <ProblemNotice problem={problem} title={t('form.problem')} /> : null}
      {fields.includes('sites') ? <Sites {...parts} /> : null}
      {fields.includes('equipment') ? <Equipment {...parts} /> : null}
      {fields.some((field) => field !== 'sites' && field !== 'equipment') ? <Rest {...parts} only={fields} /> : null}
      <Textarea label={t('correction.yourAnswer')} description={t('correction.yourAnswerHelp')} autosize minRows={2} value={answer} onChange={(event) => setAnswer(event.currentTarget.value)} error={problem?.field('/answer')} />
      <Actions note={t('correction.foot')}>
        <Button type="submit" loading={send.isPending}>
          {t('correction.sendAnswer')}
        </Button>
      </Actions>
    </form>
  );
}

/** The answer of the applicant to a correction request: just the fields that it names. */
export function Correct() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const application = useQuery(applicationQuery(id));
  const requests = useQuery(requestsQuery(id));
  return (
    <Loaded query={application}>
      {(found) => (
        <Page
          width="reading"
          title={t('correction.pageTitle', { number: found.number })}
          back={
            <Link to="/applications/$id" params={{ id }}>
              <BackLabel>{found.number}</BackLabel>
            </Link>
          }
        >
          <Loaded query={requests} rows={4}>
            {(data) => {
              const open = data.items.find((item) => item.kind === 'correction' && item.state === 'open');
              return open ? <Form application={found} request={open} /> : <Empty title={t('correction.nothingOpen')}>{t('correction.nothingOpenHelp')}</Empty>;
            }}
          </Loaded>
        </Page>
      )}
    </Loaded>
  );
}
