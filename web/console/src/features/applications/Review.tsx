import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { useCan, useSession } from '@shared/session';
import { Deadline } from '@ui/Deadline';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Identifier, Instant, Kw, LegalDate } from '@ui/values';
import { applicationQuery, commands, timelineQuery, useApplicationCommand, type Application } from './api';
import { Appeals } from './Appeals';
import { Checklist } from './Checklist';
import { ClockLedger } from './ClockLedger';
import { Conflicts } from './Conflicts';
import { Declared } from './Declared';
import { Evidence, Voided } from './Evidence';
import { Requests } from './Requests';

const route = getRouteApi('/applications/$id');

function Completeness({ application }: { application: Application }) {
  const { t } = useTexts();
  const [missing, setMissing] = useState('');
  const [asking, setAsking] = useState(false);
  const check = useApplicationCommand((body: { complete: boolean; missing?: string[] }) => commands.completeness(application.id, body));
  const problem = check.error ? asProblem(check.error) : undefined;
  return (
    <Section title={t('completeness.title')} note={t('completeness.note')}>
      <div style={{ display: 'grid', gap: 12, justifyItems: 'start' }}>
        {asking ? (
          <Textarea
            label={t('completeness.missing')}
            description={t('completeness.missingHelp')}
            autosize
            minRows={3}
            w="100%"
            maw={560}
            value={missing}
            onChange={(event) => setMissing(event.currentTarget.value)}
            error={problem?.field('/missing')}
          />
        ) : null}
        {problem ? <ProblemNotice problem={problem} /> : null}
        <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
          {asking ? (
            <>
              <Button color="refuse" loading={check.isPending} onClick={() => check.mutate({ complete: false, missing: missing.split('\n').map((line) => line.trim()).filter(Boolean) })}>
                {t('completeness.return')}
              </Button>
              <Button variant="subtle" onClick={() => setAsking(false)}>
                {t('ui.cancel')}
              </Button>
            </>
          ) : (
            <>
              <Button loading={check.isPending} onClick={() => check.mutate({ complete: true })}>
                {t('completeness.complete')}
              </Button>
              <Button variant="default" onClick={() => setAsking(true)}>
                {t('completeness.incomplete')}
              </Button>
            </>
          )}
        </div>
      </div>
    </Section>
  );
}

function DecisionSection({ application }: { application: Application }) {
  const { t } = useTexts();
  const ground = useGroundText();
  const { decision } = application;
  if (!decision) return null;
  return (
    <Section title={t('decision.title')}>
      <Callout tone={decision.outcome === 'grant' ? 'ok' : 'refuse'} title={t(`decision.${decision.outcome}`)}>
        {decision.note ? <p>{decision.note}</p> : null}
        <Facts
          layout="row"
          facts={[
            decision.reasons.length > 0 ? { label: t('decision.reasons'), value: decision.reasons.map(ground).join('; ') } : null,
            { label: t('decision.drafter'), value: <>{decision.drafter_name || decision.drafter}, <Instant at={decision.drafted_at} /></> },
            { label: t('decision.signer'), value: decision.signer ? <>{decision.signer_name || decision.signer}, <Instant at={decision.signed_at} /></> : t('decision.unsigned') },
            decision.order ? { label: t('decision.order'), value: decision.order } : null,
          ]}
        />
      </Callout>
    </Section>
  );
}

function Clock({ application }: { application: Application }) {
  const { t } = useTexts();
  const { clock } = application;
  return (
    <Section id="clock" title={t('clock.title')}>
      <Facts
        facts={[
          { label: t('clock.due'), value: <><LegalDate date={clock.due} />{clock.provisional && clock.due ? <div className="small muted">{t('clock.provisional')}</div> : null}</> },
          clock.due ? { label: t('clock.days'), value: t('clock.usedOf', { used: clock.working_days_used, count: clock.term_days }) } : null,
          { label: t('clock.runs'), value: t(clock.standing ? 'clock.standing' : clock.due ? 'clock.running' : 'clock.notStarted') },
          { label: t('clock.started'), value: <Instant at={clock.started_at} /> },
          clock.legal_ref ? { label: t('clock.law'), value: clock.legal_ref } : null,
        ]}
      />
      <ClockLedger id={application.id} />
    </Section>
  );
}

function Timelined({ id }: { id: string }) {
  const { t } = useTexts();
  const timeline = useQuery(timelineQuery(id));
  return (
    <Section title={t('ui.timeline.title')}>
      <Loaded query={timeline} rows={4}>
        {(data) => <LedgerTimeline events={data.items} />}
      </Loaded>
    </Section>
  );
}

function Body({ application }: { application: Application }) {
  const { t } = useTexts();
  const can = useCan();
  const { allowed } = application;
  const submit = useApplicationCommand(() => commands.submit(application.id));
  const register = useApplicationCommand(() => commands.register(application.id));
  const withdraw = useApplicationCommand(() => commands.withdraw(application.id));
  const assign = useApplicationCommand(() => commands.assign(application.id));
  const { user } = useSession();
  const failed = submit.error ?? assign.error ?? register.error ?? withdraw.error;
  const id = application.id;
  const signable = application.state === 'decision_drafted' && (allowed.includes('sign') || can('application.sign_decision'));
  const open = application.checklist.filter((item) => !item.result).length;
  const acts = [
    allowed.includes('assign') && can('application.draft_decision') && application.officer !== user.id ? (
      <Button key="assign" variant="default" loading={assign.isPending} onClick={() => assign.mutate(undefined)}>
        {t('application.takeOn')}
      </Button>
    ) : null,
    allowed.includes('withdraw') ? (
      <Button key="withdraw" variant="default" loading={withdraw.isPending} onClick={() => withdraw.mutate(undefined)}>
        {t('application.withdraw')}
      </Button>
    ) : null,
    allowed.includes('edit') ? (
      <Button key="edit" variant="default" component={Link} to={`/applications/${id}/tasks`}>
        {t('application.edit')}
      </Button>
    ) : null,
    allowed.includes('submit') ? (
      <Button key="submit" loading={submit.isPending} onClick={() => submit.mutate(undefined)}>
        {t('application.submit')}
      </Button>
    ) : null,
    allowed.includes('register') ? (
      <Button key="register" loading={register.isPending} onClick={() => register.mutate(undefined)}>
        {t('application.register')}
      </Button>
    ) : null,
    allowed.includes('draft_decision') ? (
      <Button key="draft" component={Link} to={`/applications/${id}/decide`} variant={signable ? 'default' : 'filled'}>
        {t(application.decision ? 'application.redraft' : 'application.draft')}
      </Button>
    ) : null,
    signable ? (
      <Button key="sign" component={Link} to={`/applications/${id}/sign`}>
        {t('application.toSign')}
      </Button>
    ) : null,
  ].filter(Boolean);
  return (
    <>
      <ObjectHeader
        back={
          can('application.review') || can('application.sign_decision') ? (
            <Link to="/applications"><BackLabel>{t('nav.queue')}</BackLabel></Link>
          ) : (
            <Link to="/applications"><BackLabel>{t('queue.title.all')}</BackLabel></Link>
          )
        }
        kind={t('application.kind')}
        number={application.number}
        title={`${application.number} ${application.applicant_name}`}
        state={<State noun="application" state={application.state} size="large" />}
        subtitle={<span>{application.applicant_name}</span>}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('application.deadline'), value: <a href="#clock" title={t('clock.ledger')}><Deadline due={application.clock.due} left={application.clock.working_days_left} total={application.clock.term_days} paused={application.clock.standing} layout="stack" /></a> },
              { label: t('application.declared'), value: <Kw value={application.declared_kw} /> },
              { label: t('application.subType'), value: t(`subType.${application.sub_type}`) },
              { label: t('application.officer'), value: application.officer_name ?? t('application.unassigned') },
              application.license ? { label: t('application.license'), value: <Link to="/licenses/$number" params={{ number: application.license }} className="mono">{application.license}</Link> } : null,
            ]}
          />
        }
      />
      <Columns
        facts={
          <>
            <Section title={t('application.applicant')}>
              <Facts
                facts={[
                  { label: t('party.name'), value: can('party.read') ? <Link to="/parties/$id" params={{ id: application.applicant }}>{application.applicant_name}</Link> : application.applicant_name },
                  { label: t('party.bin'), value: <Identifier value={application.applicant_bin} /> },
                  { label: t('application.submitted'), value: <Instant at={application.submitted_at} /> },
                  { label: t('application.registered'), value: <Instant at={application.registered_at} /> },
                ]}
              />
            </Section>
            <Clock application={application} />
          </>
        }
      >
        {failed ? <ProblemNotice problem={asProblem(failed)} /> : null}
        {application.missing.length > 0 ? (
          <Callout tone="stop" title={t('application.missing')}>
            <ul>
              {application.missing.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ul>
            <p className="small">{t('application.sendBack')}</p>
          </Callout>
        ) : null}
        {can('staff.read') ? <Voided id={application.id} /> : null}
        <DecisionSection application={application} />
        <Appeals application={application} />
        {allowed.includes('completeness_check') ? <Completeness application={application} /> : null}
        <Declared application={application} />
        {can('staff.read') && application.state !== 'draft' ? <Evidence id={application.id} /> : null}
        <Section title={t('checklist.title')} note={application.checklist.length > 0 ? t('application.checklistDone', { done: application.checklist.length - open, count: application.checklist.length }) : undefined}>
          <Checklist application={application} />
        </Section>
        <Requests application={application} />
        {can('staff.read') ? <Conflicts application={application} /> : null}
        <Timelined id={application.id} />
      </Columns>
      {acts.length > 0 ? <Actions note={allowed.includes('draft_decision') && open > 0 ? t('application.checklistOpen', { count: open }) : undefined}>{acts}</Actions> : null}
    </>
  );
}

/** The review of one application: what was declared, the checklist, the clock, the decision, the history. */
export function Review() {
  const { id } = route.useParams();
  const query = useQuery(applicationQuery(id));
  return <Loaded query={query}>{(application) => <Body application={application} />}</Loaded>;
}
