/** How what is typed reaches the server: a state machine without clock, network or page, so that it can be read as a table. */

export type Phase =
  | 'saved' // the server has everything
  | 'waiting' // something was typed; it goes out after a short pause
  | 'saving' // on its way
  | 'offline' // the server could not be reached; it is tried again
  | 'signedOut' // the session ended; it goes out after sign-in
  | 'conflict' // somebody else changed the application meanwhile; a person chooses
  | 'refused'; // the server will not take it; what was typed stays here

export interface AutosaveState {
  phase: Phase;
  /** Something was typed while the last save was on its way. */
  more: boolean;
  /** Saves that failed in a row. */
  failures: number;
}

export type AutosaveEvent = 'edited' | 'started' | 'saved' | 'unreachable' | 'signedOut' | 'conflict' | 'refused' | 'resolved' | 'retry';

export const atRest: AutosaveState = { phase: 'saved', more: false, failures: 0 };

const go = (state: AutosaveState, phase: Phase, change: Partial<AutosaveState> = {}): AutosaveState => ({ ...state, phase, ...change });

/** The state after an event; an event that means nothing in a state leaves it as it is. */
export function next(state: AutosaveState, event: AutosaveEvent): AutosaveState {
  const { phase } = state;
  switch (event) {
    case 'edited':
      if (phase === 'saving') return go(state, 'saving', { more: true });
      return phase === 'saved' || phase === 'refused' ? go(state, 'waiting') : state;
    case 'started':
      return phase === 'waiting' || phase === 'offline' ? go(state, 'saving', { more: false }) : state;
    case 'saved':
      return phase === 'saving' ? go(state, state.more ? 'waiting' : 'saved', { more: false, failures: 0 }) : state;
    case 'unreachable':
      return phase === 'saving' ? go(state, 'offline', { more: false, failures: state.failures + 1 }) : state;
    case 'signedOut':
    case 'conflict':
    case 'refused':
      return phase === 'saving' ? go(state, event === 'refused' && state.more ? 'waiting' : event, { more: false }) : state;
    case 'resolved':
      return phase === 'conflict' ? go(state, 'waiting') : state;
    case 'retry':
      return phase === 'offline' || phase === 'signedOut' || phase === 'refused' ? go(state, 'waiting') : state;
  }
}

const PAUSE = 800;
const FIRST_RETRY = 2_000;
const LONGEST_RETRY = 60_000;

/** Milliseconds after which the next save starts by itself; undefined when it does not. */
export function delayOf({ phase, failures }: AutosaveState): number | undefined {
  if (phase === 'waiting') return PAUSE;
  if (phase === 'offline') return Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** (failures - 1));
  return undefined;
}

/** Whether the server lacks something that was typed. */
export const unsaved = ({ phase }: AutosaveState): boolean => phase !== 'saved';
