import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { DataList, ListFoot, type Column } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age } from '@ui/values';
import { commands, importPages, useCommand, type Import } from './api';
import { Parts } from './Head';
import { useCount } from './count';
import classes from './equipment.module.css';

/** Where a file is dropped or chosen. */
function Drop() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [over, setOver] = useState<string>();
  const upload = useCommand(commands.upload, (job) => void navigate({ to: '/equipment/imports/$id', params: { id: job.id } }));
  const take = (files: FileList | null) => {
    const file = files?.[0];
    setOver(undefined);
    if (file && !upload.isPending) upload.mutate(file);
  };
  return (
    <div style={{ display: 'grid', gap: 12, marginBlockEnd: 24 }}>
      {upload.error ? <ProblemNotice problem={asProblem(upload.error)} /> : null}
      <label
        className={classes.drop}
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver('over');
        }}
        onDragLeave={() => setOver(undefined)}
        onDrop={(event) => {
          event.preventDefault();
          take(event.dataTransfer.files);
        }}
      >
        <input type="file" accept=".csv,.tsv,.txt,.xlsx" disabled={upload.isPending} onChange={(event) => take(event.currentTarget.files)} />
        <strong>{t(upload.isPending ? 'imports.sending' : 'imports.drop')}</strong>
        <span className="muted small">{t('imports.dropHelp')}</span>
      </label>
    </div>
  );
}

/** Imports of equipment: a new file, and what was imported before. */
export function Imports() {
  const { t } = useTexts();
  const can = useCan();
  const count = useCount();
  const navigate = useNavigate();
  const { query, more, busy } = usePages(importPages);
  const columns: Column<Import>[] = [
    { key: 'name', header: t('imports.file'), cell: (row) => <Link to="/equipment/imports/$id" params={{ id: row.id }} preload="intent">{row.name}</Link> },
    { key: 'state', header: t('ui.state'), cell: (row) => <State noun="import" state={row.state} /> },
    { key: 'rows', header: t('imports.rows'), cell: (row) => count(row.progress.rows), align: 'end', from: 'medium' },
    { key: 'imported', header: t('imports.imported'), cell: (row) => (row.dry_run ? '–' : count(row.progress.imported)), align: 'end' },
    { key: 'refused', header: t('imports.refused'), cell: (row) => count(row.progress.refused), align: 'end', from: 'medium' },
    { key: 'by', header: t('imports.by'), cell: (row) => row.by_name ?? '–', from: 'wide' },
    { key: 'age', header: t('equipment.age'), cell: (row) => <Age at={row.created_at} />, align: 'end', from: 'medium' },
  ];
  return (
    <Page title={t('imports.title')} lead={t('imports.lead')}>
      <Parts at="imports" />
      {can('import.run') ? <Drop /> : null}
      <Section title={t('imports.history')}>
        <Loaded query={query} rows={4}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title={t('imports.none')}>{t('imports.noneHelp')}</Empty>
            ) : (
              <>
                <DataList
                  label={t('imports.history')}
                  columns={columns}
                  groups={[{ key: 'all', label: null, rows: data.items }]}
                  keyOf={(row) => row.id}
                  nameOf={(row) => row.name}
                  onOpen={(row) => void navigate({ to: '/equipment/imports/$id', params: { id: row.id } })}
                />
                <ListFoot shown={data.items.length} onMore={more} busy={busy} />
              </>
            )
          }
        </Loaded>
      </Section>
    </Page>
  );
}
