import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { wallOf } from '@shared/format';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { toInstant } from '@shared/parse';
import { useCan, useSession } from '@shared/session';
import { DateTimeField } from '@ui/DateTimeField';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { StateMark } from '@ui/StateMark';
import { Callout } from '@ui/states';
import { Facts, Identifier, Instant } from '@ui/values';
import { orderEventsQuery, orderQuery, useOrderAct, type Order, type OrderAct } from './api';
import classes from './Orders.module.css';

const route = getRouteApi('/orders/$id');

/** What its utility can do about an order now, the next step first. */
function possibleActs(order: Order): OrderAct[] {
  switch (order.state) {
    case 'issued':
    case 'delivered':
      return ['acknowledgement', 'objection'];
    case 'acknowledged':
      return ['execution', 'objection'];
    case 'executed':
      return ['objection'];
    case 'verified':
    case 'closed':
      return [];
  }
}

function ActForm({ order, act, onDone }: { order: Order; act: OrderAct; onDone: () => void }) {
  const { t } = useTexts();
  const { user } = useSession();
  const [person, setPerson] = useState(user.name);
  const [now] = useState(() => wallOf(new Date()));
  const [typed, setTyped] = useState(now);
  const [note, setNote] = useState('');
  const [wrongTime, setWrongTime] = useState(false);
  const perform = useOrderAct(order.id, act, onDone);
  const problem = perform.error ? asProblem(perform.error) : undefined;
  const submit = () => {
    if (act !== 'execution') return perform.mutate(act === 'objection' ? { person: person.trim(), note: note.trim() } : { person: person.trim() });
    // Left as it was offered it means now; the minute alone may lie before an order that was issued in it.
    const at = typed === now ? '' : toInstant(typed.date, typed.time);
    setWrongTime(at === undefined);
    if (at !== undefined) perform.mutate({ person: person.trim(), ...(at ? { at } : {}) });
  };
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t(`order.person.${act}`)} autoFocus value={person} onChange={(event) => setPerson(event.currentTarget.value)} error={problem?.field('/person')} />
      {act === 'execution' ? <DateTimeField label={t('order.switchedAt')} help={t('order.switchedAtHelp')} value={typed} onChange={setTyped} error={wrongTime ? t('date.wrong') : problem?.field('/at')} /> : null}
      {act === 'objection' ? <Textarea label={t('order.note')} description={t('order.noteHelp')} autosize minRows={3} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} /> : null}
      <p className="small muted">{t(`order.effect.${act}`)}</p>
      <div className={classes.buttons}>
        <Button type="submit" loading={perform.isPending}>
          {t(`order.do.${act}`)}
        </Button>
        <Button variant="subtle" onClick={onDone}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

function Acts({ order }: { order: Order }) {
  const { t } = useTexts();
  const can = useCan();
  const [act, setAct] = useState<OrderAct>();
  const possible = possibleActs(order);
  if (!can('order.act') || possible.length === 0) return <p>{t(`order.next.${order.state}`)}</p>;
  return (
    <div className={classes.acts}>
      <p>{t(`order.next.${order.state}`)}</p>
      {act && possible.includes(act) ? (
        <ActForm key={act} order={order} act={act} onDone={() => setAct(undefined)} />
      ) : (
        <div className={classes.buttons}>
          {possible.map((item, index) => (
            <Button key={item} variant={index === 0 && item !== 'objection' ? 'filled' : 'default'} onClick={() => setAct(item)}>
              {t(`order.open.${item}`)}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

function History({ id }: { id: string }) {
  const { t } = useTexts();
  const events = useQuery(orderEventsQuery(id));
  return (
    <Section title={t('ui.timeline.title')}>
      <Loaded query={events} rows={3}>
        {(data) => <LedgerTimeline events={data.items} />}
      </Loaded>
    </Section>
  );
}

function Body({ order }: { order: Order }) {
  const { t } = useTexts();
  const can = useCan();
  const ground = useGroundText();
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/orders">
            <BackLabel>{t('nav.orders')}</BackLabel>
          </Link>
        }
        kind={t('noun.disconnection_order')}
        number={<Identifier value={order.number} />}
        title={`${t('noun.disconnection_order')} ${order.number}`}
        state={<State noun="order" state={order.state} size="large" />}
        subtitle={
          <>
            {order.overdue ? <StateMark tone="refuse" label={t('order.overdue')} /> : null}
            {order.objected ? <StateMark tone="stop" label={t('order.objected')} /> : null}
          </>
        }
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('gate.point'), value: <Identifier value={order.connection_point} /> },
              { label: t('application.license'), value: <Link to="/licenses/$number" params={{ number: order.license }} className="mono">{order.license}</Link> },
              { label: t('order.ground'), value: ground(order.ground) },
              { label: t('order.deadline'), value: <Instant at={order.deadline} /> },
            ]}
          />
        }
      />
      <Columns
        facts={
          <Section title={t('order.steps')}>
            <Facts
              facts={[
                { label: t('order.issued'), value: <Instant at={order.issued_at} /> },
                { label: t('order.acknowledgedAt'), value: <Instant at={order.acknowledged_at} /> },
                { label: t('order.executedAt'), value: <Instant at={order.executed_at} /> },
                { label: t('order.verifiedAt'), value: <Instant at={order.verified_at} /> },
              ]}
            />
          </Section>
        }
      >
        <Section title={t('order.nextTitle')}>
          <Acts order={order} />
        </Section>
        {order.objection ? <Callout tone="stop" title={t('order.objection')}>{order.objection}</Callout> : null}
        {can('ledger.read') ? <History id={order.id} /> : null}
      </Columns>
    </>
  );
}

/** One disconnection order: what has to be switched off and why, and what its utility reports. */
export function OrderPage() {
  const { id } = route.useParams();
  const query = useQuery(orderQuery(id));
  return <Loaded query={query}>{(order) => <Body order={order} />}</Loaded>;
}
