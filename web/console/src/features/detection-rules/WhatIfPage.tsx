import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark, type Tone } from '@ui/StateMark';
import { Table } from '@ui/Table';
import { Callout } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import { commands, parametersQuery, useCommand, whatIfQuery, type Found, type WhatIf } from './api';
import { exact } from './numbers';
import classes from './Rules.module.css';

const route = getRouteApi('/findings/what-ifs/$id');
const tones: Record<WhatIf['state'], Tone> = { running: 'wait', done: 'ok', cancelled: 'unknown', failed: 'refuse' };

export function WhatIfState({ of }: { of: WhatIf }) {
  const { t } = useTexts();
  return <StateMark tone={tones[of.state]} label={t(`rules.whatIf.${of.state}`)} />;
}

/** Numbers by name beside those in force, today or on a legal date. */
export function Values({ values, on }: { values: Readonly<Record<string, number>>; on?: string }) {
  const { t, language } = useTexts();
  const query = useQuery(parametersQuery(on));
  return (
    <Table label={t('rules.number')}>
      <thead>
        <tr>
          <th>{t('rules.number')}</th>
          <th data-align="end">{t('rules.before')}</th>
          <th data-align="end">{t('rules.after')}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(values).map(([name, value]) => {
          const now = query.data?.items.find((one) => one.name === name);
          const unit = now ? t(`rules.unit.${now.unit}`) : '';
          return (
            <tr key={name}>
              <td>
                {t(`detection.parameter.${name}`)}
                <div className="small muted mono">{name}</div>
              </td>
              <td data-align="end" className="num">{now ? `${exact(now.value, language)} ${unit}` : '–'}</td>
              <td data-align="end" className="num"><strong>{exact(value, language)}</strong> {unit}</td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}

function FindingsTable({ title, help, list }: { title: string; help?: string; list: readonly Found[] }) {
  const { t } = useTexts();
  const word = useCodeText();
  return (
    <Section title={`${title} · ${list.length}`}>
      {help ? <p className="small muted">{help}</p> : null}
      {list.length === 0 ? (
        <p className="muted">{t('rules.noneFound')}</p>
      ) : (
        <Table label={title}>
          <thead>
            <tr>
              <th>{t('allow.target')}</th>
              <th>{t('finding.rule')}</th>
              <th>{t('triage.tier')}</th>
              <th data-align="end">{t('rules.unit.kW')}</th>
              <th>{t('rules.outcome')}</th>
              <th data-align="end">{t('rules.raised')}</th>
            </tr>
          </thead>
          <tbody>
            {list.map((one) => (
              <tr key={`${one.rule} ${one.target}`}>
                <td className="mono">
                  {one.finding_id ? (
                    <Link to="/findings/$id" params={{ id: one.finding_id }}>{one.target_code}</Link>
                  ) : one.target_kind === 'feeder' ? (
                    <Link to="/feeders/$id" params={{ id: one.target_code }}>{one.target_code}</Link>
                  ) : (
                    <Link to="/grid" search={{ node: one.target_code }}>{one.target_code}</Link>
                  )}
                </td>
                <td>{word('rule', one.rule)}</td>
                <td>{one.tier} · {t(`finding.tier.${one.tier}`)}</td>
                <td data-align="end"><Kw value={one.kw} /></td>
                <td>{t(`rules.outcome.${one.outcome ?? 'none'}`)}</td>
                <td data-align="end"><Instant at={one.raised_at} /></td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  );
}

function Precision({ of }: { of: WhatIf['before'] }) {
  const { t, language } = useTexts();
  if (of.precision === undefined) return <>{t('rules.precisionUnknown')}</>;
  return <>{t('rules.precisionOf', { percent: number(100 * of.precision, 0, language), confirmed: of.confirmed, refuted: of.refuted })}</>;
}

function Propose({ of }: { of: WhatIf }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [from, setFrom] = useState('');
  const [note, setNote] = useState('');
  const [wrong, setWrong] = useState(false);
  const propose = useCommand(commands.propose, (change) => void navigate({ to: '/findings/parameters/$id', params: { id: change.id } }));
  const problem = propose.error ? asProblem(propose.error) : undefined;
  return (
    <Section title={t('rules.propose')}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const day = isoDate(from);
          setWrong(day === undefined);
          if (day !== undefined) propose.mutate({ from: day, note: note.trim(), values: of.parameters, what_if: of.id });
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <TextInput label={t('rules.changeFrom')} description={t('rules.proposeHelp')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={from} error={wrong ? t('date.wrong') : problem?.field('/from')} onChange={(event) => { setFrom(event.currentTarget.value); setWrong(false); }} />
        <Textarea label={t('rules.note')} autosize minRows={2} value={note} error={problem?.field('/note')} onChange={(event) => setNote(event.currentTarget.value)} />
        <div className={classes.buttons}>
          <Button type="submit" disabled={note.trim() === '' || from.trim() === ''} loading={propose.isPending}>{t('rules.send')}</Button>
        </div>
      </form>
    </Section>
  );
}

function Running({ of }: { of: WhatIf }) {
  const { t, language } = useTexts();
  const cancel = useCommand(commands.cancel);
  const problem = cancel.error ? asProblem(cancel.error) : undefined;
  const label = t('rules.progress', { percent: number(of.progress_percent, 0, language) });
  return (
    <div className={classes.form}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <progress className={classes.bar} max={100} value={of.progress_percent} aria-label={label} />
      <p role="status">{label}</p>
      {of.allowed.includes('cancel') ? (
        <div className={classes.buttons}>
          <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(of.id)}>{t('rules.cancelRun')}</Button>
        </div>
      ) : null}
    </div>
  );
}

function Result({ of }: { of: WhatIf }) {
  const { t } = useTexts();
  const can = useCan();
  return (
    <>
      {of.state === 'cancelled' ? <Callout tone="stop">{t('rules.partly')}</Callout> : null}
      <div className={classes.sums}>
        {([['gained', of.gained.length, of.gained_kw], ['lost', of.lost.length, of.lost_kw], ['kept', of.kept, of.kept_kw]] as const).map(([key, count, kw]) => (
          <p key={key} className={classes.sum}>
            <span className="muted">{t(`rules.${key}`)}</span>
            <span className={classes.big}>{count}</span>
            <span><Kw value={kw} /></span>
          </p>
        ))}
      </div>
      <Facts
        facts={[
          { label: t('rules.precisionBefore'), value: <Precision of={of.before} /> },
          { label: t('rules.precisionAfter'), value: <Precision of={of.after} /> },
        ]}
      />
      <FindingsTable title={t('rules.gained')} help={t('rules.gainedHelp')} list={of.gained} />
      <FindingsTable title={t('rules.lost')} help={t('rules.lostHelp')} list={of.lost} />
      <FindingsTable title={t('rules.kept')} list={of.kept_items} />
      {of.state === 'done' && can('detection.parameters') ? <Propose of={of} /> : null}
    </>
  );
}

/** What other numbers would have found in the past: progress, then what is gained, lost and kept, and the way to propose them. */
export function WhatIfPage() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(whatIfQuery(id));
  return (
    <Loaded query={query}>
      {(of) => (
        <Page title={t('rules.whatIf')} lead={t('rules.whatIfLead')} back={<Link to="/findings/parameters"><BackLabel>{t('rules.numbers')}</BackLabel></Link>}>
          <div className={classes.stack}>
            <p><WhatIfState of={of} /> <span className="muted"><Instant at={of.from} /> – <Instant at={of.until} /></span></p>
            <Values values={of.parameters} />
            {of.state === 'running' ? <Running of={of} /> : of.state === 'failed' ? null : <Result of={of} />}
          </div>
        </Page>
      )}
    </Loaded>
  );
}
