import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { useCan, useSession } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { StateMark } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { Instant } from '@ui/values';
import { Table } from '@ui/Table';
import { acknowledgeAll, orderPages, orderSummaryQuery, type Order } from './api';
import { orderFlags, orderStates } from './search';
import classes from './Orders.module.css';

const route = getRouteApi('/orders');

/** The deadline, and that it has passed. */
function Due({ order }: { order: Order }) {
  const { t } = useTexts();
  return (
    <span className={classes.due}>
      <Instant at={order.deadline} />
      {order.overdue ? <StateMark tone="refuse" label={t('order.overdue')} /> : null}
    </span>
  );
}

/** The state and what is wrong with it. */
function How({ order }: { order: Order }) {
  const { t } = useTexts();
  return (
    <span className={classes.how}>
      <State noun="order" state={order.state} />
      {order.contradicted ? <StateMark tone="refuse" label={t('order.contradicted')} /> : null}
      {order.objected ? <StateMark tone="stop" label={t('order.objected')} /> : null}
    </span>
  );
}

/** How the orders of each utility stand; what the meters contradict comes first. */
function Board() {
  const { t } = useTexts();
  const { data } = useQuery(orderSummaryQuery);
  const rows = [...(data?.items ?? [])].sort((a, b) => b.contradicted - a.contradicted || b.overdue - a.overdue || a.utility_name.localeCompare(b.utility_name));
  if (rows.length === 0) return null;
  const count = (row: (typeof rows)[number], flag: 'contradicted' | 'overdue' | 'objected') =>
    row[flag] === 0 ? <span className="muted">0</span> : <Link to="/orders" search={{ utility: row.utility, flag }}>{row[flag]}</Link>;
  return (
    <div className={classes.board}>
      <Table label={t('orders.byUtility')}>
        <thead>
          <tr>
            <th>{t('orders.byUtility')}</th>
            <th>{t('orders.flag.contradicted')}</th>
            <th>{t('orders.flag.overdue')}</th>
            <th>{t('orders.flag.objected')}</th>
            <th>{t('orders.waiting')}</th>
            <th>{t('orders.unverified')}</th>
            <th>{t('order.escalations')}</th>
            <th>{t('orders.oldest')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.utility}>
              <td><Link to="/orders" search={{ utility: row.utility }}>{row.utility_name}</Link></td>
              <td className="num">{count(row, 'contradicted')}</td>
              <td className="num">{count(row, 'overdue')}</td>
              <td className="num">{count(row, 'objected')}</td>
              <td className="num">{row.open}</td>
              <td className="num">{row.executed}</td>
              <td className="num">{row.escalations}</td>
              <td><Instant at={row.oldest_deadline} /></td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** Takes the selected orders in the name of who is signed in. */
function TakeAll({ rows, clear }: { rows: readonly Order[]; clear: () => void }) {
  const { t } = useTexts();
  const { user } = useSession();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<{ done: number; failed: number }>();
  const take = async () => {
    setBusy(true);
    const sum = await acknowledgeAll(rows, user.name);
    await client.invalidateQueries({ queryKey: ['orders'] });
    setBusy(false);
    if (sum.failed === 0) clear();
    else setResult(sum);
  };
  return (
    <>
      <Button size="compact-sm" loading={busy} onClick={() => void take()}>
        {t('orders.acknowledgeAll')}
      </Button>
      {result ? <span role="status">{t('orders.acknowledgedSome', result)}</span> : null}
    </>
  );
}

/** The disconnection orders: what has to be switched off, by when, and how far it is. */
export function Orders() {
  const { t } = useTexts();
  const ground = useGroundText();
  const search = route.useSearch();
  const { state, flag, license } = search;
  const can = useCan();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(orderPages(search));
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${JSON.stringify(search)}/${query.data?.parts ?? 0}`);
  const whole = query.data && !query.data.cut ? query.data.items : undefined;
  const columns: Column<Order>[] = [
    { key: 'number', header: t('order.number'), cell: (row) => <Link to="/orders/$id" params={{ id: row.id }} className="mono" preload={false}>{row.number}</Link> },
    { key: 'point', header: t('gate.point'), cell: (row) => <span className="mono">{row.connection_point}</span> },
    { key: 'state', header: t('ui.state'), cell: (row) => <How order={row} /> },
    { key: 'kind', header: t('order.kind'), cell: (row) => t(`order.kind.${row.kind}`), from: 'medium' },
    { key: 'license', header: t('noun.license'), cell: (row) => row.license ? <Link to="/licenses/$number" params={{ number: row.license }} className="mono">{row.license}</Link> : null, from: 'wide' },
    { key: 'ground', header: t('order.ground'), cell: (row) => ground(row.ground), from: 'wide' },
    { key: 'issued', header: t('order.issued'), cell: (row) => <Instant at={row.issued_at} />, align: 'end', from: 'wide' },
    { key: 'due', header: t('order.deadline'), cell: (row) => <Due order={row} />, align: 'end' },
  ];
  return (
    <Page
      title={t('orders.title')}
      lead={
        license ? (
          <>
            {t('orders.about')} <span className="mono">{license}</span> · <Link to="/orders" search={{ ...(state ? { state } : {}) }}>{t('orders.everywhere')}</Link>
          </>
        ) : (
          t('orders.lead')
        )
      }
    >
      {can('order.act') ? null : <Board />}
      <Views label={t('ui.views')}>
        <Link to="/orders" search={{ ...(license ? { license } : {}) }} aria-current={state ?? flag ? undefined : 'page'} {...viewLink}>
          <ViewLabel text={t('ui.all')} count={state ?? flag ? undefined : whole?.length} />
        </Link>
        {orderFlags.map((item) => (
          <Link key={item} to="/orders" search={{ ...(license ? { license } : {}), flag: item }} aria-current={flag === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`orders.flag.${item}`)} count={flag === item ? whole?.length : undefined} />
          </Link>
        ))}
        {orderStates.map((item) => (
          <Link key={item} to="/orders" search={{ ...(license ? { license } : {}), state: item }} aria-current={state === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`state.order.${item}`)} count={flag ?? (state && state !== item) ? undefined : whole?.filter((row) => row.state === item).length} />
          </Link>
        ))}
      </Views>
      <Loaded query={query} rows={8}>
        {() =>
          quiet.rows.length === 0 && quiet.waiting === 0 ? (
            <Empty title={t('orders.empty')}>{t('orders.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('orders.title')}
                columns={columns}
                groups={[{ key: 'all', label: null, rows: quiet.rows }]}
                keyOf={(row) => row.id}
                nameOf={(row) => row.number}
                onOpen={(row) => void navigate({ to: '/orders/$id', params: { id: row.id } })}
                {...(can('order.act') ? { bulk: (rows: readonly Order[], clear: () => void) => <TakeAll rows={rows} clear={clear} /> } : {})}
                waiting={quiet.waiting}
                onShowWaiting={quiet.show}
              />
              <ListFoot shown={quiet.rows.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
