import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useQuietRows } from '@shared/quiet';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { StateMark } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { Instant } from '@ui/values';
import { orderPages, type Order } from './api';
import { orderStates } from './search';
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

/** The disconnection orders: what has to be switched off, by when, and how far it is. */
export function Orders() {
  const { t } = useTexts();
  const ground = useGroundText();
  const { state, license } = route.useSearch();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(orderPages(state, license));
  const quiet = useQuietRows(query.data?.items, (row) => row.id, `${state ?? ''}/${license ?? ''}/${query.data?.parts ?? 0}`);
  const whole = query.data && !query.data.cut ? query.data.items : undefined;
  const columns: Column<Order>[] = [
    { key: 'number', header: t('order.number'), cell: (row) => <Link to="/orders/$id" params={{ id: row.id }} className="mono" preload={false}>{row.number}</Link> },
    { key: 'point', header: t('gate.point'), cell: (row) => <span className="mono">{row.connection_point}</span> },
    { key: 'state', header: t('ui.state'), cell: (row) => <><State noun="order" state={row.state} />{row.objected ? <StateMark tone="stop" label={t('order.objected')} /> : null}</> },
    { key: 'license', header: t('application.license'), cell: (row) => <Link to="/licenses/$number" params={{ number: row.license }} className="mono">{row.license}</Link>, from: 'medium' },
    { key: 'ground', header: t('order.ground'), cell: (row) => ground(row.ground), from: 'wide' },
    { key: 'issued', header: t('order.issued'), cell: (row) => <Instant at={row.issued_at} />, align: 'end', from: 'wide' },
    { key: 'due', header: t('order.deadline'), cell: (row) => <Due order={row} />, align: 'end', from: 'medium' },
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
      <Views label={t('ui.views')}>
        <Link to="/orders" search={{ ...(license ? { license } : {}) }} aria-current={state ? undefined : 'page'} {...viewLink}>
          <ViewLabel text={t('ui.all')} count={state ? undefined : whole?.length} />
        </Link>
        {orderStates.map((item) => (
          <Link key={item} to="/orders" search={{ ...(license ? { license } : {}), state: item }} aria-current={state === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(`state.order.${item}`)} count={state && state !== item ? undefined : whole?.filter((row) => row.state === item).length} />
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
