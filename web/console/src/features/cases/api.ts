import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { CasesSearch, CaseView } from './search';

export type Case = Schemas['CaseWire'];
export type CaseInput = Schemas['CaseInput'];
export type Subject = Schemas['CaseSubjectInput'];
export type CaseAct = Schemas['CaseActInput'];
export type CaseTask = Schemas['CaseTaskWire'];
export type CaseTaskInput = Schemas['CaseTaskInput'];
export type Dismissal = Schemas['CaseDismissalInput'];
export type Closure = Schemas['CaseClosureInput'];

export const sources = ['finding', 'mismatch', 'tip', 'officer'] as const satisfies readonly CaseInput['source'][];
export const subjectKinds = ['connection_point', 'feeder', 'site', 'premises', 'license', 'party', 'person', 'finding', 'mismatch'] as const satisfies readonly Subject['kind'][];
export const dismissals = ['licensed_load', 'other_load', 'metering_fault', 'topology_record', 'nothing_found', 'no_evidence', 'duplicate'] as const satisfies readonly Dismissal['reason_code'][];
export const outcomes = ['legalised', 'disconnected', 'penalised', 'convicted', 'acquitted'] as const satisfies readonly Closure['outcome'][];
export const actKinds = ['note', 'referral', 'seizure', 'release', 'court'] as const satisfies readonly CaseAct['kind'][];
export const agencies = ['financial_monitoring', 'police', 'prosecutor', 'energy_supervision', 'tax'] as const satisfies readonly NonNullable<CaseAct['agency']>[];
export const fates = ['returned', 'confiscated'] as const satisfies readonly NonNullable<CaseAct['fate']>[];
export const rulings = ['convicted', 'acquitted', 'returned', 'settled'] as const satisfies readonly NonNullable<CaseAct['ruling']>[];

const PAGE = 100;

/** What a saved view asks of the API. */
const asked: Readonly<Record<CaseView, Readonly<Record<string, string>>>> = {
  mine: { lead: 'me', ongoing: 'true' },
  ongoing: { ongoing: 'true' },
  overdue: { overdue: 'true' },
  look: { state: 'dismissal_drafted' },
  ended: { ongoing: 'false' },
  all: {},
};

/** The cases of a view, the newest first. */
export const casePages = ({ view = 'ongoing', q, subject }: CasesSearch) => ({
  queryKey: ['cases', 'pages', { view, q, subject }],
  read: (after: string | undefined) => ask(api.GET('/v1/cases', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(q ? { q } : {}), ...(subject ? { subject } : {}), ...asked[view] } } })),
  keyOf: (row: Case) => row.id,
  every: 30_000,
});

export const caseQuery = (id: string) =>
  queryOptions({
    queryKey: ['case', id],
    queryFn: () => ask(api.GET('/v1/cases/{id}', { params: { path: { id } } })),
  });

export const eventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['case', id, 'events'],
    queryFn: () => ask(api.GET('/v1/ledger/entries', { params: { query: { subject_kind: 'case', subject_id: id, limit: 200 } } })),
  });

/** The steps that cases have today. */
export const taskKindsQuery = queryOptions({ queryKey: ['case-task-kinds'], queryFn: () => ask(api.GET('/v1/case-task-kinds')), staleTime: 300_000 });

/** Who works here. */
export const staffQuery = queryOptions({ queryKey: ['staff'], queryFn: () => ask(api.GET('/v1/staff')), staleTime: 60_000 });

const moved = ({ id, version }: CaseTask) => ({ path: { id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${version}"` } });

export const taskCommands = {
  open: ({ id }: Case, body: CaseTaskInput) => ask(api.POST('/v1/cases/{id}/tasks', { params: { path: { id }, header: { 'Idempotency-Key': newKey() } }, body })),
  complete: (task: CaseTask, outcome: string) => ask(api.POST('/v1/case-tasks/{id}/completion', { params: moved(task), body: { outcome } })),
  cancel: (task: CaseTask, reason: string) => ask(api.POST('/v1/case-tasks/{id}/cancellation', { params: moved(task), body: { reason } })),
  assign: (task: CaseTask, assignee: string) => ask(api.POST('/v1/case-tasks/{id}/assignment', { params: moved(task), body: { assignee } })),
};

const change = ({ id, version }: Case) => ({ path: { id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${version}"` } });
const add = ({ id }: Case) => ({ path: { id }, header: { 'Idempotency-Key': newKey() } });

export const commands = {
  open: (body: CaseInput) => ask(api.POST('/v1/cases', { params: { header: { 'Idempotency-Key': newKey() } }, body })),
  lead: (row: Case) => ask(api.POST('/v1/cases/{id}/lead', { params: change(row), body: {} })),
  subjects: (row: Case, subjects: Subject[]) => ask(api.POST('/v1/cases/{id}/subjects', { params: add(row), body: { subjects } })),
  act: (row: Case, body: CaseAct) => ask(api.POST('/v1/cases/{id}/acts', { params: add(row), body })),
  restrict: (row: Case, members: string[] = []) => ask(api.POST('/v1/cases/{id}/restriction', { params: change(row), body: { members } })),
  unrestrict: (row: Case) => ask(api.POST('/v1/cases/{id}/restriction/end', { params: change(row) })),
  dismiss: (row: Case, body: Dismissal) => ask(api.POST('/v1/cases/{id}/dismissal', { params: change(row), body })),
  confirmDismissal: (row: Case) => ask(api.POST('/v1/cases/{id}/dismissal/confirmation', { params: change(row) })),
  returnDismissal: (row: Case, reason: string) => ask(api.POST('/v1/cases/{id}/dismissal/return', { params: change(row), body: { reason } })),
  close: (row: Case, body: Closure) => ask(api.POST('/v1/cases/{id}/closure', { params: change(row), body })),
  reopen: (row: Case, reason: string) => ask(api.POST('/v1/cases/{id}/reopening', { params: change(row), body: { reason } })),
};

/** A command on a case; its answer is the next version. */
export function useCaseCommand<T>(command: (input: T) => Promise<Case>, after?: (row: Case) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: command,
    onSuccess: async (next) => {
      // Its page stands under the number or under the id, as the address has it.
      for (const name of [next.number, next.id]) client.setQueryData(caseQuery(name).queryKey, next);
      await Promise.all([client.invalidateQueries({ queryKey: ['cases'] }), client.invalidateQueries({ queryKey: ['case', next.id, 'events'] })]);
      after?.(next);
    },
  });
}
