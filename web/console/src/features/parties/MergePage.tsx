import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Refusal } from '@ui/Refusal';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Facts, Instant } from '@ui/values';
import { commands, mergeQuery, previewQuery, usePartyCommand, type Merge, type MergePreview, type Moved, type Obstacle } from './api';
import { Compare } from './Duplicates';
import { nameOf } from './names';
import classes from './Parties.module.css';

const kinds = ['sites', 'equipment', 'applications', 'users', 'persons'] as const;

function Moves({ moves }: { moves: Moved }) {
  const { t } = useTexts();
  return (
    <dl className={classes.moves}>
      {kinds.map((kind) => (
        <div key={kind}>
          <dt>{t(`merge.moves.${kind}`)}</dt>
          <dd>{moves[kind]}</dd>
        </div>
      ))}
    </dl>
  );
}

function Obstacles({ title, obstacles }: { title: string; obstacles: readonly Obstacle[] }) {
  const { t } = useTexts();
  if (obstacles.length === 0) return null;
  return (
    <Callout tone="refuse" title={title}>
      <ul>
        {obstacles.map((obstacle, index) => (
          <li key={`${obstacle.code}${index}`}>{t(`obstacle.${obstacle.code}`, { thing: obstacle.thing ?? '' })}</li>
        ))}
      </ul>
    </Callout>
  );
}

function Proposal({ preview }: { preview: MergePreview }) {
  const { t, language } = useTexts();
  const can = useCan();
  const navigate = useNavigate();
  const [reason, setReason] = useState('');
  const [into, from] = [preview.into.id ?? '', preview.from.id ?? ''];
  const propose = usePartyCommand(
    () => commands.propose({ into, from, reason }),
    (merge) => void navigate({ to: '/parties/merges/$id', params: { id: merge.id } }),
  );
  const problem = propose.error ? asProblem(propose.error) : undefined;
  const names = { into: nameOf(preview.into, language), from: nameOf(preview.from, language) };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        propose.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Obstacles title={t('merge.impossible')} obstacles={preview.obstacles} />
      <Section
        title={t('merge.compare')}
        note={t('merge.firstStays')}
        action={
          <Button size="xs" variant="default" onClick={() => void navigate({ to: '/parties/merge', search: { into: from, from: into }, replace: true })}>
            {t('merge.swap')}
          </Button>
        }
      >
        <Compare a={preview.into} b={preview.from} />
      </Section>
      <Section title={t('merge.willMove', { from: names.from, into: names.into })}>
        <Moves moves={preview.moves} />
        {preview.persons_known > 0 ? <p className="small muted">{t('merge.personsKnown', { count: preview.persons_known })}</p> : null}
        <ul className="small">
          <li>{t('merge.then.leads', { bin: preview.from.bin_or_iin, into: names.into })}</li>
          <li>{t('merge.then.stays')}</li>
          <li>{t('merge.then.second')}</li>
        </ul>
      </Section>
      <div className={classes.form}>
        <Textarea label={t('merge.reason')} description={t('merge.reasonHelp')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
      </div>
      <Actions>
        <Button variant="default" component={Link} to="/parties/duplicates">
          {t('ui.cancel')}
        </Button>
        <Button type="submit" loading={propose.isPending} disabled={preview.obstacles.length > 0 || !can('party.propose_merge')}>
          {t('merge.propose')}
        </Button>
      </Actions>
    </form>
  );
}

const proposalRoute = getRouteApi('/parties/merge');

/** Proposing a merge: which stays, what moves, what stands in the way. */
export function ProposeMerge() {
  const { t } = useTexts();
  const { into, from } = proposalRoute.useSearch();
  const preview = useQuery(previewQuery(into ?? '', from ?? ''));
  return (
    <Page width="reading" title={t('merge.title')} lead={t('merge.lead')} back={<Link to="/parties/duplicates"><BackLabel>{t('duplicate.title')}</BackLabel></Link>}>
      {into && from ? <Loaded query={preview}>{(data) => <Proposal key={`${into}${from}`} preview={data} />}</Loaded> : <Empty title={t('merge.choose')}>{t('merge.chooseHelp')}</Empty>}
    </Page>
  );
}

function Undo({ merge }: { merge: Merge }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const undo = usePartyCommand(() => commands.undo(merge.id, merge.version, reason));
  const problem = undo.error ? asProblem(undo.error) : undefined;
  return (
    <Section title={t('merge.undo')} note={t('merge.undoNote')}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          undo.mutate(undefined);
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <Textarea label={t('merge.undoReason')} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem?.field('/reason')} />
        <div>
          <Button type="submit" color="refuse" loading={undo.isPending}>
            {t('merge.undo')}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Decision({ merge }: { merge: Merge }) {
  const { t } = useTexts();
  const confirm = usePartyCommand(() => commands.confirm(merge.id, merge.version));
  const reject = usePartyCommand(() => commands.reject(merge.id, merge.version));
  const preview = useQuery(previewQuery(merge.into.id ?? '', merge.from.id ?? ''));
  const failed = confirm.error ?? reject.error;
  return (
    <>
      {failed ? <Refusal problem={asProblem(failed)} again={() => confirm.mutate(undefined)} /> : null}
      <Section title={t('merge.compare')} note={t('merge.firstStays')}>
        <Compare a={merge.into} b={merge.from} />
      </Section>
      <Loaded query={preview} rows={2}>
        {(data) => (
          <Section title={t('merge.wouldMove')}>
            <Obstacles title={t('merge.impossible')} obstacles={data.obstacles} />
            <Moves moves={data.moves} />
          </Section>
        )}
      </Loaded>
      {merge.allowed.length > 0 ? (
        <Actions note={merge.allowed.includes('confirm') ? undefined : t('tolling.another')}>
          <Button variant="default" loading={reject.isPending} onClick={() => reject.mutate(undefined)}>
            {t('merge.reject')}
          </Button>
          {merge.allowed.includes('confirm') ? (
            <Button loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>
              {t('merge.confirm')}
            </Button>
          ) : null}
        </Actions>
      ) : null}
    </>
  );
}

const mergeRoute = getRouteApi('/parties/merges/$id');

/** One merge: deciding on it, what it moved, taking it back. */
export function MergePage() {
  const { t, language } = useTexts();
  const { id } = mergeRoute.useParams();
  const query = useQuery(mergeQuery(id));
  return (
    <Loaded query={query}>
      {(merge) => (
        <Page
          width="reading"
          title={t('merge.of', { from: nameOf(merge.from, language), into: nameOf(merge.into, language) })}
          lead={merge.reason}
          back={<Link to="/parties/$id" params={{ id: merge.into.id ?? '' }}><BackLabel>{nameOf(merge.into, language)}</BackLabel></Link>}
        >
          <Facts
            layout="row"
            facts={[
              { label: t('ui.state'), value: <State noun="merge" state={merge.state} /> },
              { label: t('merge.proposed'), value: <>{merge.proposed_by_name ? `${merge.proposed_by_name}, ` : ''}<Instant at={merge.proposed_at} /></> },
              merge.decided_at ? { label: t('merge.decided'), value: <>{merge.decided_by_name ? `${merge.decided_by_name}, ` : ''}<Instant at={merge.decided_at} /></> } : null,
              merge.undone_at ? { label: t('merge.undone'), value: <>{merge.undone_by_name ? `${merge.undone_by_name}, ` : ''}<Instant at={merge.undone_at} /> · {merge.undo_reason}</> } : null,
            ]}
          />
          {merge.state === 'proposed' ? <Decision merge={merge} /> : null}
          {merge.state === 'merged' || merge.state === 'undone' ? (
            <Section title={t(merge.state === 'merged' ? 'merge.moved' : 'merge.returned')}>
              <Moves moves={merge.moved} />
            </Section>
          ) : null}
          <Obstacles title={t('merge.undoImpossible')} obstacles={merge.obstacles} />
          {merge.allowed.includes('undo') ? <Undo merge={merge} /> : null}
        </Page>
      )}
    </Loaded>
  );
}
