import { ActionIcon, Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { toKilowatts } from '@shared/parse';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Instant, LegalDate } from '@ui/values';
import { commands, requestsQuery, useApplicationCommand, type Application, type ReviewRequest } from './api';
import { fieldOf, useFieldName } from './correction';
import classes from './Requests.module.css';

const DEFAULT_DAYS = 5;

function AskCorrection({ application, done }: { application: Application; done: () => void }) {
  const { t } = useTexts();
  const nameOf = useFieldName(application);
  const [items, setItems] = useState([{ pointer: '/sites', text: '' }]);
  const [days, setDays] = useState(String(DEFAULT_DAYS));
  const ask = useApplicationCommand(() => commands.askCorrection(application.id, { items: items.map((item) => ({ ...item, text: item.text.trim() })), working_days: Math.trunc(toKilowatts(days)) }), done);
  const problem = ask.error ? asProblem(ask.error) : undefined;
  const change = (index: number, part: Partial<(typeof items)[number]>) => setItems(items.map((item, i) => (i === index ? { ...item, ...part } : item)));
  const pointers = [
    '/sites',
    ...application.sites.map((_, i) => `/sites/${i}`),
    '/equipment',
    ...application.equipment.map((_, i) => `/equipment/${i}`),
    '/supply_basis',
    ...(application.sub_type === 'II' ? ['/host_license'] : []),
    '/fee_paid_kzt',
    '/fee_document',
    '/language',
    '/note',
  ];
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate(undefined);
      }}
    >
      <p className="muted">{t('correction.askHelp')}</p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      {items.map((item, index) => (
        <div key={index} className={classes.item}>
          <NativeSelect label={t('correction.field')} value={item.pointer} onChange={(event) => change(index, { pointer: event.currentTarget.value })} error={problem?.field(`/items/${index}/pointer`)}>
            {pointers.map((pointer) => (
              <option key={pointer} value={pointer}>
                {nameOf(pointer)}
              </option>
            ))}
          </NativeSelect>
          <Textarea label={t('correction.what')} autosize minRows={1} value={item.text} onChange={(event) => change(index, { text: event.currentTarget.value })} error={problem?.field(`/items/${index}/text`)} />
          {items.length > 1 ? (
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={t('correction.remove', { number: index + 1 })} onClick={() => setItems(items.filter((_, i) => i !== index))}>
              ×
            </ActionIcon>
          ) : null}
        </div>
      ))}
      <div>
        <Button variant="default" size="xs" onClick={() => setItems([...items, { pointer: '/sites', text: '' }])}>
          {t('correction.add')}
        </Button>
      </div>
      <TextInput className={classes.days} label={t('correction.days')} description={t('correction.daysHelp')} inputMode="numeric" value={days} onChange={(event) => setDays(event.currentTarget.value)} error={problem?.field('/working_days')} />
      <div className={classes.row}>
        <Button type="submit" loading={ask.isPending}>
          {t('correction.send')}
        </Button>
        <Button variant="subtle" onClick={done}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

function AskAgency({ application, done }: { application: Application; done: () => void }) {
  const { t } = useTexts();
  const [agency, setAgency] = useState('');
  const [question, setQuestion] = useState('');
  const ask = useApplicationCommand(() => commands.askAgency(application.id, { agency: agency.trim(), question: question.trim() }), done);
  const problem = ask.error ? asProblem(ask.error) : undefined;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        ask.mutate(undefined);
      }}
    >
      <p className="muted">{t('agency.askHelp')}</p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('agency.name')} value={agency} onChange={(event) => setAgency(event.currentTarget.value)} error={problem?.field('/agency')} />
      <Textarea label={t('agency.question')} autosize minRows={2} value={question} onChange={(event) => setQuestion(event.currentTarget.value)} error={problem?.field('/question')} />
      <div className={classes.row}>
        <Button type="submit" loading={ask.isPending}>
          {t('agency.send')}
        </Button>
        <Button variant="subtle" onClick={done}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

function AgencyAnswer({ application, request }: { application: Application; request: ReviewRequest }) {
  const { t } = useTexts();
  const [text, setText] = useState('');
  const [objecting, setObjecting] = useState(false);
  const record = useApplicationCommand((outcome: 'agreed' | 'objected') => commands.agencyAnswer(application.id, request.id, { outcome, ...(text.trim() ? { answer: text.trim() } : {}) }));
  const problem = record.error ? asProblem(record.error) : undefined;
  return (
    <div className={classes.form}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      {objecting ? <Textarea label={t('agency.objection')} autosize minRows={2} autoFocus value={text} onChange={(event) => setText(event.currentTarget.value)} error={problem?.field('/answer')} /> : null}
      <div className={classes.row}>
        {objecting ? (
          <>
            <Button color="refuse" size="xs" loading={record.isPending} onClick={() => record.mutate('objected')}>
              {t('agency.saveObjection')}
            </Button>
            <Button variant="subtle" size="xs" onClick={() => setObjecting(false)}>
              {t('ui.cancel')}
            </Button>
          </>
        ) : (
          <>
            <Button variant="default" size="xs" loading={record.isPending} onClick={() => record.mutate('agreed')}>
              {t('agency.agreed')}
            </Button>
            <Button variant="default" size="xs" onClick={() => setObjecting(true)}>
              {t('agency.objected')}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

function OneRequest({ application, request }: { application: Application; request: ReviewRequest }) {
  const { t } = useTexts();
  const can = useCan();
  const nameOf = useFieldName(application);
  const open = request.state === 'open';
  return (
    <li className={classes.request}>
      <div className={classes.head}>
        <strong>{request.kind === 'agency' ? request.agency : t('correction.title')}</strong>
        <State noun="request" state={request.state} />
      </div>
      {request.text ? <p>{request.text}</p> : null}
      {request.items.length > 0 ? (
        <ul>
          {request.items.map((item) => (
            <li key={item.pointer + item.text}>
              <span className="muted">{nameOf(item.pointer)}:</span> {item.text}
            </li>
          ))}
        </ul>
      ) : null}
      {request.state === 'deemed_agreed' ? (
        <Callout tone="stop" title={t('agency.silence')}>
          {t('agency.silenceHelp')}
        </Callout>
      ) : null}
      {request.answer ? <Callout tone={request.state === 'objected' ? 'refuse' : 'unknown'} title={t('correction.answer')}>{request.answer}</Callout> : null}
      <Facts
        layout="row"
        facts={[
          { label: t('correction.asked'), value: <>{request.asked_by_name ? `${request.asked_by_name}, ` : ''}<Instant at={request.asked_at} /></> },
          { label: t('correction.due'), value: <LegalDate date={request.due} /> },
          request.late ? { label: t('agency.sendBy'), value: <><LegalDate date={request.send_by} /> · {t('agency.late')}</> } : null,
          request.closed_at ? { label: t('correction.closed'), value: <>{request.closed_by_name ? `${request.closed_by_name}, ` : ''}<Instant at={request.closed_at} /></> } : null,
          request.changed.length > 0 ? { label: t('correction.changed'), value: request.changed.map((field) => nameOf(`/${fieldOf(field)}`)).join(', ') } : null,
        ]}
      />
      {open && request.kind === 'correction' && application.allowed.includes('correct') ? (
        <div>
          <Button component={Link} to={`/applications/${application.id}/correct`}>
            {t('correction.toAnswer')}
          </Button>
        </div>
      ) : null}
      {open && request.kind === 'agency' && can('application.review') ? <AgencyAnswer application={application} request={request} /> : null}
    </li>
  );
}

/** What the review asked of the applicant and of other agencies, and the ways to ask and to answer. */
export function Requests({ application }: { application: Application }) {
  const { t } = useTexts();
  const [asking, setAsking] = useState<'correction' | 'agency'>();
  const requests = useQuery({ ...requestsQuery(application.id), enabled: !!application.registered_at });
  if (!application.registered_at) return null;
  const mayAsk = application.allowed.includes('ask');
  const waits = application.clock.standing;
  const done = () => setAsking(undefined);
  return (
    <Loaded query={requests} rows={2}>
      {(data) =>
        data.items.length === 0 && !mayAsk ? null : (
          <Section title={t('correction.section')} note={t('correction.sectionNote')}>
            {data.items.length > 0 ? (
              <ul className={classes.list}>
                {data.items.map((request) => (
                  <OneRequest key={request.id} application={application} request={request} />
                ))}
              </ul>
            ) : (
              <p className="muted">{t('correction.none')}</p>
            )}
            {asking === 'correction' ? <AskCorrection application={application} done={done} /> : null}
            {asking === 'agency' ? <AskAgency application={application} done={done} /> : null}
            {mayAsk && !asking ? (
              <div className={classes.row}>
                {waits ? null : (
                  <Button variant="default" onClick={() => setAsking('correction')}>
                    {t('correction.ask')}
                  </Button>
                )}
                <Button variant="default" onClick={() => setAsking('agency')}>
                  {t('agency.ask')}
                </Button>
              </div>
            ) : null}
          </Section>
        )
      }
    </Loaded>
  );
}
