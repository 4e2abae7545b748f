import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { sideBySide, type Cursors } from '@shared/pages';

export type Application = Schemas['ApplicationWire'];
export type ApplicationInput = Schemas['ApplicationInput'];
export type ReviewRequest = Schemas['RequestWire'];
export type ChecklistItem = Schemas['ChecklistItemWire'];

const PAGE = 100;

export interface ListFilter {
  /** The states wanted; each is a list of its own for the API. All when empty. */
  states: readonly Application['state'][];
  /** Only those of whom asks. */
  officer?: 'me' | undefined;
  sub?: 'I' | 'II' | undefined;
  q?: string | undefined;
}

/** The applications that fit, part by part. */
export const applicationPages = ({ states, officer, sub, q }: ListFilter) => ({
  queryKey: ['applications', { states, officer, sub, q }],
  read: (after: Cursors | undefined) =>
    sideBySide<Application>(states.length > 0 ? states : [''], after, (name, from) => {
      const state = states.find((item) => item === name);
      return ask(
        api.GET('/v1/applications', {
          params: { query: { limit: PAGE, ...(from ? { after: from } : {}), ...(state ? { state } : {}), ...(officer ? { officer } : {}), ...(sub ? { sub_type: sub } : {}), ...(q ? { q } : {}) } },
        }),
      );
    }),
  keyOf: (row: Application) => row.id,
  every: 15_000,
});

export const applicationQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id],
    queryFn: () => ask(api.GET('/v1/applications/{id}', { params: { path: { id } } })),
  });

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'timeline'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/timeline', { params: { path: { id } } })),
  });

export const groundsQuery = (act: 'refuse') =>
  queryOptions({
    queryKey: ['grounds', act],
    queryFn: () => ask(api.GET('/v1/reference/grounds', { params: { query: { act } } })),
    staleTime: 3_600_000,
  });

export const partiesQuery = (q: string) =>
  queryOptions({
    queryKey: ['parties', { q }],
    queryFn: () => ask(api.GET('/v1/parties', { params: { query: { q, limit: 20 } } })),
    enabled: q.length >= 3,
  });

export const sitesQuery = queryOptions({
  queryKey: ['sites'],
  queryFn: () => ask(api.GET('/v1/sites', { params: { query: { limit: 500 } } })),
});

export const requestsQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'requests'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/requests', { params: { path: { id } } })),
  });

export const clockQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'clock'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/clock', { params: { path: { id } } })),
  });

const header = () => ({ 'Idempotency-Key': newKey() });

/** Everything that changes an application; the answer is its next version. */
export const commands = {
  create: (body: ApplicationInput) => ask(api.POST('/v1/applications', { params: { header: header() }, body })),
  change: (id: string, body: ApplicationInput) => ask(api.PUT('/v1/applications/{id}', { params: { path: { id } }, body })),
  submit: (id: string) => ask(api.POST('/v1/applications/{id}/submission', { params: { path: { id } } })),
  register: (id: string) => ask(api.POST('/v1/applications/{id}/registration', { params: { path: { id } } })),
  withdraw: (id: string) => ask(api.POST('/v1/applications/{id}/withdrawal', { params: { path: { id } } })),
  assign: (id: string) => ask(api.POST('/v1/applications/{id}/assignment', { params: { path: { id } }, body: {} })),
  completeness: (id: string, body: Schemas['CompletenessInput']) => ask(api.POST('/v1/applications/{id}/completeness-check', { params: { path: { id } }, body })),
  checkItem: (id: string, code: string, body: Schemas['CheckItemInput']) => ask(api.PUT('/v1/applications/{id}/checklist/{code}', { params: { path: { id, code } }, body })),
  draft: (id: string, body: Schemas['DecisionInput']) => ask(api.POST('/v1/applications/{id}/decision-draft', { params: { path: { id } }, body })),
  askCorrection: (id: string, body: Schemas['CorrectionInput']) => ask(api.POST('/v1/applications/{id}/corrections', { params: { path: { id }, header: header() }, body })),
  correct: (id: string, request: string, body: Schemas['CorrectionAnswer']) => ask(api.PUT('/v1/applications/{id}/corrections/{request}', { params: { path: { id, request } }, body })),
  askAgency: (id: string, body: Schemas['AgencyRequestInput']) => ask(api.POST('/v1/applications/{id}/agency-requests', { params: { path: { id }, header: header() }, body })),
  agencyAnswer: (id: string, request: string, body: Schemas['AgencyAnswerInput']) => ask(api.PUT('/v1/applications/{id}/agency-requests/{request}', { params: { path: { id, request } }, body })),
};

/** Runs a command and keeps the caches true. */
export function useApplicationCommand<A>(run: (argument: A) => Promise<Application>, after?: (application: Application) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (application) => {
      client.setQueryData(applicationQuery(application.id).queryKey, application);
      await Promise.all([
        client.invalidateQueries({ queryKey: ['applications'] }),
        client.invalidateQueries({ queryKey: ['application', application.id] }),
        client.invalidateQueries({ queryKey: ['licenses'] }),
      ]);
      after?.(application);
    },
  });
}
