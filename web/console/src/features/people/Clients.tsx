import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Identifier } from '@ui/values';
import { clientPages, commands, useAccountCommand, type Client } from './api';
import { Disable } from './Disable';
import classes from './People.module.css';

/** The API clients: the systems of grid companies, and collectors. */
export function Clients() {
  const { t } = useTexts();
  const { query, more, busy } = usePages(clientPages);
  const disable = useAccountCommand(commands.disableClient);
  const columns: Column<Client>[] = [
    { key: 'name', header: t('people.name'), cell: (row) => row.name },
    { key: 'role', header: t('client.role'), cell: (row) => t(`role.${row.role}`) },
    { key: 'id', header: t('client.id'), cell: (row) => <Identifier value={row.client_id} shorten="middle" />, from: 'medium' },
    { key: 'for', header: t('client.for'), cell: (row) => (row.collector ? <span className="mono">{row.collector}</span> : row.utility ? <Identifier value={row.utility} shorten="middle" /> : '–'), from: 'wide' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="account" state={row.disabled ? 'disabled' : 'active'} />, from: 'medium' },
    { key: 'acts', header: t('people.acts'), align: 'end', cell: (row) => (row.disabled ? null : <Disable name={row.name} busy={disable.isPending && disable.variables === row.id ? 'busy' : undefined} onDisable={() => disable.mutate(row.id)} />) },
  ];
  return (
    <Page
      title={t('clients.title')}
      lead={t('clients.lead')}
      action={
        <Button component={Link} to="/clients/new">
          {t('clients.add')}
        </Button>
      }
    >
      <div className={classes.stack}>
        {disable.error ? <ProblemNotice problem={asProblem(disable.error)} /> : null}
        <Loaded query={query} rows={6}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('clients.empty')}>{t('clients.emptyHelp')}</Empty>
            ) : (
              <div>
                <DataList label={t('clients.title')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => row.name} />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
              </div>
            )
          }
        </Loaded>
      </div>
    </Page>
  );
}
