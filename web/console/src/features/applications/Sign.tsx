import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout, Empty } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import { applicationQuery, commands, useApplicationCommand, type Application } from './api';
import classes from './forms.module.css';

const route = getRouteApi('/applications/$id/sign');

function Act({ application }: { application: Application }) {
  const { t } = useTexts();
  const { user } = useSession();
  const navigate = useNavigate();
  const { decision } = application;
  const sign = useApplicationCommand(
    () => commands.sign(application.id),
    (signed) => {
      if (signed.license) void navigate({ to: '/licenses/$number', params: { number: signed.license } });
      else void navigate({ to: '/applications/$id', params: { id: signed.id } });
    },
  );
  if (!decision || application.state !== 'decision_drafted') return <Empty title={t('sign.nothing')}>{t('sign.nothingHelp')}</Empty>;
  const problem = sign.error ? asProblem(sign.error) : undefined;
  const own = decision.drafter === user.id;
  const points = application.sites.flatMap((site) => site.connection_points);
  return (
    <div className={classes.form}>
      {problem ? <ProblemNotice problem={problem} title={problem.code === 'four_eyes' || own ? t('sign.ownDraft') : t('sign.refused')} /> : null}
      {own && !problem ? <Callout tone="stop" title={t('sign.ownDraft')}>{t('sign.ownDraftHelp')}</Callout> : null}
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
      </Callout>
      <Actions>
        <Button variant="default" component={Link} to={`/applications/${application.id}`}>
          {t('ui.cancel')}
        </Button>
        <Button loading={sign.isPending} color={decision.outcome === 'refuse' ? 'refuse' : undefined} onClick={() => sign.mutate(undefined)}>
          {t(`sign.do.${decision.outcome}`)}
        </Button>
      </Actions>
    </div>
  );
}

/** Signing a drafted decision: what it will do, and the second person's hand. */
export function Sign() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(applicationQuery(id));
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
          <Act application={application} />
        </Page>
      )}
    </Loaded>
  );
}
