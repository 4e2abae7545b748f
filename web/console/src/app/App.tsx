import { MantineProvider } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { hashKey, MutationCache, QueryCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { asProblem } from '@shared/api/problem';
import { currentMoment, keyOf } from '@shared/moment';
import { SessionProvider } from '@shared/session';
import { sessionQuery } from '@features/session/api';
import { Loaded } from '@ui/Loaded';
import { LanguageSwitch, SchemeSwitch } from './Frame';
import { router } from './router';
import { theme } from './theme';

const SignIn = lazy(async () => ({ default: (await import('@features/session/SignIn')).SignIn }));

// An answer 401 anywhere means that the session ended: ask who is signed in, which shows the sign-in in place.
const onError = (error: Error) => {
  if (asProblem(error).status === 401) void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
};

const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      // What was read of one moment is not what is read of another; who is signed in is of now.
      queryKeyHashFn: (key) => hashKey(key[0] === 'session' ? key : [keyOf(currentMoment()), ...key]),
      staleTime: 10_000,
      retry: (failures, error) => {
        const { status } = asProblem(error);
        return failures < 2 && (status === 0 || status >= 500);
      },
    },
  },
});

function Gatekeeper() {
  const session = useQuery(sessionQuery);
  if (session.data === null)
    return (
      <Suspense fallback={null}>
        <SignIn
          tools={
            <>
              <LanguageSwitch />
              <SchemeSwitch />
            </>
          }
        />
      </Suspense>
    );
  return (
    <Loaded query={session}>
      {(data) => (
        <SessionProvider value={data ?? undefined}>
          <RouterProvider router={router} />
        </SessionProvider>
      )}
    </Loaded>
  );
}

/** The console. */
export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Gatekeeper />
      </QueryClientProvider>
    </MantineProvider>
  );
}
