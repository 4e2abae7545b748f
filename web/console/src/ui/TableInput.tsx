import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import { headed, named, pasted, readFile, type Cells, type Field } from '@shared/table';
import { ProblemNotice } from './ProblemNotice';
import classes from './TableInput.module.css';

/** A row as it was mapped: the line of the file and its cells by field. */
export interface MappedRow {
  line: number;
  values: Record<string, string>;
}

interface Props {
  fields: readonly Field[];
  /** The key of a field's name in the catalogue begins with this. */
  texts: string;
  onRows: (rows: MappedRow[]) => void;
}

/** What went wrong with a file: the server's words, or that it could not be reached. */
function refusal(error: Error) {
  const unreachable = { status: 0, code: 'unreachable', detail: error.message, requestId: '', fields: [] };
  return 'status' in error && 'fields' in error ? (error as Error & typeof unreachable) : unreachable;
}

interface Taken {
  cells: Cells;
  columns: string[];
  headings: readonly string[] | undefined;
}

/** Rows from a file or from the clipboard, with the columns recognised and to be corrected. */
export function TableInput({ fields, texts, onRows }: Props) {
  const { t } = useTexts();
  const [over, setOver] = useState<string>();
  const [text, setText] = useState('');
  const [taken, setTaken] = useState<Taken>();
  const give = (next: Taken) => {
    setTaken(next);
    const from = next.headings ? 1 : 0;
    const complete = fields.every((field) => !field.needed || next.columns.includes(field.name));
    onRows(complete ? next.cells.rows.slice(from).map((row, i) => ({ line: next.cells.lines[i + from] ?? 0, values: named(row, next.columns) })) : []);
  };
  const take = (cells: Cells) => give({ cells, ...headed(cells, fields) });
  const file = useMutation({ mutationFn: readFile, onSuccess: take });
  const choose = (files: FileList | null) => {
    const first = files?.[0];
    setOver(undefined);
    if (first && !file.isPending) file.mutate(first);
  };
  const missing = taken ? fields.filter((field) => field.needed && !taken.columns.includes(field.name)) : [];
  return (
    <div className={classes.root}>
      {file.error ? <ProblemNotice problem={refusal(file.error)} /> : null}
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
          choose(event.dataTransfer.files);
        }}
      >
        <input type="file" accept=".csv,.tsv,.txt,.xlsx" disabled={file.isPending} onChange={(event) => choose(event.currentTarget.files)} />
        <strong>{t(file.isPending ? 'table.reading' : 'table.drop')}</strong>
        <span className="muted small">{t('table.dropHelp')}</span>
      </label>
      <Textarea
        label={t('table.paste')}
        description={t('table.pasteHelp')}
        autosize
        minRows={2}
        maxRows={8}
        value={text}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setText(value);
          if (value.trim()) take(pasted(value));
        }}
      />
      {taken ? (
        <div className={classes.root}>
          {missing.length > 0 ? <p role="alert">{t('table.missing', { fields: missing.map((field) => t(`${texts}.${field.name}`)).join(', ') })}</p> : null}
          <div className={classes.preview} tabIndex={0} role="region" aria-label={t('table.columns')}>
            <table>
              <thead>
                <tr>
                  {taken.columns.map((column, i) => (
                    <th key={i} scope="col">
                      <NativeSelect
                        size="xs"
                        aria-label={t('table.column', { number: i + 1, heading: taken.headings?.[i] ?? '' })}
                        value={column}
                        onChange={(event) => {
                          const { value } = event.currentTarget;
                          give({ ...taken, columns: taken.columns.map((before, k) => (k === i ? value : before === value ? '' : before)) });
                        }}
                      >
                        <option value="">{t('table.leaveOut')}</option>
                        {fields.map((field) => (
                          <option key={field.name} value={field.name}>
                            {t(`${texts}.${field.name}`)}
                          </option>
                        ))}
                      </NativeSelect>
                      {taken.headings ? <span className="muted">{taken.headings[i]}</span> : null}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {taken.cells.rows.slice(taken.headings ? 1 : 0, 5).map((row, i) => (
                  <tr key={i}>
                    {taken.columns.map((_, k) => (
                      <td key={k}>{row[k]}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <div className={classes.acts}>
            <span className="num small muted">{t('table.rows', { count: taken.cells.rows.length - (taken.headings ? 1 : 0) })}</span>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setTaken(undefined);
                setText('');
                onRows([]);
              }}
            >
              {t('table.clear')}
            </Button>
          </div>
        </div>
      ) : null}
    </div>
  );
}
