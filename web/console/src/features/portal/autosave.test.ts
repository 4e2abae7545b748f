import { describe, expect, it } from 'vitest';
import { atRest, delayOf, next, unsaved, type AutosaveEvent, type AutosaveState, type Phase } from './autosave';

const after = (...events: AutosaveEvent[]): AutosaveState => events.reduce(next, atRest);

describe('the state after what happened', () => {
  it.each<[AutosaveEvent[], Phase, number | undefined]>([
    [[], 'saved', undefined],
    [['edited'], 'waiting', 800],
    [['edited', 'edited'], 'waiting', 800],
    [['edited', 'started'], 'saving', undefined],
    [['edited', 'started', 'saved'], 'saved', undefined],
    [['edited', 'started', 'edited'], 'saving', undefined],
    [['edited', 'started', 'edited', 'saved'], 'waiting', 800],
    [['edited', 'started', 'unreachable'], 'offline', 2_000],
    [['edited', 'started', 'unreachable', 'edited'], 'offline', 2_000],
    [['edited', 'started', 'unreachable', 'started', 'unreachable'], 'offline', 4_000],
    [['edited', 'started', 'unreachable', 'retry'], 'waiting', 800],
    [['edited', 'started', 'unreachable', 'started', 'saved'], 'saved', undefined],
    [['edited', 'started', 'signedOut'], 'signedOut', undefined],
    [['edited', 'started', 'signedOut', 'edited'], 'signedOut', undefined],
    [['edited', 'started', 'signedOut', 'retry'], 'waiting', 800],
    [['edited', 'started', 'conflict'], 'conflict', undefined],
    [['edited', 'started', 'conflict', 'edited', 'started', 'retry'], 'conflict', undefined],
    [['edited', 'started', 'conflict', 'resolved'], 'waiting', 800],
    [['edited', 'started', 'refused'], 'refused', undefined],
    [['edited', 'started', 'refused', 'edited'], 'waiting', 800],
    [['edited', 'started', 'edited', 'refused'], 'waiting', 800],
    [['started'], 'saved', undefined],
    [['saved'], 'saved', undefined],
    [['resolved'], 'saved', undefined],
  ])('%j is %s', (events, phase, delay) => {
    const state = after(...events);
    expect([state.phase, delayOf(state)]).toEqual([phase, delay]);
  });
});

it('waits longer after each failure, a minute at most, and forgets them once it is saved', () => {
  let state = after('edited');
  const delays: (number | undefined)[] = [];
  for (let i = 0; i < 8; i++) {
    state = next(next(state, 'started'), 'unreachable');
    delays.push(delayOf(state));
  }
  expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  state = next(next(state, 'started'), 'saved');
  expect(delayOf(next(next(next(state, 'edited'), 'started'), 'unreachable'))).toBe(2_000);
});

it('never says saved while something typed has not gone out', () => {
  // Every walk of five events: whenever the last edit came after the last start of a save, it is not saved.
  const events: AutosaveEvent[] = ['edited', 'started', 'saved', 'unreachable', 'signedOut', 'conflict', 'refused', 'resolved', 'retry'];
  let walks = 0;
  const walk = (state: AutosaveState, missing: 'nothing' | 'typed' | 'sent', left: number): void => {
    walks++;
    if (missing === 'typed') expect(unsaved(state)).toBe(true);
    if (left === 0) return;
    for (const event of events) {
      const to = next(state, event);
      let now = missing;
      if (event === 'edited') now = 'typed';
      else if (event === 'started' && to.phase === 'saving' && state.phase !== 'saving') now = missing === 'nothing' ? 'nothing' : 'sent';
      else if (event === 'saved' && state.phase === 'saving' && missing === 'sent') now = 'nothing';
      else if (missing === 'sent' && state.phase === 'saving' && to.phase !== 'saving') now = 'typed';
      walk(to, now, left - 1);
    }
  };
  walk(atRest, 'nothing', 5);
  expect(walks).toBeGreaterThan(59_000);
});
