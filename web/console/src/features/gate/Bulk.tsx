import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { api, ask, newKey } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { saveTable } from '@shared/table';
import { DataList, type Column } from '@ui/DataList';
import { BackLabel, Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { TableInput, type MappedRow } from '@ui/TableInput';
import { Instant, Kw } from '@ui/values';
import type { CheckAnswer, CheckInput } from './api';
import { checkFields, lineOf, MOST } from './bulk';
import classes from './GateConsole.module.css';

const askMany = ({ checks, key }: { checks: CheckInput[]; key: string }) => ask(api.POST('/v1/gate/checks/batch', { params: { header: { 'Idempotency-Key': key } }, body: { checks } }));

function Answers({ answers }: { answers: readonly CheckAnswer[] }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const columns: Column<CheckAnswer>[] = [
    { key: 'reference', header: t('gate.reference'), cell: (row) => <Link to="/gate/checks/$id" params={{ id: row.id }} preload={false}>{row.reference}</Link> },
    { key: 'decision', header: t('gate.decision'), cell: (row) => <State noun="decision" state={row.decision} /> },
    { key: 'point', header: t('gate.point'), cell: (row) => <span className="mono">{row.connection_point}</span>, from: 'medium' },
    { key: 'cap', header: t('gate.cap'), cell: (row) => (row.max_kw === undefined ? '–' : <Kw value={row.max_kw} />), align: 'end' },
    { key: 'until', header: t('gate.until'), cell: (row) => <Instant at={row.valid_until} />, from: 'wide' },
    { key: 'reasons', header: t('gate.reasons'), cell: (row) => <span className="small">{row.reasons.map((reason) => reason.text).join(' ') || '–'}</span>, from: 'wide' },
    { key: 'permit', header: t('gate.permit'), cell: (row) => (row.permit ? <Link to="/gate/checks/$id/print" params={{ id: row.id }} preload={false}>{t('gate.print')}</Link> : '–'), from: 'medium' },
  ];
  const file = useMutation({
    mutationFn: (as: 'csv' | 'xlsx') =>
      saveTable(
        'checks',
        [
          [t('gate.reference'), t('gate.point'), t('gate.decision'), t('gate.cap'), t('gate.until'), t('gate.reasons'), 'ID', t('gate.permit')],
          ...answers.map((row) => [row.reference, row.connection_point, t(`state.decision.${row.decision}`), String(row.max_kw ?? ''), row.valid_until ?? '', row.reasons.map((reason) => reason.code).join(' '), row.id, row.permit ?? '']),
        ],
        as,
      ),
  });
  const counts = (['permit', 'refer', 'deny'] as const).map((decision) => `${t(`state.decision.${decision}`)}: ${answers.filter((row) => row.decision === decision).length}`).join(' · ');
  return (
    <Section
      title={t('bulk.answers')}
      note={counts}
      action={
        <span style={{ display: 'flex', gap: 8 }}>
          <Button size="xs" variant="default" loading={file.isPending} onClick={() => file.mutate('csv')}>CSV</Button>
          <Button size="xs" variant="default" loading={file.isPending} onClick={() => file.mutate('xlsx')}>XLSX</Button>
        </span>
      }
    >
      {file.error ? <ProblemNotice problem={asProblem(file.error)} /> : null}
      <DataList label={t('bulk.answers')} columns={columns} groups={[{ key: 'all', label: null, rows: answers }]} keyOf={(row) => row.id} nameOf={(row) => row.reference} onOpen={(row) => void navigate({ to: '/gate/checks/$id', params: { id: row.id } })} />
    </Section>
  );
}

/** Many checks at once, from a spreadsheet; the answers come in its order. */
export function Bulk() {
  const { t } = useTexts();
  const client = useQueryClient();
  const [rows, setRows] = useState<MappedRow[]>([]);
  const key = useRef(newKey());
  const lines = useMemo(() => rows.map(lineOf), [rows]);
  const wrong = lines.filter((line) => line.wrong.length > 0);
  const many = useMutation({ mutationFn: askMany, onSuccess: () => client.invalidateQueries({ queryKey: ['checks'] }) });
  const problem = many.error ? asProblem(many.error) : undefined;
  return (
    <Page title={t('bulk.title')} lead={t('bulk.lead')} back={<Link to="/gate" search={{}}><BackLabel>{t('gate.title')}</BackLabel></Link>}>
      <TableInput
        fields={checkFields}
        texts="bulk.field"
        onRows={(next) => {
          setRows(next);
          key.current = newKey();
          many.reset();
        }}
      />
      {wrong.length > 0 ? (
        <Callout tone="stop" title={t('table.errors', { count: wrong.length })}>
          <ul style={{ maxBlockSize: 220, overflow: 'auto' }}>
            {wrong.slice(0, 200).map((line) => (
              <li key={line.line}>
                {t('table.line', { line: line.line })}: {line.wrong.map((code) => t(`bulk.wrong.${code}`)).join(' ')}
              </li>
            ))}
          </ul>
        </Callout>
      ) : null}
      {lines.length > MOST ? <p role="alert">{t('bulk.tooMany')}</p> : null}
      {problem ? (
        <>
          <p className={classes.rule}>{t('gate.noAnswer')}: {t('gate.noAnswerRule')}</p>
          <ProblemNotice problem={problem} />
        </>
      ) : null}
      {lines.length > 0 && !many.data ? (
        <div style={{ marginBlock: 16 }}>
          <Button loading={many.isPending} disabled={wrong.length > 0 || lines.length > MOST} onClick={() => many.mutate({ checks: lines.map((line) => line.check), key: key.current })}>
            {t('bulk.ask', { count: lines.length })}
          </Button>
        </div>
      ) : null}
      {many.data ? <Answers answers={many.data.answers} /> : null}
    </Page>
  );
}
