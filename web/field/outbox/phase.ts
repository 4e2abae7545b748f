// When the outbox sends: a pure table of states and what moves between them.
import type { Trouble } from './ports';

/** Idle has nothing to do; ready sends; waiting backs off; the others wait for a person. */
export type Phase =
  | { name: 'idle' }
  | { name: 'ready'; failures: number }
  | { name: 'waiting'; failures: number; until: number }
  | { name: 'signed_out' }
  | { name: 'forbidden' }
  | { name: 'locked' };

export type Signal =
  | { kind: 'work' } // something was recorded, or the app began
  | { kind: 'online' } // the network is back
  | { kind: 'now' } // a person pressed "send"
  | { kind: 'signed_in' }
  | { kind: 'tick' }
  | { kind: 'progress' } // the server took something
  | { kind: 'done' } // nothing is left to send
  | { kind: 'later'; seconds: number } // all is received, but not yet sealed
  | { kind: 'trouble'; trouble: Trouble };

const first = 1_000;
const most = 5 * 60_000;

/** How long to wait after n failures in a row: doubling from a second to five minutes, less up to half by chance (0..1). */
export const backOff = (failures: number, chance: number): number => Math.min(most, first * 2 ** Math.min(failures - 1, 20)) * (1 - chance / 2);

/** The next phase. now is in milliseconds; chance is between 0 and 1 and spreads retries of many devices. */
export function next(phase: Phase, signal: Signal, now: number, chance: number): Phase {
  switch (signal.kind) {
    case 'signed_in':
      return { name: 'ready', failures: 0 };
    case 'work':
      return phase.name === 'idle' || phase.name === 'waiting' && phase.failures === 0 ? { name: 'ready', failures: 0 } : phase;
    case 'online':
      return phase.name === 'waiting' || phase.name === 'idle' ? { name: 'ready', failures: 0 } : phase;
    case 'now':
      // Only a sign-in shows whether a device that was locked is unlocked.
      return phase.name === 'locked' ? phase : { name: 'ready', failures: 0 };
    case 'tick':
      // A clock that was set back must not make the wait longer than the longest.
      return phase.name === 'waiting' && (now >= phase.until || phase.until - now > most) ? { name: 'ready', failures: phase.failures } : phase;
    case 'progress':
      return phase.name === 'ready' ? { name: 'ready', failures: 0 } : phase;
    case 'done':
      return phase.name === 'ready' ? { name: 'idle' } : phase;
    case 'later':
      return phase.name === 'ready' ? { name: 'waiting', failures: 0, until: now + signal.seconds * 1000 } : phase;
    case 'trouble':
      return after(phase, signal.trouble, now, chance);
  }
}

function after(phase: Phase, trouble: Trouble, now: number, chance: number): Phase {
  const failures = ('failures' in phase ? phase.failures : 0) + 1;
  switch (trouble.kind) {
    case 'signed_out':
    case 'forbidden':
    case 'locked':
      return { name: trouble.kind };
    case 'wait':
      return { name: 'waiting', failures, until: now + Math.min(most, trouble.seconds * 1000) };
    case 'unreachable':
    case 'refused':
      return { name: 'waiting', failures, until: now + backOff(failures, chance) };
  }
}
