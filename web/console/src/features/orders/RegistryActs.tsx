import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { toInstant } from '@shared/parse';
import { DateTimeField } from '@ui/DateTimeField';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { useRegistryAct, type Order } from './api';
import classes from './Orders.module.css';

/** The registry's side of an order: an objection to decide, an execution to see for oneself, an end. */
export function RegistryActs({ order, needsPerson }: { order: Order; needsPerson: boolean }) {
  const { t } = useTexts();
  const can = useCan();
  return (
    <>
      {order.objected && can('order.decide') ? <Decision order={order} /> : null}
      {order.state === 'executed' && needsPerson && can('order.verify') ? <Verification order={order} /> : null}
      {order.state === 'verified' && !order.contradicted && can('order.decide') ? <Closure order={order} label={t('order.close')} /> : null}
    </>
  );
}

function Decision({ order }: { order: Order }) {
  const { t } = useTexts();
  const [reply, setReply] = useState('');
  const [typed, setTyped] = useState({ date: '', time: '' });
  const perform = useRegistryAct(order, () => undefined);
  const problem = perform.error ? asProblem(perform.error) : undefined;
  const decide = (decision: 'accepted' | 'refused') => {
    const deadline = decision === 'accepted' && typed.date ? toInstant(typed.date, typed.time) : undefined;
    perform.mutate({ decide: { decision, reply: reply.trim(), ...(deadline ? { deadline } : {}) } });
  };
  return (
    <form className={classes.form} noValidate onSubmit={(event) => event.preventDefault()}>
      <Callout tone="stop" title={t('order.decideTitle')}>
        {order.objection}
      </Callout>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={t('order.reply')} description={t('order.replyHelp')} autosize minRows={2} value={reply} onChange={(event) => setReply(event.currentTarget.value)} error={problem?.field('/reply')} />
      {order.executed_at ? null : <DateTimeField label={t('order.newDeadline')} help={t('order.newDeadlineHelp')} value={typed} onChange={setTyped} error={problem?.field('/deadline')} />}
      <div className={classes.buttons}>
        <Button loading={perform.isPending} onClick={() => decide('accepted')}>
          {t('order.decision.accepted')}
        </Button>
        <Button variant="default" loading={perform.isPending} onClick={() => decide('refused')}>
          {t('order.decision.refused')}
        </Button>
      </div>
    </form>
  );
}

function Verification({ order }: { order: Order }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const perform = useRegistryAct(order, () => setOpen(false));
  const problem = perform.error ? asProblem(perform.error) : undefined;
  if (!open)
    return (
      <Button variant="default" onClick={() => setOpen(true)}>
        {t('order.verifyOpen')}
      </Button>
    );
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        perform.mutate({ verify: { reason: reason.trim() } });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={t('order.verifyReason')} description={t('order.verifyHelp')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      <div className={classes.buttons}>
        <Button type="submit" loading={perform.isPending}>
          {t('order.verifyOpen')}
        </Button>
        <Button variant="subtle" onClick={() => setOpen(false)}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

function Closure({ order, label }: { order: Order; label: string }) {
  const perform = useRegistryAct(order, () => undefined);
  return (
    <div className={classes.form}>
      {perform.error ? <ProblemNotice problem={asProblem(perform.error)} /> : null}
      <Button variant="default" loading={perform.isPending} onClick={() => perform.mutate('close')}>
        {label}
      </Button>
    </div>
  );
}
