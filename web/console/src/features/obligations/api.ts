import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import { sideBySide, type Cursors } from '@shared/pages';
import type { ObligationsSearch, ObligationView } from './search';

export type Obligation = Schemas['ObligationWire'];
export type Evidence = Schemas['ObligationEvidenceWire'];
export type Fee = Schemas['EnergyFeeWire'];
export type Handed = Schemas['HandedWire'];
type State = Obligation['state'];

const PAGE = 100;

/** What a saved view asks of the API. */
const statesOf: Readonly<Record<ObligationView, readonly State[]>> = {
  open: ['overdue', 'due', 'fulfilled', 'upcoming'],
  overdue: ['overdue'],
  due: ['due'],
  upcoming: ['upcoming'],
  fulfilled: ['fulfilled'],
  waivers: [],
  closed: ['accepted', 'waived', 'ended'],
  all: [],
};

const narrow = ({ kind, license }: ObligationsSearch) => ({ ...(kind ? { kind } : {}), ...(license ? { license } : {}) });

/** The obligations of a view, by due date, part by part. */
export const obligationPages = (search: ObligationsSearch) => {
  const view = search.view ?? 'open';
  const states = statesOf[view];
  return {
    queryKey: ['obligations', 'pages', { ...search, view }],
    read: (after: Cursors | undefined) =>
      sideBySide(states.length > 0 ? states : ['all'], after, (state, cursor) =>
        ask(
          api.GET('/v1/obligations', {
            params: { query: { limit: PAGE, ...narrow(search), ...(cursor ? { after: cursor } : {}), ...(state === 'all' ? {} : { state: state as State }), ...(view === 'waivers' ? { waiver: true } : {}) } },
          }),
        ),
      ),
    keyOf: (row: Obligation) => row.id,
    every: 30_000,
  };
};

export const countsQuery = (search: ObligationsSearch) =>
  queryOptions({
    queryKey: ['obligations', 'counts', narrow(search)],
    queryFn: () => ask(api.GET('/v1/obligations/counts', { params: { query: narrow(search) } })),
    refetchInterval: 30_000,
  });

export const kindsQuery = queryOptions({
  queryKey: ['obligations', 'kinds'],
  queryFn: () => ask(api.GET('/v1/obligations/kinds')),
  staleTime: 3_600_000,
});

export const obligationQuery = (id: string) =>
  queryOptions({
    queryKey: ['obligation', id],
    queryFn: () => ask(api.GET('/v1/obligations/{id}', { params: { path: { id } } })),
  });

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ['obligation', id, 'evidence'],
    queryFn: () => ask(api.GET('/v1/obligations/{id}/evidence', { params: { path: { id } } })),
  });

/** The address of the list as CSV. */
export function exportAddress(search: ObligationsSearch): string {
  const states = statesOf[search.view ?? 'open'];
  const query = new URLSearchParams(narrow(search));
  if (states.length === 1 && states[0]) query.set('state', states[0]);
  if (search.view === 'waivers') query.set('waiver', 'true');
  return `/v1/obligations/export?${query.toString()}`;
}

export type Act =
  | { act: 'fulfil'; body: Handed }
  | { act: 'accept' }
  | { act: 'return'; note: string }
  | { act: 'propose_waiver'; ground: string; note: string }
  | { act: 'confirm_waiver' }
  | { act: 'reject_waiver'; note: string };

function perform({ id, version }: Obligation, act: Act): Promise<Obligation> {
  const params = { path: { id }, header: { 'Idempotency-Key': newKey(), 'If-Match': `"${version}"` } };
  switch (act.act) {
    case 'fulfil':
      return ask(api.POST('/v1/obligations/{id}/fulfilment', { params, body: act.body }));
    case 'accept':
      return ask(api.POST('/v1/obligations/{id}/acceptance', { params }));
    case 'return':
      return ask(api.POST('/v1/obligations/{id}/return', { params, body: { note: act.note } }));
    case 'propose_waiver':
      return ask(api.POST('/v1/obligations/{id}/waiver', { params, body: { ground: act.ground, note: act.note } }));
    case 'confirm_waiver':
      return ask(api.POST('/v1/obligations/{id}/waiver/confirmation', { params }));
    case 'reject_waiver':
      return ask(api.POST('/v1/obligations/{id}/waiver/rejection', { params, body: { note: act.note } }));
  }
}

/** What is done about an obligation; the answer is its next version. */
export function useObligationAct(obligation: Obligation, after?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (act: Act) => perform(obligation, act),
    onSuccess: async (next) => {
      client.setQueryData(obligationQuery(next.id).queryKey, next);
      await Promise.all(['obligations', 'tasks'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      await client.invalidateQueries({ queryKey: ['obligation', next.id, 'evidence'] });
      after?.();
    },
  });
}
