import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useSession } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { commands, peoplePages, useAccountCommand, type Person } from './api';
import { Disable } from './Disable';
import { Secret } from './Secret';
import classes from './People.module.css';

/** The people with an account: who they are, what they may be, and whether they still may. */
export function People() {
  const { t } = useTexts();
  const { user } = useSession();
  const { query, more, busy } = usePages(peoplePages);
  const disable = useAccountCommand(commands.disablePerson);
  const reset = useAccountCommand(async (person: Person) => ({ person, password: (await commands.resetPassword(person.id)).password }));
  const failed = disable.error ?? reset.error;
  const columns: Column<Person>[] = [
    { key: 'name', header: t('people.name'), cell: (row) => row.name },
    { key: 'login', header: t('people.login'), cell: (row) => <span className="mono">{row.login}</span>, from: 'medium' },
    { key: 'roles', header: t('people.roles'), cell: (row) => row.roles.map((role) => t(`role.${role}`)).join(', ') },
    { key: 'unit', header: t('people.unit'), cell: (row) => row.unit ?? '–', from: 'wide' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="account" state={row.disabled ? 'disabled' : 'active'} />, from: 'medium' },
    {
      key: 'acts',
      header: t('people.acts'),
      align: 'end',
      cell: (row) =>
        row.disabled || row.id === user.id ? null : (
          <span className={classes.row}>
            <Button size="compact-sm" variant="default" aria-label={t('people.resetOf', { name: row.name })} loading={reset.isPending && reset.variables.id === row.id} onClick={() => reset.mutate(row)}>
              {t('people.reset')}
            </Button>
            <Disable name={row.name} busy={disable.isPending && disable.variables === row.id ? 'busy' : undefined} onDisable={() => disable.mutate(row.id)} />
          </span>
        ),
    },
  ];
  return (
    <Page
      title={t('people.title')}
      lead={t('people.lead')}
      action={
        <Button component={Link} to="/people/new">
          {t('people.add')}
        </Button>
      }
    >
      <div className={classes.stack}>
        {failed ? <ProblemNotice problem={asProblem(failed)} /> : null}
        {reset.data ? <Secret title={t('people.newPassword', { name: reset.data.person.name })} id={reset.data.person.login} idLabel={t('people.login')} secret={reset.data.password} secretLabel={t('people.password')} /> : null}
        <Loaded query={query} rows={8}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('people.empty')}>{t('people.emptyHelp')}</Empty>
            ) : (
              <div>
                <DataList label={t('people.title')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => row.name} />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
              </div>
            )
          }
        </Loaded>
      </div>
    </Page>
  );
}
