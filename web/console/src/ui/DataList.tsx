import { Checkbox, Drawer } from '@mantine/core';
import { Fragment, useEffect, useMemo, useRef, useState } from 'react';
import { useListKeys } from '@shared/keyboard';
import { useTexts } from '@shared/i18n';
import classes from './DataList.module.css';

export interface Column<T> {
  key: string;
  header: string;
  cell: (row: T) => React.ReactNode;
  align?: 'end';
  /** Below which width the column is left out. */
  from?: 'medium' | 'wide' | 'huge';
  width?: string;
}

export interface Group<T> {
  key: string;
  label: React.ReactNode;
  rows: readonly T[];
}

interface Props<T> {
  /** What the list is, for assistive technology. */
  label: string;
  columns: readonly Column<T>[];
  groups: readonly Group<T>[];
  keyOf: (row: T) => string;
  nameOf: (row: T) => string;
  onOpen?: (row: T) => void;
  /** What the drawer shows when a row is peeked at with Space. */
  peek?: (row: T) => React.ReactNode;
  /** What can be done with selected rows; a selection is possible only with it. */
  bulk?: (rows: readonly T[], clear: () => void) => React.ReactNode;
  onSearch?: () => void;
  /** Further letters of this list, with their words and what they do to the row at the cursor. */
  letters?: readonly { key: string; label: string; act: (row: T) => void }[];
  waiting?: number;
  onShowWaiting?: () => void;
  dense?: 'dense' | 'comfortable';
}

/** A list: quiet rows, groups, and a keyboard (j k Enter Space x /). */
export function DataList<T>({ label, columns, groups, keyOf, nameOf, onOpen, peek, bulk, onSearch, letters = [], waiting = 0, onShowWaiting, dense = 'comfortable' }: Props<T>) {
  const { t } = useTexts();
  const rows = useMemo(() => groups.flatMap((group) => group.rows), [groups]);
  const [peeked, setPeeked] = useState<string>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const cursorRow = useRef<HTMLTableRowElement>(null);

  const toggle = (row: T) =>
    setSelected((before) => {
      const next = new Set(before);
      if (!next.delete(keyOf(row))) next.add(keyOf(row));
      return next;
    });
  const at = (index: number, act: ((row: T) => void) | undefined) => {
    const row = rows[index];
    if (row !== undefined) act?.(row);
  };
  // Where a row has no page of its own, it opens in the drawer.
  const open = onOpen ?? (peek ? (row: T) => setPeeked(keyOf(row)) : undefined);
  const { cursor, setCursor } = useListKeys({
    rows: rows.length,
    onOpen: open ? (index) => at(index, open) : undefined,
    onPeek: peek ? (index) => at(index, (row) => setPeeked(keyOf(row))) : undefined,
    onSelect: bulk ? (index) => at(index, toggle) : undefined,
    onSearch,
    onKey: Object.fromEntries(letters.map(({ key, act }) => [key, (index: number) => at(index, act)])),
  });
  useEffect(() => {
    cursorRow.current?.scrollIntoView({ block: 'nearest' });
  }, [cursor]);

  const chosen = rows.filter((row) => selected.has(keyOf(row)));
  const peekedRow = rows.find((row) => keyOf(row) === peeked);
  let index = -1;

  return (
    <div className={classes.root}>
      {waiting > 0 ? (
        <button type="button" className={classes.waiting} onClick={onShowWaiting}>
          <span aria-live="polite">{t('ui.list.new', { count: waiting })}</span>
        </button>
      ) : null}
      {chosen.length > 0 && bulk ? (
        <div className={classes.bulk} role="toolbar" aria-label={t('ui.list.bulk')}>
          <span className="num">{t('ui.list.selected', { count: chosen.length })}</span>
          {bulk(chosen, () => setSelected(new Set()))}
        </div>
      ) : null}
      {/* The roles stand here because on a phone the rows are laid out as blocks, which would take them away. */}
      <table role="table" className={classes.table} data-dense={dense} aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {bulk ? <th role="columnheader" className={classes.check}><span className="visually-hidden">{t('ui.list.select')}</span></th> : null}
            {columns.map((column) => (
              <th key={column.key} role="columnheader" scope="col" data-align={column.align} data-from={column.from} style={column.width ? { width: column.width } : undefined}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {groups.map((group) => (
            <Fragment key={group.key}>
              {group.label && group.rows.length > 0 ? (
                <tr role="row" className={classes.group}>
                  <th role="rowheader" scope="rowgroup" colSpan={columns.length + (bulk ? 1 : 0)}>
                    {group.label} <span className="muted num">{group.rows.length}</span>
                  </th>
                </tr>
              ) : null}
              {group.rows.map((row) => {
                index += 1;
                const here = index;
                const key = keyOf(row);
                return (
                  <tr
                    key={key}
                    role="row"
                    ref={here === cursor ? cursorRow : undefined}
                    data-cursor={here === cursor || undefined}
                    data-selected={selected.has(key) || undefined}
                    className={classes.row}
                    onClick={(event) => {
                      if ((event.target as Element).closest('a, button, input, label')) return;
                      setCursor(here);
                      if (window.getSelection()?.toString() === '') open?.(row);
                    }}
                  >
                    {bulk ? (
                      <td role="cell" className={classes.check}>
                        <Checkbox size="xs" checked={selected.has(key)} onChange={() => toggle(row)} aria-label={t('ui.list.selectOne', { name: nameOf(row) })} />
                      </td>
                    ) : null}
                    {columns.map((column) => (
                      <td key={column.key} role="cell" data-align={column.align} data-from={column.from}>
                        {column.cell(row)}
                      </td>
                    ))}
                  </tr>
                );
              })}
            </Fragment>
          ))}
        </tbody>
      </table>
      <p className={`${classes.keys} no-print`} aria-hidden="true">
        <kbd>j</kbd> <kbd>k</kbd> {t('ui.keys.move')}
        {onOpen ? <> <kbd>Enter</kbd> {t('ui.keys.open')}</> : null}
        {peek ? <> <kbd>{t('ui.keys.space')}</kbd> {t('ui.keys.peek')}</> : null}
        {bulk ? <> <kbd>x</kbd> {t('ui.keys.select')}</> : null}
        {letters.map(({ key, label: words }) => <Fragment key={key}> <kbd>{key}</kbd> {words}</Fragment>)}
        {onSearch ? <> <kbd>/</kbd> {t('ui.keys.search')}</> : null}
      </p>
      {peek ? (
        <Drawer
          opened={peekedRow !== undefined}
          onClose={() => setPeeked(undefined)}
          position="right"
          size={440}
          title={peekedRow === undefined ? '' : nameOf(peekedRow)}
          closeButtonProps={{ 'aria-label': t('ui.close') }}
          overlayProps={{ backgroundOpacity: 0.2 }}
        >
          {peekedRow === undefined ? null : peek(peekedRow)}
        </Drawer>
      ) : null}
    </div>
  );
}

/** The foot of a list: how many are shown, and the next ones. */
export function ListFoot({ shown, onMore, busy }: { shown: number; onMore?: (() => void) | undefined; busy?: 'busy' | undefined }) {
  const { t } = useTexts();
  return (
    <div className={`${classes.foot} no-print`}>
      <span className="muted small num">{t(onMore ? 'ui.list.cut' : 'ui.list.shown', { count: shown })}</span>
      {onMore ? (
        <button type="button" className={classes.more} onClick={onMore} aria-busy={busy === 'busy'}>
          {busy === 'busy' ? t('ui.loading') : t('ui.list.more')}
        </button>
      ) : null}
    </div>
  );
}
