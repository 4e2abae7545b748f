import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { sideBySide, type Cursors } from '@shared/pages';

export type Application = Schemas['ApplicationWire'];
export type ApplicationInput = Schemas['ApplicationInput'];
export type ReviewRequest = Schemas['RequestWire'];
export type License = Schemas['LicenseWire'];
export type Party = Schemas['PartyWire'];
export type Site = Schemas['SiteWire'];
export type SiteInput = Schemas['SiteWire'];
export type Attachment = Schemas['AttachmentWire'];
export type Tasks = Schemas['TasksWire'];
export type Task = Tasks['tasks'][number];
export type TaskCode = Task['code'];
export type Problem = Task['problems'][number];
export type Service = Schemas['ApplicationServiceWire'];
export type Kind = Application['kind'];
export type Requirement = Schemas['RequirementWire'];

const PAGE = 100;

/** The applications that the caller may see, of some states, part by part. */
export const ownPages = (states: readonly Application['state'][]) => ({
  queryKey: ['applications', 'own', { states }],
  read: (after: Cursors | undefined) =>
    sideBySide<Application>(states, after, (name, from) =>
      ask(api.GET('/v1/applications', { params: { query: { limit: PAGE, ...(from ? { after: from } : {}), state: name as Application['state'] } } })),
    ),
  keyOf: (row: Application) => row.id,
  every: 30_000,
});

export const applicationQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id],
    queryFn: () => ask(api.GET('/v1/applications/{id}', { params: { path: { id } } })),
  });

export const tasksQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'tasks'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/tasks', { params: { path: { id } } })),
    staleTime: 0,
  });

export const attachmentsQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'attachments'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/attachments', { params: { path: { id } } })),
  });

export const receiptQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'receipt'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/receipt', { params: { path: { id } } })),
  });

export const requestsQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'requests'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/requests', { params: { path: { id } } })),
  });

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'timeline'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/timeline', { params: { path: { id } } })),
  });

/** The appeals against the refusals of an application. */
export const appealsQuery = (id: string) =>
  queryOptions({
    queryKey: ['application', id, 'appeals'],
    queryFn: () => ask(api.GET('/v1/applications/{id}/appeals', { params: { path: { id } } })),
  });

/** The kinds of application with their fee and term as they are today. */
export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: () => ask(api.GET('/v1/reference/application-services')),
  staleTime: 600_000,
});

export const reasonsQuery = queryOptions({
  queryKey: ['application reasons'],
  queryFn: () => ask(api.GET('/v1/reference/application-reasons')),
  staleTime: 600_000,
});

export const groundsQuery = queryOptions({
  queryKey: ['grounds', 'refuse'],
  queryFn: () => ask(api.GET('/v1/reference/grounds', { params: { query: { act: 'refuse' } } })),
  staleTime: 3_600_000,
});

export const requirementsQuery = queryOptions({
  queryKey: ['requirements'],
  queryFn: () => ask(api.GET('/v1/reference/requirements')),
  staleTime: 600_000,
});

export const partyQuery = (id: string) =>
  queryOptions({
    queryKey: ['party', id],
    queryFn: () => ask(api.GET('/v1/parties/{id}', { params: { path: { id } } })),
    enabled: id !== '',
  });

export const partiesQuery = (q: string) =>
  queryOptions({
    queryKey: ['parties', { q }],
    queryFn: () => ask(api.GET('/v1/parties', { params: { query: { q, limit: 20 } } })),
    enabled: q.length >= 3,
  });

/** The data centres of a party. */
export const sitesQuery = (owner: string) =>
  queryOptions({
    queryKey: ['sites', { owner }],
    queryFn: () => ask(api.GET('/v1/sites', { params: { query: { owner, limit: 500 } } })),
    enabled: owner !== '',
  });

/** The licenses of a party, in force or suspended, that an application can be about. */
export const licensesQuery = (holder: string) =>
  queryOptions({
    queryKey: ['licenses', { holder }],
    queryFn: () => ask(api.GET('/v1/licenses', { params: { query: { holder, limit: PAGE } } })),
    enabled: holder !== '',
  });

/** The address of an attached file. */
export const fileAddress = (id: string, attachment: string) => `/v1/applications/${encodeURIComponent(id)}/attachments/${encodeURIComponent(attachment)}/file`;

const fresh = () => ({ 'Idempotency-Key': newKey() });
const match = (version: number) => ({ 'If-Match': `"${version}"` });
const at = (id: string) => ({ path: { id } });

/** Everything that the portal changes; the answer is the next version. */
export const commands = {
  create: (body: ApplicationInput) => ask(api.POST('/v1/applications', { params: { header: fresh() }, body })),
  save: (id: string, version: number, body: ApplicationInput) => ask(api.PUT('/v1/applications/{id}', { params: { ...at(id), header: match(version) }, body })),
  submit: (id: string, version: number) => ask(api.POST('/v1/applications/{id}/submission', { params: { ...at(id), header: match(version) } })),
  withdraw: (id: string) => ask(api.POST('/v1/applications/{id}/withdrawal', { params: at(id) })),
  correct: (id: string, request: string, body: Schemas['CorrectionAnswer']) => ask(api.PUT('/v1/applications/{id}/corrections/{request}', { params: { path: { id, request } }, body })),
  appeal: (id: string, text: string) => ask(api.POST('/v1/applications/{id}/appeal', { params: { ...at(id), header: fresh() }, body: { text } })),
  detach: (id: string, attachment: string) => ask(api.DELETE('/v1/applications/{id}/attachments/{attachment}', { params: { path: { id, attachment } } })),
  registerSite: (body: SiteInput) => ask(api.POST('/v1/sites', { params: { header: fresh() }, body })),
};

/** Runs a command that answers with the application, and keeps the caches true. */
export function useApplicationCommand<A>(run: (argument: A) => Promise<Application>, after?: (application: Application) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (application) => {
      client.setQueryData(applicationQuery(application.id).queryKey, application);
      await Promise.all([client.invalidateQueries({ queryKey: ['applications'] }), client.invalidateQueries({ queryKey: ['application', application.id] })]);
      after?.(application);
    },
  });
}
