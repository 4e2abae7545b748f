import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';

export type Tolling = Schemas['TollingWire'];

export const tollingQuery = queryOptions({
  queryKey: ['tolling'],
  queryFn: () => ask(api.GET('/v1/tolling')),
});

const header = () => ({ 'Idempotency-Key': newKey() });

/** Everything that changes a tolling period. */
export const commands = {
  propose: (body: Schemas['TollingInput']) => ask(api.POST('/v1/tolling', { params: { header: header() }, body })),
  confirm: (id: string) => ask(api.POST('/v1/tolling/{id}/confirmation', { params: { path: { id }, header: header() } })),
  reject: (id: string) => ask(api.POST('/v1/tolling/{id}/rejection', { params: { path: { id }, header: header() } })),
};

/** Runs a command; a period moves due dates, so all applications are read again. */
export function useTollingCommand<A>(run: (argument: A) => Promise<Tolling>, after?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async () => {
      await Promise.all(['tolling', 'applications', 'application'].map((key) => client.invalidateQueries({ queryKey: [key] })));
      after?.();
    },
  });
}
