import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Facts, Identifier, Instant } from '@ui/values';
import { commands, deliveriesQuery, useAccessCommand, webhooksQuery, type Delivery, type Webhook } from './api';
import classes from './Access.module.css';

const worst = { dead: 0, failing: 1, good: 2 } as const;

/** The endpoints, those that fail first. The registry sees all and changes none. */
export function Webhooks({ own }: { own: 'own' | 'all' }) {
  const { t } = useTexts();
  const query = useQuery(webhooksQuery);
  return (
    <Section title={t('access.webhooks')} note={t('access.webhooksNote')}>
      <Loaded query={query} rows={3}>
        {(data) => (
          <div className={classes.stack}>
            {data.items.length === 0 ? <Empty title={t('access.noWebhooks')}>{t('access.noWebhooksHelp')}</Empty> : [...data.items].sort((a, b) => worst[a.health] - worst[b.health]).map((hook) => <Endpoint key={hook.id} hook={hook} own={own} />)}
          </div>
        )}
      </Loaded>
      {own === 'own' ? <NewWebhook /> : null}
    </Section>
  );
}

function Endpoint({ hook, own }: { hook: Webhook; own: 'own' | 'all' }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  return (
    <article className={classes.client} aria-label={hook.url}>
      <div className={classes.head}>
        <State noun="webhook" state={hook.health} />
        <h3 className={classes.url}>{hook.url}</h3>
      </div>
      {hook.health === 'dead' ? (
        <Callout tone="refuse" title={t('access.dead')}>
          <p>{t('access.deadHelp')}</p>
        </Callout>
      ) : null}
      <Facts
        layout="row"
        facts={[
          ...(own === 'all' ? [{ label: t('access.utility'), value: hook.utility_name || hook.utility }] : []),
          { label: t('access.kinds'), value: hook.kinds.length ? hook.kinds.join(', ') : t('access.allKinds') },
          ...(hook.failing_since ? [{ label: t('access.failingSince'), value: <Instant at={hook.failing_since} /> }] : []),
          { label: t('access.publicKey'), value: <>{hook.public_keys.map((key) => <div key={key}><Identifier value={key} shorten="middle" /></div>)}</> },
        ]}
      />
      <div className={classes.row}>
        <Button size="compact-sm" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('access.deliveries')}
        </Button>
        {own === 'own' ? <EndpointActs hook={hook} /> : null}
      </div>
      {open ? <Deliveries hook={hook} own={own} /> : null}
    </article>
  );
}

function EndpointActs({ hook }: { hook: Webhook }) {
  const { t } = useTexts();
  const [removing, setRemoving] = useState(false);
  const [after, setAfter] = useState('');
  const trial = useAccessCommand(commands.trial);
  const exchange = useAccessCommand(commands.exchange);
  const remove = useAccessCommand(commands.remove);
  const replay = useAccessCommand(commands.replay);
  const failed = trial.error ?? exchange.error ?? remove.error ?? replay.error;
  const result = trial.data?.attempts[0];
  return (
    <>
      <Button size="compact-sm" variant="default" loading={trial.isPending} onClick={() => trial.mutate(hook.id)}>
        {t('access.test')}
      </Button>
      <Button size="compact-sm" variant="default" loading={exchange.isPending} onClick={() => exchange.mutate(hook.id)}>
        {t('access.exchange')}
      </Button>
      {removing ? (
        <Button size="compact-sm" color="refuse" autoFocus loading={remove.isPending} onClick={() => remove.mutate(hook.id)}>
          {t('access.removeSure')}
        </Button>
      ) : (
        <Button size="compact-sm" variant="subtle" onClick={() => setRemoving(true)}>
          {t('access.remove')}
        </Button>
      )}
      <form
        className={classes.row}
        onSubmit={(event) => {
          event.preventDefault();
          replay.mutate({ id: hook.id, after: Number(after) });
        }}
      >
        <TextInput size="xs" inputMode="numeric" aria-label={t('access.replayAfter')} placeholder={t('access.replayAfter')} value={after} onChange={(event) => setAfter(event.currentTarget.value.replace(/\D/g, ''))} />
        <Button type="submit" size="compact-sm" variant="default" disabled={after === ''} loading={replay.isPending}>
          {t('access.replay')}
        </Button>
      </form>
      <div role="status" className="small">
        {result ? (result.status >= 200 && result.status < 300 ? t('access.testGood', { status: result.status, ms: result.took_ms }) : t('access.testBad', { status: result.status, fault: result.fault })) : null}
        {replay.data ? t('access.replayed', { count: replay.data.messages }) : null}
      </div>
      {failed ? <ProblemNotice problem={asProblem(failed)} /> : null}
    </>
  );
}

function Deliveries({ hook, own }: { hook: Webhook; own: 'own' | 'all' }) {
  const { t } = useTexts();
  const query = useQuery(deliveriesQuery(hook.id));
  return (
    <Loaded query={query} rows={4}>
      {(data) =>
        data.items.length === 0 ? (
          <p className="small muted">{t('access.noDeliveries')}</p>
        ) : (
          <ul className={classes.keys} aria-label={t('access.deliveries')}>
            {data.items.map((delivery) => (
              <Message key={delivery.id} hook={hook} delivery={delivery} own={own} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

function Message({ hook, delivery, own }: { hook: Webhook; delivery: Delivery; own: 'own' | 'all' }) {
  const { t } = useTexts();
  const resend = useAccessCommand(commands.resend);
  const last = delivery.attempts.at(-1);
  return (
    <li className={classes.key}>
      <div className={classes.keyName}>
        <State noun="delivery" state={delivery.state} />
        <span className="mono">{delivery.kind}</span>
        {delivery.cursor >= 0 ? <span className="small muted">{t('access.cursor', { cursor: delivery.cursor })}</span> : null}
      </div>
      <div className="small muted">
        <Instant at={delivery.created_at} /> · {t('access.attempts', { count: delivery.attempts.length })}
        {last ? ` · ${last.status || last.fault} · ${last.took_ms} ms` : ''}
      </div>
      {own === 'own' && delivery.state !== 'waiting' && delivery.cursor >= 0 ? (
        <Button size="compact-sm" variant="default" loading={resend.isPending} onClick={() => resend.mutate({ id: hook.id, message: delivery.id })}>
          {t('access.resend')}
        </Button>
      ) : null}
      {resend.error ? <ProblemNotice problem={asProblem(resend.error)} /> : null}
      {last?.excerpt ? <pre className={classes.excerpt}>{last.excerpt}</pre> : null}
    </li>
  );
}

function NewWebhook() {
  const { t } = useTexts();
  const [url, setUrl] = useState('');
  const [kinds, setKinds] = useState('');
  const add = useAccessCommand(commands.addWebhook);
  const problem = add.error ? asProblem(add.error) : undefined;
  return (
    <form
      className={classes.wizard}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = kinds.split(/[\s,]+/).filter(Boolean);
        add.mutate({ url: url.trim(), ...(wanted.length ? { kinds: wanted } : {}) }, { onSuccess: () => (setUrl(''), setKinds('')) });
      }}
    >
      <h3>{t('access.addWebhook')}</h3>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('access.url')} description={t('access.urlHelp')} autoComplete="off" inputMode="url" value={url} onChange={(event) => setUrl(event.currentTarget.value)} error={problem?.field('/url')} />
      <TextInput label={t('access.kinds')} description={t('access.kindsHelp')} autoComplete="off" value={kinds} onChange={(event) => setKinds(event.currentTarget.value)} error={problem?.field('/kinds/0')} />
      <div className={classes.row}>
        <Button type="submit" loading={add.isPending} disabled={url.trim() === ''}>
          {t('access.add')}
        </Button>
      </div>
    </form>
  );
}
