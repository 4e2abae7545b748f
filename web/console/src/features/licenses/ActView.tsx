import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { needsPassword, useStepUp } from '@shared/stepUp';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { PasswordPrompt } from '@ui/PasswordPrompt';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Instant, Kw, LegalDate } from '@ui/values';
import { actQuery, commands, useCommand, type ActRow } from './acts';
import classes from './ActPage.module.css';
import { ImpactChanges, ImpactView } from './ImpactView';

const route = getRouteApi('/acts/$id');

/** What a correction changes, fact by fact. */
function Corrected({ act }: { act: ActRow }) {
  const { t } = useTexts();
  const { correction } = act;
  if (!correction) return null;
  return (
    <Section title={t('act.correct.facts')}>
      <Facts
        facts={[
          correction.holder_name ? { label: t('act.correct.holder'), value: correction.holder_name } : null,
          correction.first_issued_on ? { label: t('act.correct.first'), value: <LegalDate date={correction.first_issued_on} /> } : null,
          correction.last_day ? { label: t('act.correct.last'), value: <LegalDate date={correction.last_day} /> } : null,
          ...(correction.approved ?? []).map((power) => ({ label: t('act.correct.power', { appendix: power.appendix }), value: <Kw value={power.approved_kw} /> })),
        ]}
      />
    </Section>
  );
}

/** What the caller can do about an act that waits. */
function Decide({ act }: { act: ActRow }) {
  const { t } = useTexts();
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const may = (name: string) => act.allowed.includes(name);
  const sign = useCommand(() => (may('confirm') ? commands.confirm(act) : commands.sign(act)));
  const reject = useCommand(() => commands.reject(act, reason.trim()));
  const proof = useStepUp(() => sign.mutate(undefined));
  const failed = sign.error ?? reject.error;
  const problem = failed ? asProblem(failed) : undefined;
  const asked = needsPassword(problem);
  const takesBack = may('take_back');
  if (act.allowed.length === 0) return act.state === 'drafted' || act.state === 'provisional' ? <p className="muted">{t('acts.another')}</p> : null;
  return (
    <div className={classes.form}>
      {problem && !asked ? <ProblemNotice problem={problem} /> : null}
      {asked ? <PasswordPrompt {...proof} /> : null}
      {rejecting ? (
        <Textarea label={t('acts.reason')} description={t('acts.reasonHelp')} autosize minRows={2} autoFocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      ) : null}
      <Actions note={takesBack ? t('acts.another') : undefined}>
        {rejecting ? (
          <>
            <Button variant="default" onClick={() => setRejecting(false)}>
              {t('ui.cancel')}
            </Button>
            <Button color="refuse" loading={reject.isPending} onClick={() => reject.mutate(undefined)}>
              {t(takesBack ? 'acts.takeBack' : 'acts.reject')}
            </Button>
          </>
        ) : (
          <>
            <Button variant="default" onClick={() => setRejecting(true)}>
              {t(takesBack ? 'acts.takeBack' : 'acts.reject')}
            </Button>
            {may('sign') || may('confirm') ? (
              <Button loading={sign.isPending} disabled={asked || Boolean(act.hindrance)} onClick={() => sign.mutate(undefined)}>
                {t(may('confirm') ? 'acts.confirm' : 'acts.sign')}
              </Button>
            ) : null}
          </>
        )}
      </Actions>
    </div>
  );
}

function Notes({ act }: { act: ActRow }) {
  const { t } = useTexts();
  return (
    <>
      {act.state === 'provisional' ? <Callout tone="stop" title={t('acts.urgent')}>{t('acts.urgentHelp')}</Callout> : null}
      {act.state === 'void' ? <Callout tone="unknown">{t('acts.voidHelp')}</Callout> : null}
      {act.state === 'lapsed' ? <Callout tone="refuse">{t('acts.lapsedHelp')}</Callout> : null}
      {act.state === 'rejected' && act.reason ? <Callout tone="refuse" title={t('acts.reason')}>{act.reason}</Callout> : null}
      {act.hindrance ? <Callout tone="refuse" title={t('acts.hindrance')}><span lang="en">{act.hindrance}</span></Callout> : null}
    </>
  );
}

function Body({ act }: { act: ActRow }) {
  const { t } = useTexts();
  const ground = useGroundText();
  const now = act.impact_now;
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/acts">
            <BackLabel>{t('acts.title')}</BackLabel>
          </Link>
        }
        kind={t(`acts.kind.${act.kind}`)}
        number={<span className="mono">{act.number}</span>}
        title={act.number}
        state={<State noun="act" state={act.state} size="large" />}
        subtitle={<span>{act.holder_name}</span>}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('license.kind'), value: <Link to="/licenses/$number" params={{ number: act.license }} className="mono">{act.license}</Link> },
              act.ground ? { label: t('act.ground'), value: ground(act.ground) } : null,
              act.months ? { label: t('act.months'), value: t('act.monthCount', { count: act.months }) } : null,
              act.confirm_by ? { label: t('acts.confirmBy'), value: <Instant at={act.confirm_by} /> } : null,
              act.since ? { label: t('acts.since'), value: <Instant at={act.since} /> } : null,
            ]}
          />
        }
      />
      <Columns
        facts={
          <Section title={t('acts.people')}>
            <Facts
              facts={[
                { label: t('acts.drafted'), value: <>{act.drafter_name || act.drafter}, <Instant at={act.drafted_at} />{act.drafter_unit ? <div className="muted small">{act.drafter_unit}</div> : null}</> },
                act.signed_at ? { label: t('acts.signed'), value: <>{act.signer_name}, <Instant at={act.signed_at} /></> } : null,
                act.closed_at && !act.signed_at ? { label: t('acts.closedBy'), value: <>{act.closed_by_name ? `${act.closed_by_name}, ` : ''}<Instant at={act.closed_at} /></> } : null,
                act.order ? { label: t('acts.order'), value: <span className="mono">{act.order}</span> } : null,
                { label: t('acts.base'), value: <span className="num">{act.base_version}</span> },
                act.result_version ? { label: t('acts.result'), value: <span className="num">{act.result_version}</span> } : null,
              ]}
            />
          </Section>
        }
      >
        <div className={classes.form}>
          <Notes act={act} />
          {act.note ? <p>{act.note}</p> : null}
          <Corrected act={act} />
          {now ? (
            act.changes.length > 0 ? (
              <Section title={t('impact.changed')} note={<Instant at={act.drafted_at} />}><ImpactChanges changes={act.changes} /></Section>
            ) : (
              <Callout tone="ok">{t('impact.same')}</Callout>
            )
          ) : null}
          <Section title={t('impact.title')} note={t(now ? 'impact.now' : 'impact.then')}>
            <ImpactView impact={now ?? act.impact} />
          </Section>
          <Decide act={act} />
        </div>
      </Columns>
    </>
  );
}

/** One act on a license: what it does, what changed since it was drafted, and the second person's hand. */
export function ActView() {
  const { id } = route.useParams();
  const query = useQuery(actQuery(id));
  return <Loaded query={query}>{(act) => <Body act={act} />}</Loaded>;
}
