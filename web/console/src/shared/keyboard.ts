import { useEffect, useRef, useState } from 'react';

/** What a key means in a list. */
export type ListCommand = 'next' | 'previous' | 'open' | 'peek' | 'select' | 'search' | 'first' | 'last';

const keys: Record<string, ListCommand> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  Enter: 'open',
  ' ': 'peek',
  x: 'select',
  '/': 'search',
  Home: 'first',
  End: 'last',
};

const EDITABLE = 'input, textarea, select, [contenteditable="true"], [role="dialog"] *';
/** A choice takes no text: a search may begin from it. */
const CHOICE = 'input[type="radio"], input[type="checkbox"]';
const ACTIVATES = 'a, button, summary, [role="button"], [role="menuitem"]';

/** A key pressed alone, outside a field. */
const isPlain = (event: KeyboardEvent) =>
  !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !(event.target instanceof Element && event.target.matches(EDITABLE));

/** The list command of a key press, or undefined when the key belongs to something else. */
export function listCommand(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target' | 'defaultPrevented'>): ListCommand | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const command = keys[event.key];
  if (!command) return undefined;
  if (event.target instanceof Element) {
    if (event.target.matches(EDITABLE) && !(command === 'search' && event.target.matches(CHOICE))) return undefined;
    if ((command === 'open' || command === 'peek') && event.target.matches(ACTIVATES) && !event.target.closest('[data-list-row]')) return undefined;
  }
  return command;
}

/** The cursor after a command in a list of so many rows; -1 is no cursor. */
export function moveCursor(cursor: number, command: ListCommand, rows: number): number {
  if (rows === 0) return -1;
  switch (command) {
    case 'next':
      return Math.min(cursor + 1, rows - 1);
    case 'previous':
      return cursor <= 0 ? 0 : cursor - 1;
    case 'first':
      return 0;
    case 'last':
      return rows - 1;
    default:
      return Math.min(cursor, rows - 1);
  }
}

export interface ListKeys {
  rows: number;
  onOpen?: ((index: number) => void) | undefined;
  onPeek?: ((index: number) => void) | undefined;
  onSelect?: ((index: number) => void) | undefined;
  onSearch?: (() => void) | undefined;
  /** Further letters of a list, each with what it does to the row at the cursor. */
  onKey?: Readonly<Record<string, (index: number) => void>> | undefined;
}

/** Moves a cursor through a list by keyboard, wherever the focus is outside a field. */
export function useListKeys(options: ListKeys): { cursor: number; setCursor: (index: number) => void } {
  const [cursor, setCursor] = useState(-1);
  const latest = useRef({ options, cursor });
  useEffect(() => {
    latest.current = { options, cursor };
  });
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const { options: now, cursor: at } = latest.current;
      const own = now.onKey?.[event.key];
      if (own && at >= 0 && at < now.rows && isPlain(event)) {
        own(at);
        event.preventDefault();
        return;
      }
      const command = listCommand(event);
      if (!command) return;
      if (command === 'search') {
        if (!now.onSearch) return;
        now.onSearch();
      } else if (command === 'open' || command === 'peek' || command === 'select') {
        const act = command === 'open' ? now.onOpen : command === 'peek' ? now.onPeek : now.onSelect;
        if (!act || at < 0 || at >= now.rows) return;
        act(at);
      } else {
        if (now.rows === 0) return;
        setCursor(moveCursor(at, command, now.rows));
      }
      event.preventDefault();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return { cursor: cursor >= options.rows ? options.rows - 1 : cursor, setCursor };
}
