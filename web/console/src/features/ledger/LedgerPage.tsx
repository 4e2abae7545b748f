import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { count } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { DataList, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { Page, Section } from '@ui/Page';
import { Empty } from '@ui/states';
import { Age, Facts, Identifier, Instant } from '@ui/values';
import { checkpointQuery, entriesQuery, PAGE, type Event } from './api';
import classes from './Ledger.module.css';

const route = getRouteApi('/ledger');

function Entries({ newest, waiting, onShowWaiting }: { newest: number; waiting: number; onShowWaiting: () => void }) {
  const { t } = useTexts();
  const text = useCodeText();
  const navigate = useNavigate();
  const first = Math.max(0, newest - PAGE + 1);
  const query = useQuery(entriesQuery(first));
  const columns: Column<Event>[] = [
    { key: 'index', header: t('ledger.index'), cell: (row) => <Link to="/ledger/$index" params={{ index: String(row.index) }} className="num">{row.index}</Link>, width: '90px' },
    { key: 'what', header: t('ledger.what'), cell: (row) => text('event', row.kind) },
    { key: 'subject', header: t('ledger.subject'), cell: (row) => <>{text('noun', row.subject_kind)} <span className="mono muted">{row.subject_id.length > 20 ? `${row.subject_id.slice(0, 8)}…${row.subject_id.slice(-4)}` : row.subject_id}</span></>, from: 'medium' },
    { key: 'actor', header: t('ledger.actor'), cell: (row) => row.actor || t('actor.system'), from: 'medium' },
    { key: 'at', header: t('ledger.at'), cell: (row) => <Instant at={row.at} />, align: 'end' },
  ];
  return (
    <Loaded query={query} rows={10}>
      {(data) => {
        const rows = data.items.filter((row) => row.index >= first && row.index <= newest).sort((a, b) => b.index - a.index);
        return (
          <>
            <DataList label={t('ledger.entries')} columns={columns} groups={[{ key: 'all', label: null, rows }]} keyOf={(row) => row.id} nameOf={(row) => String(row.index)} onOpen={(row) => void navigate({ to: '/ledger/$index', params: { index: String(row.index) } })} dense="dense" waiting={waiting} onShowWaiting={onShowWaiting} />
            <nav className={`${classes.pages} no-print`} aria-label={t('ledger.pages')}>
              <Link to="/ledger" search={{}} onClick={onShowWaiting}>{t('ledger.newest')}</Link>
              {first > 0 ? <Link to="/ledger" search={{ before: first - 1 }}>{t('ledger.older')}</Link> : null}
            </nav>
          </>
        );
      }}
    </Loaded>
  );
}

/** The ledger: its signed head, and its entries, newest first. */
export function LedgerPage() {
  const { t, language } = useTexts();
  const { before } = route.useSearch();
  const query = useQuery(checkpointQuery);
  // The list stands still under its reader: what is sealed meanwhile waits to be asked for.
  const [pinned, setPinned] = useState<number>();
  const last = (query.data?.size ?? 0) - 1;
  if (pinned === undefined && last >= 0) setPinned(last);
  const newest = Math.min(before ?? pinned ?? last, last);
  return (
    <Page title={t('ledger.title')} lead={t('ledger.lead')}>
      <Loaded query={query} rows={4}>
        {(checkpoint) => (
          <div className={classes.stack}>
            <Section title={t('ledger.checkpoint')}>
              <Facts
                layout="row"
                facts={[
                  { label: t('ledger.size'), value: <span className="num">{count(checkpoint.size, language)}</span> },
                  { label: t('ledger.signed'), value: <Age at={checkpoint.at} every={5000} /> },
                  { label: t('ledger.unsealedCount'), value: <span className="num">{count(checkpoint.unsealed, language)}</span> },
                  { label: t('ledger.root'), value: <Identifier value={checkpoint.root_hash} /> },
                ]}
              />
              <details className={classes.details}>
                <summary>{t('ledger.note')}</summary>
                <pre className={classes.note} tabIndex={0} aria-label={t('ledger.note')}>{checkpoint.note}</pre>
              </details>
            </Section>
            <Section title={t('ledger.entries')}>
              {checkpoint.size === 0 ? <Empty title={t('ledger.empty')}>{t('ledger.emptyHelp')}</Empty> : <Entries newest={newest} waiting={before === undefined ? last - newest : 0} onShowWaiting={() => setPinned(last)} />}
            </Section>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
