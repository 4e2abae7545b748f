import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { exactInstant, kw, kwh, wallOf } from '@shared/format';
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
import { objectionCodes, orderEventsQuery, orderEvidenceQuery, orderQuery, useOrderAct, type ObjectionCode, type Order, type OrderAct } from './api';
import { Evidence } from './Evidence';
import { RegistryActs } from './RegistryActs';
import classes from './Orders.module.css';

const route = getRouteApi('/orders/$id');

/** What its utility can do about an order now, the next step first. */
function possibleActs(order: Order): OrderAct[] {
  if (order.kind === 'reconnection') return order.state === 'issued' || order.state === 'delivered' ? ['acknowledgement'] : [];
  if (order.contradicted && (order.state === 'executed' || order.state === 'verified')) return ['execution'];
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
  const [code, setCode] = useState<ObjectionCode>('safety');
  const [scheduled, setScheduled] = useState({ date: '', time: '' });
  const [crew, setCrew] = useState('');
  const [reading, setReading] = useState('');
  const [wrong, setWrong] = useState<'time' | 'reading'>();
  const perform = useOrderAct(order, act, onDone);
  const problem = perform.error ? asProblem(perform.error) : undefined;
  const submit = () => {
    const who = { person: person.trim() };
    if (act === 'objection') return perform.mutate({ ...who, note: note.trim(), code });
    if (act === 'acknowledgement') {
      const planned = scheduled.date ? toInstant(scheduled.date, scheduled.time) : '';
      setWrong(planned === undefined ? 'time' : undefined);
      if (planned !== undefined) perform.mutate({ ...who, ...(planned ? { scheduled_at: planned } : {}) });
      return;
    }
    // Left as it was offered it means now; the minute alone may lie before an order that was issued in it.
    const at = typed === now ? '' : toInstant(typed.date, typed.time);
    const kwh = reading.trim() === '' ? undefined : Number(reading.trim().replace(',', '.').replaceAll(/\s/g, ''));
    const bad = at === undefined ? 'time' : kwh !== undefined && !(kwh >= 0) ? 'reading' : undefined;
    setWrong(bad);
    if (bad === undefined) perform.mutate({ ...who, ...(at ? { at } : {}), ...(crew.trim() ? { crew: crew.trim() } : {}), ...(kwh === undefined ? {} : { reading_kwh: kwh }) });
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
      {act === 'execution' ? <DateTimeField label={t('order.switchedAt')} help={t('order.switchedAtHelp')} value={typed} onChange={setTyped} error={wrong === 'time' ? t('date.wrong') : problem?.field('/at')} /> : null}
      {act === 'execution' ? <TextInput label={t('order.reading')} description={t('order.readingHelp')} inputMode="decimal" value={reading} onChange={(event) => setReading(event.currentTarget.value)} error={wrong === 'reading' ? t('order.readingWrong') : problem?.field('/reading_kwh')} /> : null}
      {act === 'execution' ? <TextInput label={t('order.crew')} value={crew} onChange={(event) => setCrew(event.currentTarget.value)} error={problem?.field('/crew')} /> : null}
      {act === 'acknowledgement' ? <DateTimeField label={t('order.scheduled')} help={t('order.scheduledHelp')} value={scheduled} onChange={setScheduled} error={wrong === 'time' ? t('date.wrong') : problem?.field('/scheduled_at')} /> : null}
      {act === 'objection' ? <NativeSelect label={t('order.objectionCode')} value={code} onChange={(event) => setCode(event.currentTarget.value as ObjectionCode)} data={objectionCodes.map((item) => ({ value: item, label: t(`order.objectionCode.${item}`) }))} /> : null}
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
  const keys = can('order.act') ? possible.join() : '';
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]');
      const wanted = event.key === 'a' ? 'acknowledgement' : event.key === 'e' ? 'execution' : undefined;
      if (!wanted || typing || event.ctrlKey || event.metaKey || event.altKey || !keys.split(',').includes(wanted)) return;
      event.preventDefault();
      setAct(wanted);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [keys]);
  if (order.kind === 'reconnection' && order.state !== 'verified' && order.state !== 'closed' && possible.length === 0)
    return (
      <div className={classes.acts}>
        <p>{t('order.next.reconnection')}</p>
        {can('gate.check') ? <Button component={Link} to="/gate">{t('order.toGate')}</Button> : null}
      </div>
    );
  if (!can('order.act') || possible.length === 0) return <p>{t(`order.next.${order.state}`)}</p>;
  return (
    <div className={classes.acts}>
      <p>{t(order.kind === 'reconnection' ? 'order.next.reconnection' : `order.next.${order.state}`)}</p>
      {act && possible.includes(act) ? (
        <ActForm key={act} order={order} act={act} onDone={() => setAct(undefined)} />
      ) : (
        <div className={classes.buttons}>
          {possible.map((item, index) => (
            <Button key={item} variant={index === 0 && item !== 'objection' ? 'filled' : 'default'} onClick={() => setAct(item)}>
              {t(`order.open.${item}`)}
              {item === 'objection' ? null : <kbd className={classes.key}>{item === 'execution' ? 'e' : 'a'}</kbd>}
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

/** What was wrong and is known: a contradiction, an objection and what became of it. */
function Troubles({ order }: { order: Order }) {
  const { t, language } = useTexts();
  const told = order.objection_detail;
  return (
    <>
      {order.contradicted && order.contradicted_at && order.drawn_kw !== undefined ? (
        <Callout tone="refuse" title={t('order.contradictedTitle')}>
          {t('order.contradictedText', { at: exactInstant(order.contradicted_at, language), kw: kw(order.drawn_kw, language) })}
        </Callout>
      ) : null}
      {told ? (
        <Callout tone={told.decision ? 'wait' : 'stop'} title={told.decision ? t(`order.decided.${told.decision}`) : t('order.objection')}>
          {told.code ? `${t(`order.objectionCode.${told.code}`)}. ` : ''}
          {told.text}
          {told.reply ? ` — ${told.reply}` : ''}
        </Callout>
      ) : null}
    </>
  );
}

function Body({ order }: { order: Order }) {
  const { t, language } = useTexts();
  const evidence = useQuery({ ...orderEvidenceQuery(order.id), enabled: order.executed_at !== undefined && order.state !== 'closed' });
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
        title={`${t(`order.kind.${order.kind}`)} ${order.number}`}
        state={<State noun="order" state={order.state} size="large" />}
        subtitle={
          <>
            {order.overdue ? <StateMark tone="refuse" label={t('order.overdue')} /> : null}
            {order.contradicted ? <StateMark tone="refuse" label={t('order.contradicted')} /> : null}
            {order.objected ? <StateMark tone="stop" label={t('order.objected')} /> : null}
          </>
        }
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('gate.point'), value: <Identifier value={order.connection_point} /> },
              { label: t('application.license'), value: order.license ? <Link to="/licenses/$number" params={{ number: order.license }} className="mono">{order.license}</Link> : '—' },
              { label: t('order.ground'), value: ground(order.ground) },
              { label: t('order.deadline'), value: <Instant at={order.deadline} /> },
              ...(order.limit_kw === undefined ? [] : [{ label: t('order.limit'), value: <span className="num">{kw(order.limit_kw, language)}</span> }]),
              ...(order.window_from ? [{ label: t('order.window'), value: <><Instant at={order.window_from} /> – {order.window_until ? <Instant at={order.window_until} /> : t('order.windowOpen')}</> }] : []),
            ]}
          />
        }
      />
      <Columns
        facts={
          <Section title={t('order.steps')}>
            <Facts
              facts={[
                { label: t('order.utility'), value: order.utility_name ?? '' },
                { label: t('order.issued'), value: <Instant at={order.issued_at} /> },
                { label: t('order.delivered'), value: <><Instant at={order.delivered_at} />{order.delivered_by ? ` · ${t(`order.deliveredBy.${order.delivered_by}`)}` : ''}</> },
                { label: t('order.acknowledgedAt'), value: <><Instant at={order.acknowledged_at} />{order.acknowledged_by ? ` · ${order.acknowledged_by}` : ''}</> },
                ...(order.scheduled_at ? [{ label: t('order.scheduled'), value: <Instant at={order.scheduled_at} /> }] : []),
                { label: t('order.executedAt'), value: <><Instant at={order.executed_at} />{order.crew ? ` · ${t('order.crew')} ${order.crew}` : ''}</> },
                ...(order.reading_kwh === undefined ? [] : [{ label: t('order.reading'), value: <span className="num">{kwh(order.reading_kwh, language)}</span> }]),
                { label: order.verified_by_hand ? t('order.verifiedByHand') : t('order.verifiedAt'), value: <><Instant at={order.verified_at} />{order.verified_reason ? ` · ${order.verified_reason}` : ''}</> },
                ...(order.escalations > 0 ? [{ label: t('order.escalations'), value: t('order.escalationsTimes', { count: order.escalations }) }] : []),
                ...(order.legal_ref ? [{ label: t('order.legal'), value: <span className="small">{order.legal_ref}{order.grade === 'R' ? ` (${t('order.legalR')})` : ''}</span> }] : []),
              ]}
            />
          </Section>
        }
      >
        <Section title={t('order.nextTitle')}>
          <Acts order={order} />
          <RegistryActs order={order} needsPerson={evidence.data?.needs_person ?? false} />
        </Section>
        <Troubles order={order} />
        {evidence.data ? <Evidence evidence={evidence.data} /> : null}
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
