import { api, ask, newKey, type Schemas } from './api/client';
import { problemOf } from './api/problem';
import { currentLanguage, textOfProblem } from './i18n';

/** Rows of a spreadsheet as text, each with the line that a person would look for. */
export interface Cells {
  lines: readonly number[];
  rows: readonly (readonly string[])[];
}

/** A field that a column can be read as, with what people write above it. */
export interface Field {
  name: string;
  needed?: boolean;
  words: readonly string[];
}

/** Reads what was copied out of a spreadsheet: tabs, else semicolons, else commas; a cell in quotes may hold all of them. */
export function pasted(text: string): Cells {
  const separator = ['\t', ';', ','].find((mark) => text.includes(mark)) ?? '\t';
  const lines: number[] = [];
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let began = 1;
  const endRow = () => {
    row.push(cell.trim());
    if (row.some((one) => one !== '')) {
      rows.push(row);
      lines.push(began);
    }
    row = [];
    cell = '';
  };
  const plain = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i] ?? '';
    if (char === '\n') line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (plain[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (char === separator) {
      row.push(cell.trim());
      cell = '';
    } else if (char === '\n') {
      endRow();
      began = line;
    } else cell += char;
  }
  endRow();
  return { lines, rows };
}

const fold = (text: string) => text.toLocaleLowerCase().replace(/ё/g, 'е').replace(/[^\p{L}\p{N}]/gu, '');

/** What each heading is read as, '' for nothing; a field is taken once, by the first heading that names it. */
export function recognise(headings: readonly string[], fields: readonly Field[]): string[] {
  const taken = new Set<string>();
  return headings.map((heading) => {
    const found = fields.find((field) => !taken.has(field.name) && [field.name, ...field.words].some((word) => fold(word) === fold(heading)));
    if (found) taken.add(found.name);
    return found?.name ?? '';
  });
}

/** Tells whether the first row names columns; without headings the fields are taken in their order. */
export function headed(cells: Cells, fields: readonly Field[]): { columns: string[]; headings: readonly string[] | undefined } {
  const first = cells.rows[0] ?? [];
  const columns = recognise(first, fields);
  const width = Math.max(0, ...cells.rows.slice(0, 50).map((row) => row.length));
  if (columns.filter(Boolean).length >= Math.min(2, width)) {
    return { columns: [...columns, ...Array<string>(Math.max(0, width - columns.length)).fill('')], headings: first };
  }
  return { columns: Array.from({ length: width }, (_, i) => fields[i]?.name ?? ''), headings: undefined };
}

/** The cells of a row by the field that its column is read as. */
export const named = (row: readonly string[], columns: readonly string[]): Record<string, string> =>
  Object.fromEntries(columns.flatMap((name, i) => (name ? [[name, row[i] ?? '']] : [])));

/** A power as people type it, in kW: 900, 0,9 MW, 900 кВт, 1 500; undefined when it is none. */
export function powerOf(typed: string): number | undefined {
  const found = /^([\d\s\u00a0\u202f]+(?:[.,]\d+)?)\s*(kw|квт|mw|мвт|w|вт)?$/iu.exec(typed.trim());
  if (!found) return undefined;
  const value = Number((found[1] ?? '').replace(/[\s\u00a0\u202f]/g, '').replace(',', '.'));
  const unit = (found[2] ?? 'kw').toLocaleLowerCase();
  if (!Number.isFinite(value)) return undefined;
  const kw = unit === 'mw' || unit === 'мвт' ? value * 1000 : unit === 'w' || unit === 'вт' ? value / 1000 : value;
  return Math.round(kw * 1000) / 1000;
}

const safe = (cell: string) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell);

/** A file that Excel opens here without asking: semicolons, a mark of UTF-8, and no cell that could become a formula. */
export const csvOf = (rows: readonly (readonly string[])[]): string =>
  `\ufeff${rows.map((row) => row.map((cell) => (/[;"\n\r]/.test(cell) ? `"${safe(cell).replace(/"/g, '""')}"` : safe(cell))).join(';')).join('\r\n')}\r\n`;

/** Gives a file to the person. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Gives rows as a CSV or XLSX file to the person. */
export async function saveTable(name: string, rows: string[][], as: 'csv' | 'xlsx'): Promise<void> {
  if (as === 'csv') {
    save(`${name}.csv`, new Blob([csvOf(rows)], { type: 'text/csv' }));
    return;
  }
  const file: unknown = await ask(api.POST('/v1/tables/workbook', { body: { rows }, parseAs: 'blob' }));
  if (file instanceof Blob) save(`${name}.xlsx`, file);
}

/** Reads a CSV, TSV or XLSX file in any encoding; the server unpacks it and keeps nothing. */
export async function readFile(file: File): Promise<Cells> {
  const query = new URLSearchParams({ name: file.name });
  const response = await fetch(`/v1/tables?${query.toString()}`, {
    method: 'POST',
    body: file,
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': newKey(), 'Accept-Language': currentLanguage() },
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(body, response.status, textOfProblem);
  const { lines, rows } = body as Schemas['TableWire'];
  return { lines, rows: rows.map((row) => row ?? []) };
}
