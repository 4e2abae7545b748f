import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type Party = Schemas['PartyWire'];
export type LicenseRow = Schemas['LicenseWire'];
export type Person = Schemas['PersonWire'];
export type PersonInput = Schemas['PersonInput'];
export type Duplicate = Schemas['DuplicateWire'];
export type Merge = Schemas['MergeWire'];
export type MergePreview = Schemas['MergePreviewWire'];
export type Moved = Schemas['MovedWire'];
export type Obstacle = Schemas['ObstacleWire'];

const PAGE = 100;

/** The parties, part by part. */
export const partyPages = (q: string | undefined) => ({
  queryKey: ['parties', 'pages', { q }],
  read: (after: string | undefined) => ask(api.GET('/v1/parties', { params: { query: { limit: PAGE, ...(after ? { after } : {}), ...(q ? { q } : {}) } } })),
  keyOf: (row: Party) => row.id ?? row.bin_or_iin,
});

export const partyQuery = (id: string) =>
  queryOptions({
    queryKey: ['party', id],
    queryFn: () => ask(api.GET('/v1/parties/{id}', { params: { path: { id } } })),
  });

/** How many matching licenses stand above the parties; the list of licenses has the rest. */
export const LICENSES = 20;

export const licensesQuery = (q: string) =>
  queryOptions({
    queryKey: ['licenses', { q }],
    queryFn: () => ask(api.GET('/v1/licenses', { params: { query: { q, limit: LICENSES } } })),
    enabled: q !== '',
  });

export const holderLicensesQuery = (holder: string) =>
  queryOptions({
    queryKey: ['licenses', { holder }],
    queryFn: () => ask(api.GET('/v1/licenses', { params: { query: { holder, limit: 50 } } })),
  });

export const ownerEquipmentQuery = (owner: string) =>
  queryOptions({
    queryKey: ['equipment', { owner }],
    queryFn: () => ask(api.GET('/v1/equipment', { params: { query: { owner, limit: 200 } } })),
  });

export const ownerSitesQuery = (owner: string) =>
  queryOptions({
    queryKey: ['sites', { owner }],
    queryFn: () => ask(api.GET('/v1/sites', { params: { query: { owner, limit: 100 } } })),
  });

export const applicantApplicationsQuery = (applicant: string) =>
  queryOptions({
    queryKey: ['applications', { applicant }],
    queryFn: () => ask(api.GET('/v1/applications', { params: { query: { applicant, limit: 50 } } })),
  });

export const obstaclesQuery = (id: string) =>
  queryOptions({
    queryKey: ['party', id, 'obstacles'],
    queryFn: () => ask(api.GET('/v1/parties/{id}/obstacles', { params: { path: { id } } })),
  });

/** Each reading of persons leaves an entry in the ledger, so it is not repeated while the page stays. */
export const personsQuery = (id: string) =>
  queryOptions({
    queryKey: ['party', id, 'persons'],
    queryFn: () => ask(api.GET('/v1/parties/{id}/persons', { params: { path: { id } } })),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

export const partyDuplicatesQuery = (party: string) =>
  queryOptions({
    queryKey: ['duplicates', { party }],
    queryFn: () => ask(api.GET('/v1/parties/duplicates', { params: { query: { party, limit: 20 } } })),
  });

export const duplicatePages = (state: 'open' | 'dismissed', party: string | undefined) => ({
  queryKey: ['duplicates', 'pages', { state, party }],
  read: (after: string | undefined) =>
    ask(api.GET('/v1/parties/duplicates', { params: { query: { limit: 50, state, ...(party ? { party } : {}), ...(after ? { after } : {}) } } })),
  keyOf: (row: Duplicate) => `${row.a.id}${row.b.id}`,
});

export const partyMergesQuery = (party: string) =>
  queryOptions({
    queryKey: ['merges', { party }],
    queryFn: () => ask(api.GET('/v1/parties/merges', { params: { query: { party, limit: 20 } } })),
  });

export const proposedMergesQuery = queryOptions({
  queryKey: ['merges', { state: 'proposed' }],
  queryFn: () => ask(api.GET('/v1/parties/merges', { params: { query: { state: 'proposed', limit: 50 } } })),
});

export const mergeQuery = (id: string) =>
  queryOptions({
    queryKey: ['merge', id],
    queryFn: () => ask(api.GET('/v1/parties/merges/{id}', { params: { path: { id } } })),
  });

export const previewQuery = (into: string, from: string) =>
  queryOptions({
    queryKey: ['merge', 'preview', { into, from }],
    queryFn: () => ask(api.GET('/v1/parties/{id}/merge', { params: { path: { id: into }, query: { from } } })),
    enabled: into !== '' && from !== '',
  });

const header = (version?: number) => ({ 'Idempotency-Key': newKey(), ...(version ? { 'If-Match': `"${version}"` } : {}) });

/** Everything that changes a party, its people, or what it is merged with. */
export const commands = {
  addParty: (body: Party) => ask(api.POST('/v1/parties', { params: { header: header() }, body })),
  changeParty: (id: string, version: number, body: Party) => ask(api.PUT('/v1/parties/{id}', { params: { path: { id }, header: { 'If-Match': `"${version}"` } }, body })),
  addPerson: (id: string, body: PersonInput) => ask(api.POST('/v1/parties/{id}/persons', { params: { path: { id }, header: header() }, body })),
  correctPerson: (id: string, person: string, version: number, body: PersonInput) =>
    ask(api.PUT('/v1/parties/{id}/persons/{person}', { params: { path: { id, person }, header: { 'If-Match': `"${version}"` } }, body })),
  endPerson: (id: string, person: string, version: number, body: Schemas['PersonEndInput']) =>
    ask(api.POST('/v1/parties/{id}/persons/{person}/end', { params: { path: { id, person }, header: header(version) }, body })),
  dismiss: (body: Schemas['DismissalInput']) => ask(api.POST('/v1/parties/duplicates/dismissal', { params: { header: header() }, body })),
  propose: (body: Schemas['MergeInput']) => ask(api.POST('/v1/parties/merges', { params: { header: header() }, body })),
  confirm: (id: string, version: number) => ask(api.POST('/v1/parties/merges/{id}/confirmation', { params: { path: { id }, header: header(version) } })),
  reject: (id: string, version: number) => ask(api.POST('/v1/parties/merges/{id}/rejection', { params: { path: { id }, header: header(version) } })),
  undo: (id: string, version: number, reason: string) => ask(api.POST('/v1/parties/merges/{id}/undo', { params: { path: { id }, header: header(version) }, body: { reason } })),
};

const touched = ['party', 'parties', 'merge', 'merges', 'duplicates', 'sites', 'equipment', 'applications', 'application', 'licenses'];

/** Runs a command and reads anew what it may have touched: all of it, because a merge moves things between parties. */
export function usePartyCommand<A, R>(run: (argument: A) => Promise<R>, after?: (result: R) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (result) => {
      await Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] })));
      after?.(result);
    },
  });
}
