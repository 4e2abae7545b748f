import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { needsPassword, useStepUp } from '@shared/stepUp';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page, Section } from '@ui/Page';
import { PasswordPrompt } from '@ui/PasswordPrompt';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout, Empty } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import { applicationQuery, timelineQuery, useApplicationCommand, type Application } from './api';
import { Changes } from './Changes';
import { Checklist } from './Checklist';
import classes from './forms.module.css';
import { Letter } from './Letter';
import { reviewCommands, sheetQuery, type Sheet } from './review';

const route = getRouteApi('/applications/$id/sign');

/** What happened since the decision was drafted. */
function Since({ id, draftedAt }: { id: string; draftedAt: string }) {
  const { t } = useTexts();
  const timeline = useQuery(timelineQuery(id));
  return (
    <Loaded query={timeline} rows={2}>
      {(data) => {
        const later = data.items.filter((event) => event.at > draftedAt);
        return later.length > 0 ? <LedgerTimeline events={later} /> : <p className="muted">{t('sign.nothingSince')}</p>;
      }}
    </Loaded>
  );
}

function Act({ application, sheet }: { application: Application; sheet: Sheet }) {
  const { t } = useTexts();
  const { user } = useSession();
  const navigate = useNavigate();
  const { decision } = application;
  const sign = useApplicationCommand(
    () => reviewCommands.sign(application.id, sheet.version, sheet.content_digest),
    (signed) => {
      if (signed.license) void navigate({ to: '/licenses/$number', params: { number: signed.license } });
      else void navigate({ to: '/applications/$id', params: { id: signed.id } });
    },
  );
  const proof = useStepUp(() => sign.mutate(undefined));
  if (!decision || application.state !== 'decision_drafted') return <Empty title={t('sign.nothing')}>{t('sign.nothingHelp')}</Empty>;
  const problem = sign.error ? asProblem(sign.error) : undefined;
  const own = decision.drafter === user.id;
  const may = application.allowed.includes('sign');
  const points = application.sites.flatMap((site) => site.connection_points);
  const asked = needsPassword(problem);
  return (
    <div className={classes.form}>
      {problem && !asked ? <ProblemNotice problem={problem} title={problem.code === 'four_eyes' || own ? t('sign.ownDraft') : t('sign.refused')} /> : null}
      {own && !problem ? (
        <Callout tone="stop" title={t('sign.ownDraft')}>{t('sign.ownDraftHelp')}</Callout>
      ) : sheet.barred && !problem ? (
        <Callout tone="stop" title={t('conflict.barred')}>{t('conflict.barredHelp')}</Callout>
      ) : !may && !problem ? (
        <Callout tone="stop" title={t('sign.sameUnit')}>{t('sign.sameUnitHelp')}</Callout>
      ) : null}
      <Facts
        layout="row"
        facts={[
          { label: t('decision.title'), value: <strong>{t(`decision.${decision.outcome}`)}</strong> },
          { label: t('application.declared'), value: <Kw value={application.declared_kw} /> },
          { label: t('application.subType'), value: t(`subType.${application.sub_type}`) },
          { label: t('decision.drafter'), value: <>{decision.drafter_name || decision.drafter}, <Instant at={decision.drafted_at} /></> },
        ]}
      />
      {decision.note ? <p>{decision.note}</p> : null}
      <Section title={t('sign.changes')}>
        <Changes changes={sheet.changes} />
      </Section>
      <Section title={t('sign.since')}>
        <Since id={application.id} draftedAt={decision.drafted_at ?? ''} />
      </Section>
      {sheet.silent_agencies.length > 0 ? (
        <Callout tone="stop" title={t('sign.silent')}>
          <p>{sheet.silent_agencies.join(', ')}</p>
        </Callout>
      ) : null}
      <Section title={t('checklist.title')}>
        <Checklist application={{ ...application, allowed: [] }} />
      </Section>
      <Letter id={application.id} decision={{ outcome: decision.outcome, reasons: decision.reasons, ...(decision.note ? { note: decision.note } : {}) }} />
      <Callout tone={decision.outcome === 'grant' ? 'ok' : 'refuse'} title={t('act.whatHappens')}>
        <ul>
          {decision.outcome === 'grant' ? (
            <>
              <li>{t('sign.grant1', { name: application.applicant_name })}</li>
              <li>{t('sign.grant2', { points: points.join(', ') || '–' })}</li>
              <li>{t('sign.grant3')}</li>
            </>
          ) : (
            <>
              <li>{t('sign.refuse1', { name: application.applicant_name })}</li>
              <li>{t('sign.refuse2')}</li>
            </>
          )}
          <li>{t('act.ledger')}</li>
        </ul>
        <p className="small muted">
          {t('sign.digest')} <span className="mono">{sheet.content_digest.slice(0, 23)}…</span>
        </p>
      </Callout>
      {asked ? <PasswordPrompt {...proof} /> : null}
      <Actions>
        <Button variant="default" component={Link} to={`/applications/${application.id}`}>
          {t('ui.cancel')}
        </Button>
        <Button loading={sign.isPending} disabled={asked} color={decision.outcome === 'refuse' ? 'refuse' : undefined} onClick={() => sign.mutate(undefined)}>
          {t(`sign.do.${decision.outcome}`)}
        </Button>
      </Actions>
    </div>
  );
}

/** Signing a drafted decision: what changed, what it says, what it will do, and the second person's hand. */
export function Sign() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(applicationQuery(id));
  const sheet = useQuery(sheetQuery(id));
  return (
    <Loaded query={query}>
      {(application) => (
        <Page
          width="reading"
          title={t('sign.title', { number: application.number })}
          lead={application.applicant_name}
          back={
            <Link to="/applications/$id" params={{ id }}>
              <BackLabel>{application.number}</BackLabel>
            </Link>
          }
        >
          <Loaded query={sheet}>{(data) => <Act application={application} sheet={data} />}</Loaded>
        </Page>
      )}
    </Loaded>
  );
}
