import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useListKeys } from '@shared/keyboard';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { ListFoot } from '@ui/DataList';
import { Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Instant } from '@ui/values';
import { commands, duplicatePages, proposedMergesQuery, usePartyCommand, type Duplicate, type Party } from './api';
import { nameOf } from './names';
import classes from './Parties.module.css';

const route = getRouteApi('/parties/duplicates');

/** Two parties side by side, row by row; what differs is marked and said. */
export function Compare({ a, b }: { a: Party; b: Party }) {
  const { t, language } = useTexts();
  const rows: readonly (readonly [string, React.ReactNode, React.ReactNode, boolean])[] = [
    ...(
      [
        ['party.bin', a.bin_or_iin, b.bin_or_iin],
        ['party.nameKk', a.name_kk, b.name_kk],
        ['party.nameRu', a.name_ru, b.name_ru],
        ['party.kind', t(`partyKind.${a.kind}`), t(`partyKind.${b.kind}`)],
        ['party.size', t(`partySize.${a.size}`), t(`partySize.${b.size}`)],
        ['party.resident', t(a.resident ? 'ui.yes' : 'ui.no'), t(b.resident ? 'ui.yes' : 'ui.no')],
        ['party.address', a.address, b.address],
        ['party.email', a.email ?? '', b.email ?? ''],
        ['party.phone', a.phone ?? '', b.phone ?? ''],
      ] as const
    ).map(([label, x, y]) => [t(label), x || '–', y || '–', x !== y] as const),
    [t('ui.state'), <State key="a" noun="party" state={a.state ?? 'active'} />, <State key="b" noun="party" state={b.state ?? 'active'} />, a.state !== b.state] as const,
  ];
  return (
    <table className={classes.compare}>
      <thead>
        <tr>
          <td>
            <span className="visually-hidden">{t('duplicate.field')}</span>
          </td>
          <th scope="col"><Link to="/parties/$id" params={{ id: a.id ?? '' }}>{nameOf(a, language)}</Link></th>
          <th scope="col"><Link to="/parties/$id" params={{ id: b.id ?? '' }}>{nameOf(b, language)}</Link></th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([label, x, y, differs]) => (
          <tr key={label} data-differs={differs || undefined}>
            <th scope="row">
              {label}
              {differs ? <span className="visually-hidden"> ({t('duplicate.differs')})</span> : null}
            </th>
            <td>{x}</td>
            <td>{y}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Dismiss({ pair, onDone }: { pair: Duplicate; onDone: () => void }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const dismiss = usePartyCommand(() => commands.dismiss({ a: pair.a.id ?? '', b: pair.b.id ?? '', reason }), onDone);
  const problem = dismiss.error ? asProblem(dismiss.error) : undefined;
  return (
    <form
      className={classes.form}
      noValidate
      onKeyDown={(event) => {
        if (event.key === 'Escape') onDone();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        dismiss.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput ref={field} label={t('duplicate.reason')} description={t('duplicate.reasonHelp')} autoComplete="off" value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      <div className={classes.row}>
        <Button type="submit" size="sm" loading={dismiss.isPending}>
          {t('duplicate.dismiss')}
        </Button>
        <Button size="sm" variant="subtle" onClick={onDone}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

type Doing = 'open' | 'dismiss' | undefined;

interface ItemProps {
  pair: Duplicate;
  current: boolean;
  doing: Doing;
  onDo: (doing: Doing) => void;
}

function Item({ pair, current, doing, onDo }: ItemProps) {
  const { t, language } = useTexts();
  const can = useCan();
  const navigate = useNavigate();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const names = { a: nameOf(pair.a, language), b: nameOf(pair.b, language) };
  return (
    <li ref={row} className={classes.item} data-cursor={current || undefined}>
      <button type="button" data-list-row className={classes.itemHead} aria-expanded={doing !== undefined} onClick={() => onDo(doing ? undefined : 'open')}>
        <span className={classes.score}>{pair.score} %</span>
        <span>
          {names.a} <span className="muted mono small">{pair.a.bin_or_iin}</span>
          <br />
          {names.b} <span className="muted mono small">{pair.b.bin_or_iin}</span>
        </span>
        <span className={classes.signs}>
          {pair.signs.map((sign) => (
            <span key={sign}>{t(`sign.${sign}`)}</span>
          ))}
        </span>
      </button>
      {doing ? (
        <div className={classes.open}>
          <Compare a={pair.a} b={pair.b} />
          {pair.reason ? (
            <p className="small">
              {t('duplicate.dismissed')}: {pair.reason} · <span className="muted">{pair.dismissed_by_name} <Instant at={pair.dismissed_at} /></span>
            </p>
          ) : null}
          {doing === 'dismiss' ? (
            <Dismiss pair={pair} onDone={() => onDo('open')} />
          ) : can('party.propose_merge') ? (
            <div className={classes.row}>
              <Button size="sm" onClick={() => void navigate({ to: '/parties/merge', search: { into: pair.a.id ?? '', from: pair.b.id ?? '' } })}>
                {t('duplicate.merge')}
              </Button>
              {pair.reason ? null : (
                <Button size="sm" variant="default" onClick={() => onDo('dismiss')}>
                  {t('duplicate.two')}
                </Button>
              )}
            </div>
          ) : null}
        </div>
      ) : null}
    </li>
  );
}

const keyOf = (pair: Duplicate) => `${pair.a.id}${pair.b.id}`;

function Pairs({ pairs }: { pairs: readonly Duplicate[] }) {
  const { t } = useTexts();
  const can = useCan();
  const navigate = useNavigate();
  const [shown, setShown] = useState<{ key: string; doing: Doing }>();
  const doingOf = (pair: Duplicate | undefined) => (pair && shown?.key === keyOf(pair) ? shown.doing : undefined);
  const set = (pair: Duplicate, doing: Doing) => setShown({ key: keyOf(pair), doing });
  const { cursor, setCursor } = useListKeys({
    rows: pairs.length,
    onOpen: (index) => {
      const pair = pairs[index];
      if (pair) set(pair, doingOf(pair) ? undefined : 'open');
    },
  });
  const latest = useRef<(event: KeyboardEvent) => void>(undefined);
  useEffect(() => {
    latest.current = (event) => {
      const pair = pairs[cursor];
      if (!pair || !can('party.propose_merge') || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.matches('input, textarea, select, [role="dialog"] *')) return;
      if (event.key === 'd' && !pair.reason) set(pair, 'dismiss');
      else if (event.key === 'm') void navigate({ to: '/parties/merge', search: { into: pair.a.id ?? '', from: pair.b.id ?? '' } });
      else return;
      event.preventDefault();
    };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => latest.current?.(event);
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <ul className={classes.pairs} aria-label={t('duplicate.title')}>
        {pairs.map((pair, index) => (
          <Item
            key={keyOf(pair)}
            pair={pair}
            current={index === cursor}
            doing={doingOf(pair)}
            onDo={(doing) => {
              setCursor(index);
              set(pair, doing);
            }}
          />
        ))}
      </ul>
      <p className={`${classes.keys} no-print`} aria-hidden="true">
        <kbd>j</kbd> <kbd>k</kbd> {t('ui.keys.move')} <kbd>Enter</kbd> {t('ui.keys.open')} <kbd>d</kbd> {t('duplicate.keyTwo')} <kbd>m</kbd> {t('duplicate.keyMerge')}
      </p>
    </>
  );
}

function Proposed() {
  const { t, language } = useTexts();
  const merges = useQuery(proposedMergesQuery);
  if (!merges.data || merges.data.items.length === 0) return null;
  return (
    <ul className={classes.lines} aria-label={t('merge.waiting')}>
      {merges.data.items.map((merge) => (
        <li key={merge.id} className={classes.line}>
          <span>
            <State noun="merge" state={merge.state} /> <Link to="/parties/merges/$id" params={{ id: merge.id }}>{t('merge.of', { from: nameOf(merge.from, language), into: nameOf(merge.into, language) })}</Link>
          </span>
          <span className="small muted">{merge.proposed_by_name} · <Instant at={merge.proposed_at} /></span>
        </li>
      ))}
    </ul>
  );
}

/** Pairs of parties that look like one, side by side, with the whole work by keyboard. */
export function Duplicates() {
  const { t } = useTexts();
  const { state, party } = route.useSearch();
  const { query, more, busy } = usePages(duplicatePages(state ?? 'open', party));
  return (
    <Page
      title={t('duplicate.title')}
      lead={t('duplicate.lead')}
      back={
        <Link to="/register">
          <BackLabel>{t('nav.register')}</BackLabel>
        </Link>
      }
    >
      <Views label={t('duplicate.views')}>
        <Link to="/parties/duplicates" search={{ ...(party ? { party } : {}) }} aria-current={state ? undefined : 'page'} {...viewLink}>{t('duplicate.open')}</Link>
        <Link to="/parties/duplicates" search={{ state: 'dismissed' as const, ...(party ? { party } : {}) }} aria-current={state ? 'page' : undefined} {...viewLink}>{t('duplicate.dismissedView')}</Link>
        {party ? <Link to="/parties/duplicates" search={state ? { state } : {}} {...viewLink}>{t('duplicate.ofAll')}</Link> : null}
      </Views>
      {state ? null : <Proposed />}
      <Loaded query={query} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t(state ? 'duplicate.noneDismissed' : 'duplicate.none')}>{t('duplicate.noneHelp')}</Empty>
          ) : (
            <>
              <Pairs pairs={data.items} />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
