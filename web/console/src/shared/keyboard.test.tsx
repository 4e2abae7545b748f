import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { moveCursor, useListKeys } from './keyboard';

afterEach(cleanup);

function List({ rows, onOpen, onPeek, onSelect, onSearch }: { rows: number; onOpen?: (i: number) => void; onPeek?: (i: number) => void; onSelect?: (i: number) => void; onSearch?: () => void }) {
  const { cursor } = useListKeys({ rows, onOpen, onPeek, onSelect, onSearch });
  return (
    <div>
      <output>{cursor}</output>
      <input aria-label="field" />
      <button type="button">act</button>
    </div>
  );
}
const press = (key: string, target: Element | Document = document.body) => act(() => void fireEvent.keyDown(target, { key }));
const cursor = () => screen.getByRole('status').textContent;

it('moves with j and k and stops at the ends', () => {
  render(<List rows={2} />);
  expect(cursor()).toBe('-1');
  press('j');
  press('j');
  press('j');
  expect(cursor()).toBe('1');
  press('k');
  press('k');
  expect(cursor()).toBe('0');
});

it('opens, peeks and selects the row under the cursor, and nothing without one', () => {
  const [onOpen, onPeek, onSelect] = [vi.fn(), vi.fn(), vi.fn()];
  render(<List rows={3} onOpen={onOpen} onPeek={onPeek} onSelect={onSelect} />);
  press('Enter');
  expect(onOpen).not.toHaveBeenCalled();
  press('j');
  press('j');
  press('Enter');
  press(' ');
  press('x');
  expect([onOpen, onPeek, onSelect].map((fn) => fn.mock.calls)).toEqual([[[1]], [[1]], [[1]]]);
});

it('leaves keys alone in fields, on buttons and with modifiers', () => {
  const [onOpen, onSearch] = [vi.fn(), vi.fn()];
  render(<List rows={3} onOpen={onOpen} onSearch={onSearch} />);
  press('j');
  press('j', screen.getByLabelText('field'));
  press('/', screen.getByLabelText('field'));
  press('Enter', screen.getByRole('button'));
  act(() => void fireEvent.keyDown(document.body, { key: 'j', ctrlKey: true }));
  expect(cursor()).toBe('0');
  expect(onOpen).not.toHaveBeenCalled();
  expect(onSearch).not.toHaveBeenCalled();
  press('/');
  expect(onSearch).toHaveBeenCalledOnce();
});

it('keeps the cursor inside a list that got shorter', () => {
  const { rerender } = render(<List rows={5} />);
  press('End');
  expect(cursor()).toBe('4');
  rerender(<List rows={2} />);
  expect(cursor()).toBe('1');
  expect(moveCursor(1, 'next', 0)).toBe(-1);
});
