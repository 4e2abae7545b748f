import { Button, Radio, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, ObjectHeader, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Age, Facts, Identifier, Instant, Kw } from '@ui/values';
import { decide, mismatchQuery, type Decision, type Mismatch } from './api';
import classes from './Reconciliation.module.css';

const route = getRouteApi('/reconciliation/$id');

/** What each of the three sides says, beside each other. */
function Sides({ mismatch: { listed, registered, metered } }: { mismatch: Mismatch }) {
  const { t } = useTexts();
  return (
    <div className={classes.sides}>
      <div>
        <h3>{t('reconciliation.side.list')}</h3>
        {listed ? (
          <Facts facts={[{ label: t('reconciliation.field.kw'), value: <Kw value={listed.kw} /> }, { label: t('reconciliation.field.consumer'), value: <span className="mono">{listed.consumer ?? '–'}</span> }, { label: t('reconciliation.field.meter'), value: <span className="mono">{listed.meter ?? '–'}</span> }]} />
        ) : (
          <p className="muted">{t('reconciliation.side.notListed')}</p>
        )}
      </div>
      <div>
        <h3>{t('reconciliation.side.register')}</h3>
        {registered ? (
          <Facts
            facts={[
              { label: t('ui.state'), value: <State noun="connection" state={registered.state} /> },
              { label: t('reconciliation.column.energised'), value: <Kw value={registered.energised_kw} /> },
              { label: t('reconciliation.field.consumer'), value: <span className="mono">{registered.consumer ?? '–'}</span> },
              registered.license ? { label: t('license.kind'), value: <><Identifier value={registered.license} /> <State noun="license" state={registered.license_state} /></> } : null,
              registered.license ? { label: t('reconciliation.column.licensed'), value: <Kw value={registered.licensed_kw} /> } : null,
              registered.permit ? { label: t('reconciliation.openPermit'), value: <Link to="/gate/checks/$id" params={{ id: registered.permit }}>{t('gate.explain')}</Link> } : null,
              registered.order ? { label: t('nav.orders'), value: <><Link to="/orders/$id" params={{ id: registered.order }} className="mono">{registered.order}</Link> <State noun="order" state={registered.order_state} /></> } : null,
            ]}
          />
        ) : (
          <p className="muted">{t('reconciliation.side.notRegistered')}</p>
        )}
      </div>
      <div>
        <h3>{t('reconciliation.side.meter')}</h3>
        {metered ? (
          <Facts facts={[{ label: t('reconciliation.mean'), value: <Kw value={metered.mean_kw} /> }, { label: t('reconciliation.most'), value: <Kw value={metered.max_kw} /> }, { label: t('reconciliation.least'), value: <Kw value={metered.min_kw} /> }, { label: t('reconciliation.covered'), value: <span className="num">{t('reconciliation.hours', { count: Math.floor(metered.covered_minutes / 60) })}</span> }]} />
        ) : (
          <p className="muted">{t('reconciliation.side.notMetered')}</p>
        )}
      </div>
    </div>
  );
}

function Decide({ mismatch }: { mismatch: Mismatch }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<Decision['outcome']>();
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: (body: Decision) => decide(mismatch, body),
    onSuccess: async (next) => {
      client.setQueryData(mismatchQuery(mismatch.id).queryKey, next);
      setOutcome(undefined);
      setReason('');
      await Promise.all(['mismatches', 'tasks'].map((name) => client.invalidateQueries({ queryKey: [name] })));
    },
  });
  const problem = act.error ? asProblem(act.error) : undefined;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (outcome) act.mutate({ outcome, reason: reason.trim() });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Radio.Group label={t('mismatch.decide')} value={outcome ?? ''} onChange={(value) => setOutcome((['accepted', 'corrected', 'task'] as const).find((item) => item === value))}>
        {(['corrected', 'task', 'accepted'] as const).filter((item) => mismatch.allowed.includes(item)).map((item) => (
          <Radio key={item} value={item} label={t(`mismatch.outcome.${item}`)} description={t(`mismatch.outcomeHelp.${item}`)} my={8} />
        ))}
      </Radio.Group>
      <Textarea label={t('mismatch.reason')} description={t('mismatch.reasonHelp')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      <div>
        <Button type="submit" loading={act.isPending} disabled={!outcome || reason.trim() === ''}>
          {t('mismatch.save')}
        </Button>
      </div>
    </form>
  );
}

/** One mismatch: what each side says, how old it is, and what is decided about it. */
export function MismatchPage() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(mismatchQuery(id));
  return (
    <Loaded query={query}>
      {(mismatch) => (
        <>
          <ObjectHeader
            kind={t('mismatch.kindName')}
            number={t(`mismatch.${mismatch.kind}`)}
            title={`${t(`mismatch.${mismatch.kind}`)} ${mismatch.connection_point}`}
            state={<State noun="mismatch" state={mismatch.state} />}
            subtitle={<Identifier value={mismatch.connection_point} />}
            back={<Link to="/reconciliation" search={{}}><BackLabel>{t('reconciliation.title')}</BackLabel></Link>}
            facts={
              <Facts
                layout="row"
                facts={[
                  { label: t('reconciliation.column.stake'), value: <Kw value={mismatch.stake_kw} /> },
                  { label: t('reconciliation.column.age'), value: <Age at={mismatch.since} /> },
                  { label: t('reconciliation.column.times'), value: <span className="num">{mismatch.times}</span> },
                  { label: t('reconciliation.seen'), value: <Instant at={mismatch.seen_at} /> },
                  { label: t('gate.utility'), value: mismatch.utility_name },
                ]}
              />
            }
          />
          <div className={classes.object}>
          <p>{t(`mismatch.help.${mismatch.kind}`)}</p>
          <Section title={t('reconciliation.sides')}>
            <Sides mismatch={mismatch} />
          </Section>
          {mismatch.reason ? (
            <Section title={t('mismatch.decided')}>
              <p>{mismatch.reason}</p>
              <p className="small muted"><Instant at={mismatch.decided_at} />{mismatch.task ? <> · <Link to="/tasks" search={{}}>{t('nav.tasks')}</Link></> : null}</p>
            </Section>
          ) : null}
          {mismatch.allowed.length > 0 ? (
            <Section title={t('mismatch.decideTitle')}>
              <Decide mismatch={mismatch} />
            </Section>
          ) : null}
          </div>
        </>
      )}
    </Loaded>
  );
}
