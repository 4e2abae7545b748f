import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { Refusal } from '@ui/Refusal';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Facts, Instant } from '@ui/values';
import { changePages, changeQuery, commands, useReferenceCommand, type Change } from './api';
import { PreviewView } from './PreviewView';
import classes from './Reference.module.css';

const route = getRouteApi('/reference/changes/$id');

/** Proposed, confirmed and rejected changes of reference data, the newest first. */
export function Changes() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(changePages);
  const columns: Column<Change>[] = [
    { key: 'note', header: t('reference.note'), cell: (row) => <Link to="/reference/changes/$id" params={{ id: row.id }} preload="intent">{row.note}</Link> },
    { key: 'kind', header: t('reference.kinds'), cell: (row) => t(`reference.kind.${row.kind}`), from: 'medium' },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="tolling" state={row.state} /> },
    { key: 'by', header: t('reference.proposedBy'), cell: (row) => row.proposed_by_name ?? '–', from: 'wide' },
    { key: 'at', header: t('reference.proposedAt'), cell: (row) => <Instant at={row.proposed_at} />, from: 'medium' },
  ];
  return (
    <Page back={<Link to="/reference"><BackLabel>{t('reference.title')}</BackLabel></Link>} title={t('reference.changes')} lead={t('reference.changesLead')}>
      <Loaded query={query} rows={5}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('reference.noChanges')}>{t('reference.noChangesHelp')}</Empty>
          ) : (
            <>
              <DataList label={t('reference.changes')} columns={columns} groups={[{ key: 'all', label: null, rows: data.items }]} keyOf={(row) => row.id} nameOf={(row) => row.note} onOpen={(row) => void navigate({ to: '/reference/changes/$id', params: { id: row.id } })} />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Decision({ change }: { change: Change }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const confirm = useReferenceCommand(() => commands.confirm(change.id));
  const reject = useReferenceCommand(() => commands.reject(change.id, reason));
  const failed = confirm.error ?? reject.error;
  const problem = failed ? asProblem(failed) : undefined;
  if (change.allowed.length === 0) return null;
  const mayConfirm = change.allowed.includes('confirm') && change.preview !== undefined;
  return (
    <Section title={t('reference.decide')}>
      <div className={classes.form}>
        {problem ? <Refusal problem={problem} again={() => confirm.mutate(undefined)} /> : null}
        {change.allowed.includes('confirm') ? null : <p className="muted">{t('reference.another')}</p>}
        {mayConfirm ? (
          <div>
            <Button loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>
              {t('reference.confirm')}
            </Button>
          </div>
        ) : null}
        <Textarea label={t('reference.reason')} autosize minRows={2} value={reason} error={problem?.field('/reason')} onChange={(event) => setReason(event.currentTarget.value)} />
        <div>
          <Button variant="default" disabled={reason.trim() === ''} loading={reject.isPending} onClick={() => reject.mutate(undefined)}>
            {t('reference.reject')}
          </Button>
        </div>
      </div>
    </Section>
  );
}

/** One change: what it says, what it would do, and the second person's decision. */
export function ChangePage() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(changeQuery(id));
  return (
    <Loaded query={query}>
      {(change) => (
        <Page width="reading" back={<Link to="/reference/changes"><BackLabel>{t('reference.changes')}</BackLabel></Link>} title={change.note} lead={<>{t(`reference.kind.${change.kind}`)} · <State noun="tolling" state={change.state} /></>}>
          <Facts
            layout="row"
            facts={[
              { label: t('reference.proposedBy'), value: <>{change.proposed_by_name ? `${change.proposed_by_name}, ` : ''}<Instant at={change.proposed_at} /></> },
              change.decided_at ? { label: t('tolling.decided'), value: <>{change.decided_by_name ? `${change.decided_by_name}, ` : ''}<Instant at={change.decided_at} /></> } : null,
              change.reason ? { label: t('reference.reason'), value: change.reason } : null,
            ]}
          />
          {change.problems?.length ? (
            <Callout tone="stop" title={t('reference.stale')}>
              <ul>{change.problems.map((problem) => <li key={problem.pointer}>{problem.detail}</li>)}</ul>
            </Callout>
          ) : null}
          {change.preview ? <PreviewView preview={change.preview} /> : null}
          {change.state !== 'proposed' ? (
            <Section title={t('reference.rows')}>
              <ul className={classes.effects}>
                {change.lines.map((line) => (
                  <li key={JSON.stringify(line.values)} className={classes.effect}>
                    <p className="small muted">{t(line.op === 'add' ? 'reference.opAdd' : 'reference.opClose')} · {line.from}</p>
                    <p className={classes.value}>{Object.values(line.values).filter(Boolean).join(' · ')}</p>
                  </li>
                ))}
              </ul>
            </Section>
          ) : null}
          <Decision change={change} />
        </Page>
      )}
    </Loaded>
  );
}
