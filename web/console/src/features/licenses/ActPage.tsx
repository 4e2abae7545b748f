import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { needsPassword, useStepUp } from '@shared/stepUp';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { PasswordPrompt } from '@ui/PasswordPrompt';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Facts, Kw } from '@ui/values';
import { ActForm, type ActDraft } from './ActForm';
import { commands, impactQuery, useCommand, type ActKind } from './acts';
import classes from './ActPage.module.css';
import { licenseQuery, type License } from './api';
import { CorrectForm } from './CorrectForm';
import { ImpactView } from './ImpactView';

const kinds = { suspend: 'suspension', extend: 'extension', lift: 'lift', revoke: 'revocation', terminate: 'termination', correct: 'correction' } as const satisfies Record<string, ActKind>;

export type Act = keyof typeof kinds;

/** The second step: what will happen, and who does it. */
function Impact({ act, license, draft, onBack }: { act: Act; license: License; draft: ActDraft; onBack: () => void }) {
  const { t } = useTexts();
  const ground = useGroundText();
  const navigate = useNavigate();
  const impact = useQuery(impactQuery(license.number, kinds[act], draft.months));
  const drafted = useCommand(
    () => commands.draft({ license: license.number, kind: kinds[act], ground: draft.ground, months: draft.months, note: draft.note }, license.version),
    (made) => void navigate({ to: '/acts/$id', params: { id: made.id } }),
  );
  const now = useCommand(
    () => commands.suspendNow(license.number, { ground: draft.ground, months: draft.months, note: draft.note }, license.version),
    () => void navigate({ to: '/licenses/$number', params: { number: license.number } }),
  );
  const proof = useStepUp(() => now.mutate(undefined));
  const failed = drafted.error ?? now.error;
  const problem = failed ? asProblem(failed) : undefined;
  const asked = needsPassword(problem);
  const urgent = act === 'suspend' && license.allowed.includes('suspend_now');
  return (
    <div className={classes.form}>
      {problem && !asked ? <ProblemNotice problem={problem} /> : null}
      <Facts
        layout="row"
        facts={[
          { label: t('license.holder'), value: license.holder_name },
          { label: t('act.ground'), value: ground(draft.ground) },
          draft.months > 0 ? { label: t('act.months'), value: t('act.monthCount', { count: draft.months }) } : null,
          draft.note ? { label: t('act.note'), value: draft.note } : null,
        ]}
      />
      <Loaded query={impact} rows={8}>
        {(data) => <ImpactView impact={data} />}
      </Loaded>
      <Callout tone="wait">
        <p>{t('act.draftHelp')}</p>
        {urgent ? <p>{t('act.nowHelp')}</p> : null}
        <p>{t('act.ledger')}</p>
      </Callout>
      {asked ? <PasswordPrompt {...proof} /> : null}
      <Actions>
        <Button variant="default" onClick={onBack}>
          {t('act.change')}
        </Button>
        {urgent ? (
          <Button variant="default" color="refuse" loading={now.isPending} disabled={asked || !impact.data} onClick={() => now.mutate(undefined)}>
            {t('act.now')}
          </Button>
        ) : null}
        <Button loading={drafted.isPending} disabled={asked || !impact.data} onClick={() => drafted.mutate(undefined)}>
          {t('act.draft')}
        </Button>
      </Actions>
    </div>
  );
}

function Steps({ act, license }: { act: Act; license: License }) {
  const { t } = useTexts();
  const [draft, setDraft] = useState<ActDraft>({ ground: '', months: act === 'suspend' ? 3 : act === 'extend' ? 1 : 0, note: '' });
  const [chosen, setChosen] = useState(false);
  if (!license.allowed.includes(act)) return <Empty title={t('act.impossible')}>{t('act.impossibleHelp')}</Empty>;
  if (act === 'correct') return <CorrectForm license={license} />;
  if (chosen) return <Impact act={act} license={license} draft={draft} onBack={() => setChosen(false)} />;
  return (
    <ActForm act={act} license={license} draft={draft} onChange={setDraft} onDone={() => setChosen(true)}>
      <Facts
        layout="row"
        facts={[
          { label: t('license.holder'), value: license.holder_name },
          { label: t('ui.state'), value: <State noun="license" state={license.state} /> },
          { label: t('license.approved'), value: <Kw value={license.approved_kw} /> },
        ]}
      />
    </ActForm>
  );
}

function ActPage({ act, number }: { act: Act; number: string }) {
  const { t } = useTexts();
  const query = useQuery(licenseQuery(number));
  return (
    <Loaded query={query}>
      {(license) => (
        <Page
          width="reading"
          title={t(`act.title.${act}`, { number })}
          back={
            <Link to="/licenses/$number" params={{ number }}>
              <BackLabel>{number}</BackLabel>
            </Link>
          }
        >
          <Steps act={act} license={license} />
        </Page>
      )}
    </Loaded>
  );
}

const suspendRoute = getRouteApi('/licenses/$number/suspend');
const extendRoute = getRouteApi('/licenses/$number/extend');
const liftRoute = getRouteApi('/licenses/$number/lift');
const revokeRoute = getRouteApi('/licenses/$number/revoke');
const terminateRoute = getRouteApi('/licenses/$number/terminate');
const correctRoute = getRouteApi('/licenses/$number/correct');

/** Suspending a license for one to six months. */
export function Suspend() {
  return <ActPage act="suspend" number={suspendRoute.useParams().number} />;
}

/** Extending a suspension, to six months in all. */
export function Extend() {
  return <ActPage act="extend" number={extendRoute.useParams().number} />;
}

/** Lifting a suspension. */
export function Lift() {
  return <ActPage act="lift" number={liftRoute.useParams().number} />;
}

/** Revoking a license on a ground of the law. */
export function Revoke() {
  return <ActPage act="revoke" number={revokeRoute.useParams().number} />;
}

/** Ending a license without a breach. */
export function Terminate() {
  return <ActPage act="terminate" number={terminateRoute.useParams().number} />;
}

/** Correcting what was recorded wrongly, from an instant that has passed. */
export function Correct() {
  return <ActPage act="correct" number={correctRoute.useParams().number} />;
}
