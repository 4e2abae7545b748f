import { Button, Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { newKey } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { toInstant } from '@shared/parse';
import { useCan } from '@shared/session';
import { powerOf } from '@shared/table';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { DateTimeField, type Typed } from '@ui/DateTimeField';
import { ChoiceFilter, ViewLabel, Views, WithFilters, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark } from '@ui/StateMark';
import { Callout, Empty } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import { end, hoursOf, openPermitsQuery, record, standingPages, standingQuery, type NewStanding, type Scope, type Standing } from './api';
import { scopesOf, standingKinds, type StandingKind } from './search';
import classes from './Standing.module.css';

const route = getRouteApi('/standing');
const sources = ['auction', 'import', 'own_generation', 'own_res', 'ppa_res'] as const;

interface Form {
  kind: StandingKind;
  scope: Scope;
  scopeID: string;
  from: Typed;
  until: Typed;
  source: (typeof sources)[number];
  hours: string;
  power: string;
  miningOnly: boolean;
  claimant: string;
  document: string;
  note: string;
}

const empty: Form = { kind: 'curtailment', scope: 'connection_point', scopeID: '', from: { date: '', time: '' }, until: { date: '', time: '' }, source: 'auction', hours: '0-24', power: '', miningOnly: false, claimant: '', document: '', note: '' };

/** What is sent, or the fields that cannot be read. */
function bodyOf(form: Form, now: Date): { body?: NewStanding; wrong: string[] } {
  const from = toInstant(form.from.date, form.from.time);
  const until = toInstant(form.until.date, form.until.time);
  const power = form.power.trim() === '' ? 0 : powerOf(form.power);
  const hours = form.kind === 'supply_basis' ? hoursOf(form.hours) : [];
  const wrong = [from === undefined ? 'from' : '', until === undefined ? 'until' : '', power === undefined ? 'power' : '', hours === undefined ? 'hours' : ''].filter(Boolean);
  if (wrong.length > 0 || power === undefined || hours === undefined) return { wrong };
  const powered = form.kind === 'supply_basis' || form.kind === 'curtailment';
  return {
    wrong,
    body: {
      kind: form.kind,
      scope: form.scope,
      ...(form.scope === 'grid' ? {} : { scope_id: form.scopeID.trim() }),
      from: from === '' || from === undefined ? now.toISOString() : from,
      ...(until ? { until } : {}),
      ...(form.kind === 'supply_basis' ? { source: form.source, hours } : {}),
      ...(powered && power ? { power_kw: power } : {}),
      ...(form.kind === 'curtailment' && form.miningOnly ? { mining_only: true } : {}),
      ...(form.kind === 'claim' ? { claimant: form.claimant.trim() } : {}),
      document: form.document.trim(),
      ...(form.note.trim() ? { note: form.note.trim() } : {}),
    },
  };
}

/** What a new fact at a connection point would stand against. */
function Effect({ scope, scopeID }: { scope: Scope; scopeID: string }) {
  const { t } = useTexts();
  const permits = useQuery(openPermitsQuery(scope, scopeID)).data;
  if (scope !== 'connection_point' || !permits) return <p className="muted small">{t('standing.effectElsewhere')}</p>;
  return (
    <Callout tone={permits.length > 0 ? 'stop' : 'unknown'} title={t('standing.effect', { count: permits.length })}>
      {permits.length > 0 ? (
        <ul>
          {permits.map((row) => (
            <li key={row.id}>
              <Link to="/gate/checks/$id" params={{ id: row.id }}>{row.reference}</Link> <Kw value={row.reservation_kw} /> {t('gate.until')} <Instant at={row.valid_until} />
            </li>
          ))}
        </ul>
      ) : null}
      {t('standing.effectHelp')}
    </Callout>
  );
}

function Record({ onDone }: { onDone: () => void }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [form, setForm] = useState(empty);
  const [asked, setAsked] = useState('');
  const [wrong, setWrong] = useState<string[]>([]);
  const key = useRef(newKey());
  const save = useMutation({
    mutationFn: record,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['standing'] });
      onDone();
    },
  });
  const problem = save.error ? asProblem(save.error) : undefined;
  const set = (change: Partial<Form>) => {
    key.current = newKey();
    setForm((before) => ({ ...before, ...change }));
  };
  return (
    <form
      className={classes.box}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const { body, wrong: unread } = bodyOf(form, new Date());
        setWrong(unread);
        if (body) save.mutate({ body, key: key.current });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className={classes.form}>
        <NativeSelect label={t('standing.kind')} value={form.kind} onChange={(event) => {
          const kind = standingKinds.find((item) => item === event.currentTarget.value) ?? 'curtailment';
          set({ kind, scope: scopesOf[kind][0] });
        }}>
          {standingKinds.map((kind) => <option key={kind} value={kind}>{t(`standing.kind.${kind}`)}</option>)}
        </NativeSelect>
        <NativeSelect label={t('standing.scope')} value={form.scope} onChange={(event) => set({ scope: scopesOf[form.kind].find((item) => item === event.currentTarget.value) ?? form.scope })}>
          {scopesOf[form.kind].map((scope) => <option key={scope} value={scope}>{t(`standing.scope.${scope}`)}</option>)}
        </NativeSelect>
        {form.scope === 'grid' ? null : (
          <TextInput label={t('standing.scopeID')} className="mono-field" value={form.scopeID} onChange={(event) => set({ scopeID: event.currentTarget.value })} onBlur={() => setAsked(form.scopeID.trim())} error={problem?.field('/scope_id')} autoComplete="off" />
        )}
        {form.kind === 'claim' ? <TextInput label={t('standing.claimant')} inputMode="numeric" value={form.claimant} onChange={(event) => set({ claimant: event.currentTarget.value })} error={problem?.field('/claimant')} autoComplete="off" /> : null}
        <DateTimeField label={t('standing.from')} help={t('gate.plannedHelp')} value={form.from} onChange={(from) => set({ from })} error={wrong.includes('from') ? t('date.wrong') : problem?.field('/from')} />
        <DateTimeField label={t('standing.until')} help={t('standing.untilHelp')} value={form.until} onChange={(until) => set({ until })} error={wrong.includes('until') ? t('date.wrong') : problem?.field('/until')} />
        {form.kind === 'supply_basis' ? (
          <>
            <NativeSelect label={t('standing.source')} value={form.source} onChange={(event) => set({ source: sources.find((item) => item === event.currentTarget.value) ?? 'auction' })}>
              {sources.map((source) => <option key={source} value={source}>{t(`standing.source.${source}`)}</option>)}
            </NativeSelect>
            <TextInput label={t('standing.hours')} description={t('standing.hoursHelp')} value={form.hours} onChange={(event) => set({ hours: event.currentTarget.value })} error={wrong.includes('hours') ? t('standing.hoursWrong') : problem?.field('/hours')} autoComplete="off" />
          </>
        ) : null}
        {form.kind === 'supply_basis' || form.kind === 'curtailment' ? (
          <TextInput label={t(`standing.power.${form.kind}`)} description={t(`standing.powerHelp.${form.kind}`)} inputMode="decimal" value={form.power} onChange={(event) => set({ power: event.currentTarget.value })} error={wrong.includes('power') ? t('standing.powerWrong') : problem?.field('/power_kw')} autoComplete="off" />
        ) : null}
        {form.kind === 'curtailment' ? <Checkbox label={t('standing.miningOnly')} checked={form.miningOnly} onChange={(event) => set({ miningOnly: event.currentTarget.checked })} /> : null}
        <TextInput label={t('standing.document')} description={t('standing.documentHelp')} value={form.document} onChange={(event) => set({ document: event.currentTarget.value })} error={problem?.field('/document')} autoComplete="off" />
        <Textarea label={t('standing.note')} autosize minRows={2} value={form.note} onChange={(event) => set({ note: event.currentTarget.value })} />
        <Effect scope={form.scope} scopeID={asked} />
        <div className={classes.acts}>
          <Button type="submit" loading={save.isPending}>{t('standing.record')}</Button>
          <Button variant="default" onClick={onDone}>{t('standing.cancel')}</Button>
        </div>
      </div>
    </form>
  );
}

function End({ fact }: { fact: Standing }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const act = useMutation({ mutationFn: end, onSuccess: () => client.invalidateQueries({ queryKey: ['standing'] }) });
  const problem = act.error ? asProblem(act.error) : undefined;
  if (act.data) return <p role="status">{t('standing.ended')}</p>;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({ id: fact.id, reason: reason.trim() });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea label={t('standing.endReason')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      <div><Button type="submit" color="refuse" loading={act.isPending} disabled={reason.trim() === ''}>{t('standing.end')}</Button></div>
    </form>
  );
}

function Peek({ fact }: { fact: Standing }) {
  const { t } = useTexts();
  return (
    <div className={classes.form}>
      <StateMark tone={fact.holds ? 'stop' : 'unknown'} label={t(fact.holds ? 'standing.holds' : 'standing.over')} size="large" />
      <Facts
        facts={[
          { label: t('standing.kind'), value: t(`standing.kind.${fact.kind}`) },
          { label: t('standing.scope'), value: <>{t(`standing.scope.${fact.scope}`)} <span className="mono">{fact.scope_id ?? ''}</span></> },
          { label: t('standing.from'), value: <Instant at={fact.from} /> },
          { label: t('standing.until'), value: <Instant at={fact.until} /> },
          fact.source ? { label: t('standing.source'), value: t(`standing.source.${fact.source}`) } : null,
          fact.hours ? { label: t('standing.hours'), value: <span className="num">{fact.hours.join(', ')}</span> } : null,
          fact.power_kw ? { label: t('gate.cap'), value: <Kw value={fact.power_kw} /> } : null,
          { label: t('standing.document'), value: fact.document },
          fact.note ? { label: t('standing.note'), value: fact.note } : null,
          fact.end_reason ? { label: t('standing.endReason'), value: fact.end_reason } : null,
        ]}
      />
      {fact.allowed.includes('end') ? <End fact={fact} /> : fact.holds ? <p className="muted small">{t('standing.anotherEnds')}</p> : null}
    </div>
  );
}

const oneRoute = getRouteApi('/standing/$id');

/** One fact, and its end. */
export function StandingPage() {
  const { t } = useTexts();
  const { id } = oneRoute.useParams();
  const query = useQuery(standingQuery(id));
  return (
    <Loaded query={query}>
      {(fact) => (
        <Page width="reading" title={`${t(`standing.kind.${fact.kind}`)} ${fact.scope_id ?? ''}`} back={<Link to="/standing" search={{}}><BackLabel>{t('standing.title')}</BackLabel></Link>}>
          <Peek fact={fact} />
        </Page>
      )}
    </Loaded>
  );
}

/** What holds for places, licenses and parties, and what the gate reads of it. */
export function StandingFacts() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const { query, more, busy } = usePages(standingPages(search));
  const columns: Column<Standing>[] = [
    { key: 'kind', header: t('standing.kind'), cell: (row) => <Link to="/standing/$id" params={{ id: row.id }} preload="intent">{t(`standing.kind.${row.kind}`)}</Link> },
    { key: 'scope', header: t('standing.scope'), cell: (row) => <>{t(`standing.scope.${row.scope}`)} <span className={`mono ${classes.code}`}>{row.scope_id ?? ''}</span></> },
    { key: 'holds', header: t('ui.state'), cell: (row) => <StateMark tone={row.holds ? 'stop' : 'unknown'} label={t(row.holds ? 'standing.holds' : 'standing.over')} /> },
    { key: 'document', header: t('standing.document'), cell: (row) => row.document, from: 'wide' },
    { key: 'from', header: t('standing.from'), cell: (row) => <Instant at={row.from} />, align: 'end', from: 'medium' },
    { key: 'until', header: t('standing.until'), cell: (row) => <Instant at={row.ended_at ?? row.until} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page title={t('standing.title')} lead={t('standing.lead')} action={can('standing.write') ? <Button onClick={() => setOpen((before) => !before)} aria-expanded={open}>{t('standing.new')}</Button> : undefined}>
      {open && can('standing.write') ? <Record onDone={() => setOpen(false)} /> : null}
      <Views label={t('ui.views')}>
        <Link to="/standing" search={{ ...(search.kind ? { kind: search.kind } : {}) }} aria-current={search.view ? undefined : 'page'} {...viewLink}><ViewLabel text={t('standing.holdsNow')} /></Link>
        <Link to="/standing" search={{ ...(search.kind ? { kind: search.kind } : {}), view: 'all' }} aria-current={search.view ? 'page' : undefined} {...viewLink}><ViewLabel text={t('ui.all')} /></Link>
      </Views>
      <WithFilters
        filters={
          <ChoiceFilter
            label={t('standing.kind')}
            name="kind"
            value={search.kind ?? ''}
            choices={[{ value: '', label: t('ui.all') }, ...standingKinds.map((kind) => ({ value: kind, label: t(`standing.kind.${kind}`) }))]}
            onChange={(value) => {
              const kind = standingKinds.find((item) => item === value);
              void navigate({ to: '/standing', search: { ...(search.view ? { view: search.view } : {}), ...(kind ? { kind } : {}) } });
            }}
          />
        }
      >
        <Loaded query={query} rows={6}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('standing.empty')}>{t('standing.emptyHelp')}</Empty>
            ) : (
              <>
                <DataList label={t('standing.title')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => `${row.kind} ${row.scope_id ?? ''}`} onOpen={(row) => void navigate({ to: '/standing/$id', params: { id: row.id } })} peek={(row) => <Peek fact={row} />} />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
              </>
            )
          }
        </Loaded>
      </WithFilters>
    </Page>
  );
}
