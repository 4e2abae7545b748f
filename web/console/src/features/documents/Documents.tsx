import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { Empty } from '@ui/states';
import { Instant } from '@ui/values';
import { documentPages, fileAddress, type Document } from './api';

function About({ document }: { document: Document }) {
  const { t } = useTexts();
  if (document.license) return <Link to="/licenses/$number" params={{ number: document.license }} className="mono">{document.license}</Link>;
  if (document.subject_kind === 'application') return <Link to="/applications/$id" params={{ id: document.subject_id }}>{t('application.kind')}</Link>;
  if (document.subject_kind === 'register') return <span>{t('document.register')}</span>;
  return <span className="mono">{document.subject_id}</span>;
}

/** Every paper the registry issued. */
export function Documents() {
  const { t } = useTexts();
  const can = useCan();
  const { query, more, busy } = usePages(documentPages());
  const columns: Column<Document>[] = [
    { key: 'number', header: t('document.number'), cell: (row) => <a href={fileAddress(row.id)} className="mono" aria-label={t('document.open', { number: row.number })}>{row.number}</a> },
    { key: 'kind', header: t('document.kind'), cell: (row) => t(`document.kind.${row.kind}`) },
    { key: 'about', header: t('document.subject'), cell: (row) => <About document={row} /> },
    { key: 'sha256', header: t('document.sha256'), cell: (row) => <span className="mono small" title={row.sha256}>{row.sha256.slice(0, 12)}…</span>, from: 'wide' },
    { key: 'by', header: t('document.by'), cell: (row) => row.created_by_name ?? '–', from: 'wide' },
    { key: 'at', header: t('document.issuedAt'), cell: (row) => <Instant at={row.created_at} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page
      title={t('document.title')}
      lead={t('document.lead')}
      action={
        can('document.issue') ? (
          <Button component={Link} to="/documents/new">
            {t('document.issue')}
          </Button>
        ) : null
      }
    >
      <Loaded query={query} rows={8}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('document.empty')}>{t('document.emptyHelp')}</Empty>
          ) : (
            <>
              <DataList
                label={t('document.title')}
                columns={columns}
                groups={[{ key: 'all', label: null, rows: data.items }]}
                keyOf={(row) => row.id}
                nameOf={(row) => row.number}
                onOpen={(row) => window.location.assign(fileAddress(row.id))}
              />
              <ListFoot shown={data.items.length} onMore={more} busy={busy} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
