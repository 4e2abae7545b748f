import { Button, Radio, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { commands, useAccountCommand } from './api';
import { Secret } from './Secret';
import { UtilityField } from './UtilityField';
import classes from './People.module.css';

/** A new API client; its secret is shown once. */
export function NewClient() {
  const { t } = useTexts();
  const [name, setName] = useState('');
  const [role, setRole] = useState<'utility' | 'collector'>('utility');
  const [utility, setUtility] = useState('');
  const [collector, setCollector] = useState('');
  const add = useAccountCommand(commands.addClient);
  const problem = add.error ? asProblem(add.error) : undefined;
  return (
    <Page
      width="reading"
      title={t('clients.newTitle')}
      back={
        <Link to="/clients">
          <BackLabel>{t('nav.clients')}</BackLabel>
        </Link>
      }
    >
      {add.data ? (
        <div className={classes.stack}>
          <Secret title={t('clients.added', { name: add.data.name })} id={add.data.client_id} idLabel={t('client.id')} secret={add.data.client_secret ?? '–'} secretLabel={t('client.secret')} />
          <div className={classes.buttons}>
            <Button component={Link} to="/clients">
              {t('people.toList')}
            </Button>
          </div>
        </div>
      ) : (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate({ name: name.trim(), role, ...(role === 'utility' ? { utility: utility.trim() } : { collector: collector.trim() }) });
          }}
        >
          {problem ? <ProblemNotice problem={problem} /> : null}
          <TextInput label={t('people.name')} autoComplete="off" value={name} onChange={(event) => setName(event.currentTarget.value)} error={problem?.field('/name')} />
          <Radio.Group label={t('client.role')} value={role} onChange={(value) => setRole(value === 'collector' ? 'collector' : 'utility')} error={problem?.field('/role')}>
            <div className={classes.roles}>
              <Radio value="utility" label={t('client.role.utility')} />
              <Radio value="collector" label={t('client.role.collector')} />
            </div>
          </Radio.Group>
          {role === 'utility' ? (
            <UtilityField value={utility} onChange={setUtility} error={problem?.field('/utility')} />
          ) : (
            <TextInput label={t('client.collector')} description={t('client.collectorHelp')} autoComplete="off" value={collector} onChange={(event) => setCollector(event.currentTarget.value)} error={problem?.field('/collector')} />
          )}
          <div className={classes.buttons}>
            <Button type="submit" loading={add.isPending}>
              {t('clients.create')}
            </Button>
            <Button variant="subtle" component={Link} to="/clients">
              {t('ui.cancel')}
            </Button>
          </div>
        </form>
      )}
    </Page>
  );
}
