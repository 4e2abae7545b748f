import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { legalDate } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Instant, LegalDate } from '@ui/values';
import { changePages, commands, parametersQuery, useCommand, whatIfsQuery, type Change, type Parameter, type Parameters } from './api';
import { exact, fits, typedNumber } from './numbers';
import { WhatIfState } from './WhatIfPage';
import classes from './Rules.module.css';

const groups = ['license', 'site', 'shape', 'balance', 'meter', 'records', 'live'] as const;
const spans = ['365', '90', '35'] as const;

/** The last change of a number that is in force, and what it was before. */
function changedBy(name: string, table: Parameters): Change | undefined {
  return table.changes.findLast((change) => change.from <= table.version && name in change.values);
}

function Row({ of, table, typed, onType }: { of: Parameter; table: Parameters; typed: string | undefined; onType: ((typed: string) => void) | undefined }) {
  const { t, language } = useTexts();
  const word = useCodeText();
  const unit = t(`rules.unit.${of.unit}`);
  const change = changedBy(of.name, table);
  const wrong = typed !== undefined && !fits(typedNumber(typed), of);
  const bounds = { min: exact(of.min, language), max: exact(of.max, language) };
  return (
    <li className={classes.row}>
      <div className={classes.name}>
        <p>{t(`detection.parameter.${of.name}`)}</p>
        <p className="small muted">
          <span className="mono">{of.name}</span> · {t('rules.bounds')} {bounds.min} – {bounds.max} · {word('rules.source', of.source)}
        </p>
        {change ? (
          <p className="small">
            <Link to="/findings/parameters/$id" params={{ id: change.id }}>{t('rules.inForceSince', { date: legalDate(change.from, language) })}</Link>
          </p>
        ) : null}
      </div>
      {onType ? (
        <TextInput
          className={classes.field}
          aria-label={`${of.name}, ${unit}`}
          inputMode="decimal"
          autoComplete="off"
          value={typed ?? exact(of.value, language)}
          error={wrong ? t('rules.notANumber', bounds) : undefined}
          rightSection={<span className="small muted">{unit.length > 4 ? '' : unit}</span>}
          onChange={(event) => onType(event.currentTarget.value)}
        />
      ) : (
        <p className={classes.value}>
          {exact(of.value, language)} <span className="muted">{unit}</span>
        </p>
      )}
    </li>
  );
}

function Numbers({ table }: { table: Parameters }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [typed, setTyped] = useState<Record<string, string> | undefined>();
  const [span, setSpan] = useState<string>(spans[0]);
  const ask = useCommand(commands.tryNumbers, (made) => void navigate({ to: '/findings/what-ifs/$id', params: { id: made.id } }));
  const problem = ask.error ? asProblem(ask.error) : undefined;
  const tried = Object.fromEntries(
    table.items.flatMap((of) => {
      const value = typed?.[of.name] === undefined ? undefined : typedNumber(typed[of.name] ?? '');
      return fits(value, of) && value !== of.value ? [[of.name, value]] : [];
    }),
  );
  const wrong = table.items.some((of) => typed?.[of.name] !== undefined && !fits(typedNumber(typed[of.name] ?? ''), of));
  const count = Object.keys(tried).length;
  return (
    <form
      className={classes.stack}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (count > 0 && !wrong) ask.mutate({ parameters: tried, from: new Date(Date.now() - Number(span) * 86_400_000).toISOString() });
      }}
    >
      {typed ? <Callout>{t('rules.tryHelp')}</Callout> : null}
      {table.allowed.includes('propose') && !typed ? (
        <div className={classes.buttons}>
          <Button onClick={() => setTyped({})}>{t('rules.try')}</Button>
        </div>
      ) : null}
      {groups.map((group) => {
        const items = table.items.filter((of) => of.rule === group);
        return items.length === 0 ? null : (
          <Section key={group} title={t(`rules.group.${group}`)}>
            <ul className={classes.rows}>
              {items.map((of) => (
                <Row key={of.name} of={of} table={table} typed={typed?.[of.name]} onType={typed ? (text) => setTyped((before) => ({ ...before, [of.name]: text })) : undefined} />
              ))}
            </ul>
          </Section>
        );
      })}
      {typed ? (
        <div className={classes.foot}>
          {problem ? <ProblemNotice problem={problem} /> : null}
          <div className={classes.buttons}>
            <NativeSelect aria-label={t('rules.past')} value={span} data={spans.map((one) => ({ value: one, label: t(`rules.past.${one}`) }))} onChange={(event) => setSpan(event.currentTarget.value)} />
            <Button type="submit" disabled={count === 0 || wrong} loading={ask.isPending}>{t('rules.tryThese', { n: count })}</Button>
            <Button variant="subtle" onClick={() => setTyped(undefined)}>{t('ui.cancel')}</Button>
          </div>
          {count === 0 ? <p className="small muted">{t('rules.nothingChanged')}</p> : null}
        </div>
      ) : null}
    </form>
  );
}

function Changes() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(changePages);
  const columns: Column<Change>[] = [
    { key: 'note', header: t('rules.note'), cell: (row) => <Link to="/findings/parameters/$id" params={{ id: row.id }} preload="intent">{row.note}</Link> },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="tolling" state={row.state} /> },
    { key: 'from', header: t('rules.changeFrom'), cell: (row) => <LegalDate date={row.from} />, align: 'end' },
    { key: 'numbers', header: t('rules.number'), cell: (row) => <span className="mono clip">{Object.keys(row.values).join(' ')}</span>, from: 'wide' },
  ];
  return (
    <Section title={t('rules.changes')}>
      <Loaded query={query} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty heading="h2" title={t('rules.noChanges')}>{t('rules.noChangesHelp')}</Empty>
          ) : (
            <>
              <DataList label={t('rules.changes')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => row.note} onOpen={(row) => void navigate({ to: '/findings/parameters/$id', params: { id: row.id } })} />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Section>
  );
}

function Tried() {
  const { t } = useTexts();
  const query = useQuery(whatIfsQuery);
  if (!query.data || query.data.items.length === 0) return null;
  return (
    <Section title={t('rules.whatIfs')}>
      <ul className={classes.rows}>
        {query.data.items.map((one) => (
          <li key={one.id} className={classes.row}>
            <div className={classes.name}>
              <Link to="/findings/what-ifs/$id" params={{ id: one.id }} className="mono">{Object.keys(one.parameters).join(' ')}</Link>
              <p className="small muted"><Instant at={one.asked_at} /></p>
            </div>
            <WhatIfState of={one} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Every number that the rules compare with: what it does, its value and bounds, and the way to other ones. */
export function ParametersPage() {
  const { t, language } = useTexts();
  const query = useQuery(parametersQuery());
  return (
    <Page
      title={t('rules.numbers')}
      lead={<>{t('rules.numbersLead')} {query.data ? t('rules.inForceSince', { date: legalDate(query.data.version, language) }) : null}</>}
      back={<Link to="/findings/rules"><BackLabel>{t('rules.title')}</BackLabel></Link>}
    >
      <Loaded query={query} rows={8}>{(table) => <Numbers table={table} />}</Loaded>
      <Tried />
      <Changes />
    </Page>
  );
}
