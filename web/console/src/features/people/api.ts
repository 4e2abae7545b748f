import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, type Schemas } from '@shared/api/client';

export type Person = Schemas['UserWire'];
export type PersonInput = Schemas['UserInput'];
export type Client = Schemas['ClientWire'];
export type ClientInput = Schemas['ClientInput'];

const PAGE = 100;

/** The people with an account, by login, part by part. */
export const peoplePages = {
  queryKey: ['users'],
  read: (after: string | undefined) => ask(api.GET('/v1/users', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } })),
  keyOf: (row: Person) => row.id,
};

/** The API clients, part by part. */
export const clientPages = {
  queryKey: ['clients'],
  read: (after: string | undefined) => ask(api.GET('/v1/clients', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } })),
  keyOf: (row: Client) => row.id,
};

/** Everything that changes an account. */
export const commands = {
  addPerson: (body: PersonInput) => ask(api.POST('/v1/users', { body })),
  disablePerson: (id: string) => ask(api.POST('/v1/users/{id}/disablement', { params: { path: { id } } })),
  resetPassword: (id: string) => ask(api.POST('/v1/users/{id}/password-reset', { params: { path: { id } } })),
  addClient: (body: ClientInput) => ask(api.POST('/v1/clients', { body })),
  disableClient: (id: string) => ask(api.POST('/v1/clients/{id}/disablement', { params: { path: { id } } })),
};

/** Runs a command and reads the lists anew. */
export function useAccountCommand<A, R>(run: (argument: A) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ['users'] }), client.invalidateQueries({ queryKey: ['clients'] })]),
  });
}
