/** How a state is marked: one table per noun. The five tones are those of ui/StateMark. */

export type Tone = 'ok' | 'wait' | 'stop' | 'refuse' | 'unknown';

const tones = {
  license: { active: 'ok', suspended: 'stop', revoked: 'refuse', expired: 'unknown', terminated: 'unknown', superseded: 'unknown' },
  application: {
    draft: 'unknown',
    submitted: 'wait',
    registered: 'wait',
    returned: 'stop',
    in_review: 'wait',
    decision_drafted: 'wait',
    granted: 'ok',
    refused: 'refuse',
    withdrawn: 'unknown',
  },
  decision: { permit: 'ok', refer: 'wait', deny: 'refuse' },
  connection: { planned: 'wait', energised: 'ok', disconnected: 'stop', removed: 'unknown' },
  request: { open: 'wait', answered: 'ok', lapsed: 'refuse', agreed: 'ok', objected: 'refuse', deemed_agreed: 'stop', void: 'unknown' },
  obligation: { upcoming: 'unknown', due: 'wait', overdue: 'refuse', fulfilled: 'wait', accepted: 'ok', waived: 'unknown', ended: 'unknown' },
  task: { open: 'wait', done: 'ok', cancelled: 'unknown' },
  act: { drafted: 'wait', provisional: 'stop', signed: 'ok', rejected: 'refuse', void: 'unknown', lapsed: 'refuse' },
  tolling: { proposed: 'wait', confirmed: 'ok', rejected: 'unknown' },
  case: { open: 'refuse', investigating: 'wait', dismissal_drafted: 'stop', dismissed: 'unknown', closed: 'ok' },
  inspection: { planned: 'stop', ready: 'wait', in_progress: 'wait', submitted: 'wait', finalized: 'ok', cancelled: 'unknown' },
  finding: { open: 'refuse', acknowledged: 'wait', dismissed: 'unknown', closed: 'ok' },
  party: { active: 'ok', in_liquidation: 'stop', bankrupt: 'refuse', dissolved: 'unknown', merged: 'unknown' },
  merge: { proposed: 'wait', rejected: 'unknown', merged: 'ok', undone: 'stop' },
  order: { issued: 'wait', delivered: 'wait', acknowledged: 'wait', executed: 'ok', verified: 'ok', closed: 'unknown' },
  paper: { issued: 'unknown', answered: 'wait', reported: 'wait', matched: 'ok', differs: 'refuse', settled: 'ok', spoiled: 'stop' },
  mismatch: { open: 'refuse', accepted: 'unknown', corrected: 'wait', gone: 'ok' },
  credential: { active: 'ok', retiring: 'stop', retired: 'unknown' },
  webhook: { good: 'ok', failing: 'stop', dead: 'refuse' },
  delivery: { waiting: 'wait', delivered: 'ok', failed: 'refuse', dropped: 'unknown' },
  account: { active: 'ok', disabled: 'refuse' },
  unit: { ok: 'ok', late: 'stop', dead: 'refuse', waiting: 'wait' },
  rule: { pass: 'ok', fail: 'refuse', not_applicable: 'unknown' },
  severity: { deny: 'refuse', refer: 'wait', note: 'unknown' },
  alarm: { open: 'refuse', resolved: 'ok' },
  import: { uploading: 'wait', uploaded: 'wait', checking: 'wait', checked: 'stop', running: 'wait', done: 'ok', failed: 'refuse', undoing: 'wait', undone: 'unknown', cancelled: 'unknown' },
  equipment: { active: 'ok', stored: 'wait', sold: 'unknown', exported: 'unknown', scrapped: 'unknown', seized: 'refuse' },
} as const satisfies Record<string, Record<string, Tone>>;

export type Noun = keyof typeof tones;

/** The tone of a state; what is not in the table is unknown. */
export function toneOf(noun: Noun, state: string | undefined): Tone {
  const table: Record<string, Tone> = tones[noun];
  return (state && table[state]) || 'unknown';
}

/** Every state of the table, to check that each has a word in the catalogues. */
export const stateKeys = (): string[] => Object.entries(tones).flatMap(([noun, states]) => Object.keys(states).map((state) => `state.${noun}.${state}`));
