import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useCan, useSession } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { Instant } from '@ui/values';
import { useApplicationCommand, type Application } from './api';
import classes from './forms.module.css';
import { reviewCommands, sheetQuery, type Sheet } from './review';

const ended: readonly Application['state'][] = ['draft', 'returned', 'granted', 'refused', 'withdrawn'];

/** A text and the act that needs it, opened by a button. */
function Reasoned({ id, open, label, help, send, run }: { id: string; open: string; label: string; help?: string; send: string; run: (id: string, reason: string) => Promise<Application> }) {
  const { t } = useTexts();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const act = useApplicationCommand(
    () => run(id, reason.trim()),
    () => {
      setAsking(false);
      setReason('');
    },
  );
  const problem = act.error ? asProblem(act.error) : undefined;
  if (!asking)
    return (
      <div>
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          {open}
        </Button>
      </div>
    );
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={label} description={help} autosize minRows={2} maw={560} autoFocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason') ?? problem?.field('/text')} />
      <div style={{ display: 'flex', gap: 8 }}>
        <Button size="xs" type="submit" loading={act.isPending}>
          {send}
        </Button>
        <Button size="xs" variant="subtle" onClick={() => setAsking(false)}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

function List({ application, sheet }: { application: Application; sheet: Sheet }) {
  const { t } = useTexts();
  const can = useCan();
  const { user } = useSession();
  const open = !ended.includes(application.state);
  const own = sheet.conflicts.some((conflict) => conflict.person === user.id && !conflict.withdrawn_at);
  return (
    <div className={classes.form}>
      {sheet.barred ? <Callout tone="stop" title={t('conflict.barred')}><p>{t('conflict.barredHelp')}</p></Callout> : null}
      {sheet.conflicts.length === 0 ? <p className="muted">{t('conflict.none')}</p> : null}
      {sheet.conflicts.map((conflict) => (
        <div key={conflict.id}>
          <strong>{conflict.person_name || conflict.person}</strong>, <Instant at={conflict.declared_at} />
          <p>{conflict.reason}</p>
          {conflict.withdrawn_at ? (
            <p className="small muted">
              {t('conflict.withdrawn', { name: conflict.withdrawn_by_name ?? '', reason: conflict.withdrawn_reason ?? '' })}, <Instant at={conflict.withdrawn_at} />
            </p>
          ) : can('conflict.withdraw') && conflict.person !== user.id && open ? (
            <Reasoned id={application.id} open={t('conflict.withdraw')} label={t('conflict.withdrawReason')} send={t('conflict.withdraw')} run={(id, reason) => reviewCommands.withdraw(id, conflict.id, reason)} />
          ) : null}
        </div>
      ))}
      {open && !own && can('conflict.declare') ? (
        <Reasoned id={application.id} open={t('conflict.declare')} label={t('conflict.reason')} help={t('conflict.reasonHelp')} send={t('conflict.send')} run={reviewCommands.declare} />
      ) : null}
    </div>
  );
}

/** Conflicts of interest on a case: who takes no part in it, and why. */
export function Conflicts({ application }: { application: Application }) {
  const { t } = useTexts();
  const sheet = useQuery(sheetQuery(application.id));
  return (
    <Section title={t('conflict.title')}>
      <Loaded query={sheet} rows={2}>
        {(data) => <List application={application} sheet={data} />}
      </Loaded>
    </Section>
  );
}

export { Reasoned };
