import { expect, it } from 'vitest';
import type { Application } from './api';
import { declaredEquipmentKw, emptyDraft, inputOf } from './draft';
import { bySeverity, filterOf, inView } from './queue';

const clock = (due: string | undefined, left: number, standing = false) => ({ ...(due ? { due } : {}), working_days_left: left, working_days_used: 1, term_days: 15, standing });
const application = (number: string, state: Application['state'], of: ReturnType<typeof clock>) => ({ number, state, clock: of, officer: 'me' }) as Application;

it('groups what is under way by severity, each group by date', () => {
  const groups = bySeverity([
    application('3', 'in_review', clock('2026-12-02', 8)),
    application('1', 'in_review', clock('2026-11-20', -1)),
    application('2', 'registered', clock('2026-12-01', 7)),
    application('4', 'in_review', clock('2026-11-20', -1, true)),
    application('5', 'granted', clock('2026-11-20', -1)),
  ]);
  expect(groups.filter((group) => group.rows.length > 0).map((group) => [group.severity, group.rows.map((row) => row.number)])).toEqual([
    ['overdue', ['1']],
    ['later', ['2', '3']],
    ['paused', ['4']],
    ['none', ['5']],
  ]);
});

it('knows which view an application belongs to', () => {
  const drafted = application('1', 'decision_drafted', clock('2026-12-02', 8));
  expect(['open', 'mine', 'sign', 'decided', 'all'].filter((view) => inView(view as 'open', drafted, 'me'))).toEqual(['open', 'mine', 'sign', 'all']);
  expect(inView('mine', drafted, 'somebody else')).toBe(false);
});

it('asks the API for just what each view shows', () => {
  const states: Application['state'][] = ['draft', 'submitted', 'registered', 'returned', 'in_review', 'decision_drafted', 'granted', 'refused', 'withdrawn'];
  for (const view of ['open', 'mine', 'sign', 'decided'] as const) {
    const shown = states.filter((state) => inView(view, application('1', state, clock('2026-12-02', 8)), 'me'));
    expect([...filterOf[view].states].sort(), view).toEqual(shown.sort());
  }
  expect(filterOf.all.states).toEqual([]);
});

it('turns a form into a request: empty lines left out, numbers read, host only for sub-type II', () => {
  const draft = { ...emptyDraft('kk'), applicant: '2104 4003 8887', host: 'kz18dma00000042', sites: [{ site: 'S-1', points: ['P'], kw: '1 200,5' }, { site: '', points: [], kw: '' }] };
  expect(inputOf(draft)).toEqual({
    kind: 'issue', sub_type: 'I', applicant: '210440038887', language: 'kk', supply_basis: 'auction',
    sites: [{ site: 'S-1', connection_points: ['P'], approved_kw: 1200.5 }], equipment: [], fee_paid_kzt: 0,
  });
  expect(inputOf({ ...draft, subType: 'II' }).host_license).toBe('KZ18DMA00000042');
  expect(declaredEquipmentKw({ ...draft, equipment: [{ manufacturer: 'B', model: 'S', units: '340', kw: '3,05' }] })).toBeCloseTo(1037);
});
