import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Deadline } from '@ui/Deadline';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Instant, LegalDate } from '@ui/values';
import { answersOf, type Field } from './answers';
import { applicationQuery, commands, receiptQuery, requestsQuery, timelineQuery, useApplicationCommand, type Application } from './api';
import { stagesOf } from './home';
import { Back, PortalPage, Summary, SummaryRow } from './Layout';
import { Attached } from './questions/Documents';
import { Refusal } from './Refusal';
import { useSay } from './say';
import { Requests } from './Asked';
import classes from './portal.module.css';

const route = getRouteApi('/applications/$id');

/** What is needed of the applicant now, before anything else on the page. */
function Needed({ application }: { application: Application }) {
  const { t } = useTexts();
  const { id } = application;
  if (application.allowed.includes('correct'))
    return (
      <Callout tone="stop" title={t('portal.need.correctTitle')}>
        <p>{t('portal.need.correctText')}</p>
        <Button component={Link} to={`/applications/${id}/correct`} mt={8}>
          {t('portal.need.correct')}
        </Button>
      </Callout>
    );
  if (application.state === 'returned')
    return (
      <Callout tone="stop" title={t('portal.returned.title')}>
        <ul>
          {application.missing.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
        <p>{t('portal.returned.text')}</p>
        <Button component={Link} to={`/applications/${id}/tasks`} mt={8}>
          {t('portal.need.complete')}
        </Button>
      </Callout>
    );
  if (application.state === 'draft')
    return (
      <Callout tone="stop" title={t('portal.need.draftTitle')}>
        <Button component={Link} to={`/applications/${id}/tasks`} mt={8}>
          {t('portal.need.draft')}
        </Button>
      </Callout>
    );
  return null;
}

function Withdraw({ application }: { application: Application }) {
  const { t } = useTexts();
  const [asked, setAsked] = useState(false);
  const withdraw = useApplicationCommand(() => commands.withdraw(application.id));
  if (!application.allowed.includes('withdraw')) return null;
  return (
    <section>
      <h2>{t('portal.withdraw.title')}</h2>
      <p>{t('portal.withdraw.text')}</p>
      {withdraw.error ? <ProblemNotice problem={asProblem(withdraw.error)} /> : null}
      <div className={classes.foot}>
        {asked ? (
          <>
            <Button color="refuse" loading={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>
              {t('portal.withdraw.yes')}
            </Button>
            <Button variant="subtle" onClick={() => setAsked(false)}>
              {t('ui.cancel')}
            </Button>
          </>
        ) : (
          <Button variant="default" onClick={() => setAsked(true)}>
            {t('application.withdraw')}
          </Button>
        )}
      </div>
    </section>
  );
}

function Stages({ application }: { application: Application }) {
  const { t } = useTexts();
  const receipt = useQuery({ ...receiptQuery(application.id), enabled: !!application.submitted_at });
  const when: Partial<Record<string, React.ReactNode>> = {
    filed: application.submitted_at ? <Instant at={application.submitted_at} /> : null,
    registered: application.registered_at ? <Instant at={application.registered_at} /> : receipt.data ? <>{t('portal.stage.by')} <LegalDate date={receipt.data.register_by} /></> : null,
    decided: application.decision?.signed_at ? <Instant at={application.decision.signed_at} /> : application.clock.due ? <>{t('portal.stage.by')} <LegalDate date={application.clock.due} /></> : null,
  };
  return (
    <section>
      <h2>{t('portal.stage.title')}</h2>
      <ol className={classes.stages}>
        {stagesOf(application.state).map((stage) => (
          <li key={stage.name} className={classes.stage} data-state={stage.state} aria-current={stage.state === 'now' ? 'step' : undefined}>
            <span>
              <strong>{t(`portal.stage.${stage.name}`)}</strong> <span className="visually-hidden">({t(`portal.stage.state.${stage.state}`)})</span>
            </span>
            <span className={classes.hint}>{when[stage.name]}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Body({ application }: { application: Application }) {
  const { t } = useTexts();
  const say = useSay();
  const timeline = useQuery(timelineQuery(application.id));
  const requests = useQuery({ ...requestsQuery(application.id), enabled: !!application.registered_at });
  const { id, clock } = application;
  const answers = answersOf(application);
  const issue = application.kind === 'issue';
  const fields: Field[] = ['subType', ...(issue ? [] : (['baseLicense', 'reason'] as const)), ...(application.sub_type === 'II' ? (['host', 'contract'] as const) : []), 'sites', 'equipment', 'supply', 'fee', 'feeDocument', 'language', ...(application.note ? (['note'] as const) : [])];
  return (
    <PortalPage
      title={`${application.number}: ${t(`portal.kind.${application.kind}`)}`}
      caption={application.applicant_name}
      back={
        <Link to="/applications">
          <Back>{t('portal.home.title')}</Back>
        </Link>
      }
      lead={<State noun="application" state={application.state} size="large" />}
      aside={
        <dl className={classes.facts}>
          <div>
            <dt>{t('application.deadline')}</dt>
            <dd>{application.decision?.signed_at ? '–' : <Deadline due={clock.due} left={clock.working_days_left} total={clock.term_days} paused={clock.standing} layout="stack" />}</dd>
          </div>
          <div>
            <dt>{t('application.officer')}</dt>
            <dd>{application.officer_name || t('application.unassigned')}</dd>
          </div>
          {application.license ? (
            <div>
              <dt>{t('application.license')}</dt>
              <dd>
                <Link to="/licenses/$number" params={{ number: application.license }} className="mono">
                  {application.license}
                </Link>
              </dd>
            </div>
          ) : null}
          {application.submitted_at ? (
            <div>
              <dt>{t('portal.receipt.title')}</dt>
              <dd>
                <Link to="/applications/$id/receipt" params={{ id }}>
                  {t('portal.receipt.open')}
                </Link>
              </dd>
            </div>
          ) : null}
        </dl>
      }
    >
      <Needed application={application} />
      {application.state === 'granted' && application.license ? (
        <Callout tone="ok" title={t('portal.granted.title')}>
          <p>{t('portal.granted.text')}</p>
          <Link to="/licenses/$number" params={{ number: application.license }} className="mono">
            {application.license}
          </Link>
        </Callout>
      ) : null}
      {application.state === 'refused' ? <Refusal application={application} /> : null}
      <Stages application={application} />
      {requests.data && requests.data.items.length > 0 ? <Requests application={application} requests={requests.data.items} /> : null}
      <section>
        <h2>{t('portal.track.said')}</h2>
        <Summary>
          {fields.map((field) => (
            <SummaryRow key={field} name={t(`portal.field.${field}`)}>
              {say(field, answers)}
            </SummaryRow>
          ))}
          <SummaryRow name={t('portal.task.documents')}>{answers.paper ? t('portal.files.paper') : <Attached id={id} />}</SummaryRow>
        </Summary>
      </section>
      <Withdraw application={application} />
      <section>
        <h2>{t('ui.timeline.title')}</h2>
        <Loaded query={timeline} rows={4}>
          {(data) => <LedgerTimeline events={data.items} />}
        </Loaded>
      </section>
    </PortalPage>
  );
}

/** Where an application stands, for the applicant: what is needed, the stages, the deadline, the requests, the refusal. */
export function Track() {
  const { id } = route.useParams();
  const query = useQuery({ ...applicationQuery(id), refetchInterval: 30_000 });
  return <Loaded query={query}>{(application) => <Body application={application} />}</Loaded>;
}
