import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { newKey } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { toInstant } from '@shared/parse';
import { useCan } from '@shared/session';
import { powerOf } from '@shared/table';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark, type Tone } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { Facts, Instant, Kw, LegalDate } from '@ui/values';
import { allowancePages, moveAllowance, proposeAllowance, type Allowance, type AllowanceState, type Move, type NewAllowance } from './api';
import { allowanceStates } from './search';
import classes from './FindingPage.module.css';

const route = getRouteApi('/findings/allowances');
const kinds: readonly NewAllowance['kind'][] = ['data_centre', 'telecom', 'pump', 'cold_store', 'street_light', 'other'];
const tones: Record<AllowanceState, Tone> = { proposed: 'wait', active: 'ok', rejected: 'refuse', ended: 'unknown' };
const moves: Readonly<Record<string, Move>> = { confirm: 'confirmation', reject: 'rejection', end: 'ending' };

/** A day as people type it, as a legal date; undefined when it is none. */
function legalDay(typed: string): string | undefined {
  const at = toInstant(typed, '12:00');
  return at ? at.slice(0, 10) : undefined;
}

function Propose({ onDone }: { onDone: () => void }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [form, setForm] = useState({ target: '', kind: kinds[0] ?? 'other', reason: '', limit: '', until: '' });
  const [wrong, setWrong] = useState<readonly string[]>([]);
  const key = useRef(newKey());
  const save = useMutation({
    mutationFn: proposeAllowance,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['allowances'] });
      onDone();
    },
  });
  const problem = save.error ? asProblem(save.error) : undefined;
  const set = (change: Partial<typeof form>) => {
    key.current = newKey();
    setForm((before) => ({ ...before, ...change }));
  };
  return (
    <form
      className={classes.triage}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const limit = powerOf(form.limit);
        const until = legalDay(form.until);
        setWrong([limit === undefined ? 'limit' : '', until === undefined ? 'until' : ''].filter(Boolean));
        if (limit !== undefined && until !== undefined) save.mutate({ body: { target: form.target.trim(), kind: form.kind, reason: form.reason.trim(), limit_kw: limit, until }, key: key.current });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('allow.target')} className="mono-field" autoComplete="off" autoFocus value={form.target} onChange={(event) => set({ target: event.currentTarget.value })} error={problem?.field('/target')} />
      <NativeSelect label={t('allow.kind')} value={form.kind} onChange={(event) => set({ kind: kinds.find((kind) => kind === event.currentTarget.value) ?? 'other' })} data={kinds.map((kind) => ({ value: kind, label: t(`allow.kind.${kind}`) }))} />
      <Textarea label={t('allow.reason')} autosize minRows={2} value={form.reason} onChange={(event) => set({ reason: event.currentTarget.value })} error={problem?.field('/reason')} />
      <TextInput label={t('allow.limit')} description={t('allow.limitHelp')} inputMode="decimal" autoComplete="off" value={form.limit} onChange={(event) => set({ limit: event.currentTarget.value })} error={wrong.includes('limit') ? t('allow.limitWrong') : problem?.field('/limit_kw')} />
      <TextInput label={t('allow.until')} description={t('allow.untilHelp')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={form.until} onChange={(event) => set({ until: event.currentTarget.value })} error={wrong.includes('until') ? t('date.wrong') : problem?.field('/until')} />
      <div className={classes.buttons}>
        <Button type="submit" loading={save.isPending}>{t('allow.propose')}</Button>
        <Button variant="subtle" onClick={onDone}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

function Peek({ allowance }: { allowance: Allowance }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const act = useMutation({ mutationFn: moveAllowance, onSuccess: () => client.invalidateQueries({ queryKey: ['allowances'] }) });
  const problem = act.error ? asProblem(act.error) : undefined;
  return (
    <div className={classes.argument}>
      <StateMark tone={tones[allowance.state]} label={t(`allow.state.${allowance.state}`)} size="large" />
      <Facts
        facts={[
          { label: t('allow.kind'), value: t(`allow.kind.${allowance.kind}`) },
          { label: t('allow.reason'), value: allowance.reason },
          { label: t('triage.stake'), value: <Kw value={allowance.limit_kw} /> },
          { label: t('allow.until'), value: <LegalDate date={allowance.until} /> },
          { label: t('allow.propose'), value: <Instant at={allowance.proposed_at} /> },
          allowance.decision ? { label: t('allow.why'), value: allowance.decision } : null,
        ]}
      />
      {problem ? <ProblemNotice problem={problem} /> : null}
      {allowance.allowed.length > 0 ? (
        <>
          <Textarea label={t('allow.why')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
          <div className={classes.buttons}>
            {allowance.allowed.map((one) => {
              const move = moves[one];
              return move ? (
                <Button key={one} variant={one === 'confirm' ? 'filled' : 'default'} loading={act.isPending} disabled={one !== 'confirm' && reason.trim() === ''} onClick={() => act.mutate({ allowance, move, reason: reason.trim() })}>
                  {t(`allow.${one}`)}
                </Button>
              ) : null;
            })}
          </div>
        </>
      ) : allowance.state === 'proposed' ? (
        <p className="small muted">{t('allow.another')}</p>
      ) : null}
    </div>
  );
}

/** The flat loads that are known and mine nothing: proposed by one person, put in force by another, until a date. */
export function Allowances() {
  const { t } = useTexts();
  const can = useCan();
  const { state } = route.useSearch();
  const [open, setOpen] = useState(false);
  const { query, more, busy } = usePages(allowancePages(state));
  const columns: Column<Allowance>[] = [
    { key: 'target', header: t('allow.target'), cell: (row) => <Link to="/grid" search={{ node: row.target }} className="mono">{row.target}</Link> },
    { key: 'kind', header: t('allow.kind'), cell: (row) => t(`allow.kind.${row.kind}`) },
    { key: 'reason', header: t('allow.reason'), cell: (row) => <span className="clip">{row.reason}</span>, from: 'wide' },
    { key: 'state', header: t('ui.state'), cell: (row) => <StateMark tone={tones[row.state]} label={t(`allow.state.${row.state}`)} /> },
    { key: 'limit', header: t('triage.stake'), cell: (row) => <Kw value={row.limit_kw} />, align: 'end', from: 'medium' },
    { key: 'until', header: t('allow.until'), cell: (row) => <LegalDate date={row.until} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page
      title={t('allow.title')}
      lead={t('allow.lead')}
      back={<Link to="/findings" search={{}}><BackLabel>{t('nav.findings')}</BackLabel></Link>}
      action={can('finding.triage') ? <Button onClick={() => setOpen(!open)} aria-expanded={open}>{t('allow.new')}</Button> : undefined}
    >
      {open && can('finding.triage') ? <Propose onDone={() => setOpen(false)} /> : null}
      <Views label={t('ui.views')}>
        {[undefined, ...allowanceStates].map((one) => (
          <Link key={one ?? 'all'} to="/findings/allowances" search={one ? { state: one } : {}} aria-current={state === one ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={one ? t(`allow.state.${one}`) : t('ui.all')} count={state === one && !query.data?.cut ? query.data?.items.length : undefined} />
          </Link>
        ))}
      </Views>
      <Loaded query={query} rows={5}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('allow.empty')}>{t('allow.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList label={t('allow.title')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => row.target} peek={(row) => <Peek allowance={row} />} />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
