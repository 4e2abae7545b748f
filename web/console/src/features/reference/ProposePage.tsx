import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useCodeText, useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { commands, rowsQuery, tablesQuery, useReferenceCommand, type ChangeInput, type Kind } from './api';
import { PreviewView } from './PreviewView';
import { keyOf, type Row, type Table } from './rows';
import classes from './Reference.module.css';

const route = getRouteApi('/reference/propose');

function Form({ table, start }: { table: Table; start: Row | undefined }) {
  const { t } = useTexts();
  const word = useCodeText();
  const navigate = useNavigate();
  const [op, setOp] = useState<'add' | 'close'>('add');
  const [from, setFrom] = useState('');
  const [note, setNote] = useState('');
  const [values, setValues] = useState<Record<string, string>>(start?.values ?? {});
  const preview = useReferenceCommand(commands.preview);
  const propose = useReferenceCommand(commands.propose, (change) => void navigate({ to: '/reference/changes/$id', params: { id: change.id } }));
  const failed = preview.error ?? propose.error;
  const problem = failed ? asProblem(failed) : undefined;
  const body = (): ChangeInput => {
    const day = isoDate(table.dated ? from : (values.date ?? '')) ?? (table.dated ? from : (values.date ?? ''));
    const own = table.dated ? values : { ...values, date: day };
    const sent = op === 'add' ? own : Object.fromEntries(table.key.map((name) => [name, own[name] ?? '']));
    return { kind: table.kind as Kind, note: note || t('reference.noteDraft'), lines: [{ op, ...(table.dated ? { from: day } : {}), values: sent }] };
  };
  const changed = () => {
    preview.reset();
    propose.reset();
  };
  const shown = table.columns.filter((column) => op === 'add' || table.key.includes(column.name));
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (preview.data && note.trim() !== '') propose.mutate({ ...body(), note });
        else preview.mutate(body());
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className={classes.pair}>
        <NativeSelect label={t('reference.op')} value={op} data={[{ value: 'add', label: t('reference.opAdd') }, { value: 'close', label: t('reference.opClose') }]} onChange={(event) => { setOp(event.currentTarget.value === 'close' ? 'close' : 'add'); changed(); }} />
        {table.dated ? (
          <TextInput label={t('reference.from')} description={t('reference.fromHelp')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={from} error={problem?.field('/lines/0/from')} onChange={(event) => { setFrom(event.currentTarget.value); changed(); }} />
        ) : null}
      </div>
      {shown.map((column) => {
        const field = {
          label: word('reference.column', column.name),
          value: values[column.name] ?? '',
          error: problem?.field(`/lines/0/values/${column.name}`),
          required: column.required,
        };
        const set = (value: string) => {
          setValues((before) => ({ ...before, [column.name]: value }));
          changed();
        };
        if (column.choices) return <NativeSelect key={column.name} {...field} data={[...(column.choices.includes('') ? [] : ['']), ...column.choices].map((value) => ({ value, label: value === '' ? '' : word('reference.choice', value) }))} onChange={(event) => set(event.currentTarget.value)} />;
        if (/^(text|body|court)_/.test(column.name)) return <Textarea key={column.name} {...field} lang={column.name.slice(-2)} autosize minRows={2} onChange={(event) => set(event.currentTarget.value)} />;
        return <TextInput key={column.name} {...field} {...(column.number ? { inputMode: 'numeric' as const } : {})} {...(column.name === 'date' ? { placeholder: t('date.pattern') } : {})} autoComplete="off" onChange={(event) => set(event.currentTarget.value)} />;
      })}
      {preview.data ? (
        <>
          <PreviewView preview={preview.data} />
          <Textarea label={t('reference.note')} description={t('reference.noteHelp')} autosize minRows={2} required value={note} error={problem?.field('/note')} onChange={(event) => setNote(event.currentTarget.value)} />
        </>
      ) : null}
      <div className={classes.buttons}>
        {preview.data ? (
          <Button type="submit" disabled={note.trim() === ''} loading={propose.isPending}>
            {t('reference.send')}
          </Button>
        ) : (
          <Button type="submit" loading={preview.isPending}>
            {t('reference.showPreview')}
          </Button>
        )}
      </div>
      {preview.data ? <p className="small muted">{t('reference.another')}</p> : null}
    </form>
  );
}

/** Proposes a change of one row: from a day to come, with a preview before it is sent. */
export function ProposePage() {
  const { t } = useTexts();
  const search = route.useSearch();
  const tables = useQuery(tablesQuery);
  const kind = (tables.data?.items.find((table) => table.kind === search.kind)?.kind ?? 'legal_values') as Kind;
  const rows = useQuery(rowsQuery(kind));
  return (
    <Page
      width="reading"
      back={
        <Link to="/reference" search={{ kind }}>
          <BackLabel>{t('reference.title')}</BackLabel>
        </Link>
      }
      title={t('reference.propose')}
      lead={t(`reference.kind.${kind}`)}
    >
      <Loaded query={rows} rows={6}>
        {(data) => {
          const table = tables.data?.items.find((one) => one.kind === kind);
          if (!table) return null;
          const start = data.items.findLast((row) => search.row !== undefined && keyOf(table, row) === search.row);
          return <Form key={kind + (search.row ?? '')} table={table} start={start} />;
        }}
      </Loaded>
    </Page>
  );
}
