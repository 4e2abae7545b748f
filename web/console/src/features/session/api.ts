import { queryOptions } from '@tanstack/react-query';
import { api, ask } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import type { Session } from '@shared/session';

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await ask(api.GET('/v1/session'));
    } catch (error) {
      if (asProblem(error).status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
  retry: false,
});

export const signIn = (login: string, password: string): Promise<Session> => ask(api.POST('/v1/session', { body: { login, password } }));

export const signOut = (): Promise<unknown> => ask(api.DELETE('/v1/session'));
