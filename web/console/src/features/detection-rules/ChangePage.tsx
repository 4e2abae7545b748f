import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { Refusal } from '@ui/Refusal';
import { State } from '@ui/State';
import { Facts, Instant, LegalDate } from '@ui/values';
import { changeQuery, commands, useCommand, type Change } from './api';
import { Values } from './WhatIfPage';
import classes from './Rules.module.css';

const route = getRouteApi('/findings/parameters/$id');

/** The legal date before one. */
function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

function Decision({ change }: { change: Change }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const confirm = useCommand(commands.confirm);
  const reject = useCommand(commands.reject);
  const failed = confirm.error ?? reject.error;
  const problem = failed ? asProblem(failed) : undefined;
  if (change.allowed.length === 0) return null;
  const other = change.allowed.includes('confirm');
  const input = { change, reason: reason.trim() };
  return (
    <Section title={t('rules.decide')}>
      <div className={classes.form}>
        {problem ? <Refusal problem={problem} again={() => confirm.mutate(input)} /> : null}
        {other ? null : <p className="muted">{t('rules.another')}</p>}
        <Textarea label={t('rules.reason')} autosize minRows={2} value={reason} error={problem?.field('/reason')} onChange={(event) => setReason(event.currentTarget.value)} />
        <div className={classes.buttons}>
          {other ? <Button disabled={input.reason === ''} loading={confirm.isPending} onClick={() => confirm.mutate(input)}>{t('rules.confirm')}</Button> : null}
          <Button variant="default" disabled={input.reason === ''} loading={reject.isPending} onClick={() => reject.mutate(input)}>{t(other ? 'rules.reject' : 'rules.takeBack')}</Button>
        </div>
      </div>
    </Section>
  );
}

/** One change of the numbers: what it says, what it would find, and the second person's decision. */
export function ChangePage() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(changeQuery(id));
  return (
    <Loaded query={query}>
      {(change) => (
        <Page width="reading" title={t('rules.change')} lead={<><State noun="tolling" state={change.state} /> {change.note}</>} back={<Link to="/findings/parameters"><BackLabel>{t('rules.numbers')}</BackLabel></Link>}>
          <div className={classes.stack}>
            <Facts
              facts={[
                { label: t('rules.changeFrom'), value: <LegalDate date={change.from} /> },
                { label: t('rules.proposedBy'), value: <>{change.proposed_by_name ? `${change.proposed_by_name}, ` : ''}<Instant at={change.proposed_at} /></> },
                change.decided_at ? { label: t('tolling.decided'), value: <>{change.decided_by_name ? `${change.decided_by_name}, ` : ''}<Instant at={change.decided_at} /></> } : null,
                change.reason ? { label: t('rules.reason'), value: change.reason } : null,
                { label: t('rules.lookedAt'), value: change.what_if ? <Link to="/findings/what-ifs/$id" params={{ id: change.what_if }}>{t('rules.whatIf')}</Link> : t('rules.notLookedAt') },
              ]}
            />
            <Values values={change.values} on={dayBefore(change.from)} />
            <Decision change={change} />
          </div>
        </Page>
      )}
    </Loaded>
  );
}
