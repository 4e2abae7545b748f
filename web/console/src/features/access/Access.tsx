import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { count } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useSession } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Facts, Identifier, Instant } from '@ui/values';
import { accessQuery, commands, useAccessCommand, type ClientAccess, type ClientKey } from './api';
import { NewKey } from './NewKey';
import { Webhooks } from './Webhooks';
import classes from './Access.module.css';

/** What a utility's systems reach the registry with, and where they are told. */
export function Access() {
  const { t } = useTexts();
  const session = useSession();
  const own = session.permissions.includes('client.own') && session.permissions.includes('webhook.write');
  return (
    <Page title={t(own ? 'access.title' : 'access.titleAll')} lead={t(own ? 'access.lead' : 'access.leadAll')}>
      {own ? <Clients /> : null}
      <Webhooks own={own ? 'own' : 'all'} />
    </Page>
  );
}

function Clients() {
  const { t } = useTexts();
  const query = useQuery(accessQuery);
  return (
    <Section title={t('access.clients')} note={t('access.clientsNote')}>
      <Loaded query={query} rows={3}>
        {(data) => (data.items.length === 0 ? <Empty title={t('access.noClients')}>{t('access.noClientsHelp')}</Empty> : <div className={classes.stack}>{data.items.map((client) => <Client key={client.id} client={client} />)}</div>)}
      </Loaded>
    </Section>
  );
}

function Client({ client }: { client: ClientAccess }) {
  const { t, number, words } = useAccessTexts();
  const [adding, setAdding] = useState(false);
  return (
    <article className={classes.client} aria-label={client.name}>
      <div className={classes.head}>
        <h3>{client.name}</h3>
        {client.terms.test ? <span className="small muted">{t('access.testClient')}</span> : null}
        {client.disabled ? <State noun="account" state="disabled" /> : null}
      </div>
      <Facts
        layout="row"
        facts={[
          { label: t('client.id'), value: <Identifier value={client.id} shorten="middle" /> },
          { label: t('access.today'), value: client.limit_per_day ? t('access.ofLimit', { used: words(client.checks_today), limit: words(client.limit_per_day) }) : number(client.checks_today) },
          { label: t('access.perMinute'), value: client.limit_per_minute ? number(client.limit_per_minute) : t('access.noLimit') },
          { label: t('access.refused'), value: number(client.refused_today) },
          { label: t('access.unknown'), value: number(client.unknown_today) },
        ]}
      />
      <ul className={classes.keys} aria-label={t('access.keys')}>
        {client.keys.map((key) => (
          <Key key={key.id} client={client} credential={key} />
        ))}
      </ul>
      {client.disabled ? null : adding ? (
        <NewKey client={client} onDone={() => setAdding(false)} />
      ) : (
        <Button size="compact-sm" variant="default" onClick={() => setAdding(true)}>
          {t('access.addKey')}
        </Button>
      )}
    </article>
  );
}

function useAccessTexts() {
  const { t, language } = useTexts();
  return { t, words: (value: number) => count(value, language), number: (value: number) => <span className="num">{count(value, language)}</span> };
}

function Key({ client, credential }: { client: ClientAccess; credential: ClientKey }) {
  const { t } = useTexts();
  const [asking, setAsking] = useState(false);
  const retire = useAccessCommand(commands.retire);
  return (
    <li className={classes.key}>
      <div className={classes.keyName}>
        <State noun="credential" state={credential.state} />
        {credential.kind === 'secret' ? <span>{t('access.secret')}</span> : <Identifier value={credential.id} shorten="middle" />}
        <span className="small muted">{credential.algorithm}</span>
      </div>
      <div className="small muted">
        {credential.used_at ? (
          <>
            {t('access.lastUsed')} <Instant at={credential.used_at} />
          </>
        ) : (
          t('access.neverUsed')
        )}
      </div>
      {credential.state !== 'active' || client.disabled ? null : asking ? (
        <span className={classes.row}>
          <Button size="compact-sm" color="refuse" autoFocus loading={retire.isPending} onClick={() => retire.mutate({ id: client.id, credential: credential.id }, { onSuccess: () => setAsking(false) })}>
            {t('access.retireSure')}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => setAsking(false)}>
            {t('ui.cancel')}
          </Button>
        </span>
      ) : (
        <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
          {t('access.retire')}
        </Button>
      )}
      {retire.error ? <ProblemNotice problem={asProblem(retire.error)} /> : null}
    </li>
  );
}
