import { createContext, use } from 'react';
import { isPast, useMoment } from './moment';

/** Who is signed in and what they may do, as GET /v1/session says. */
export interface Session {
  user: { id: string; name: string; login: string; roles: readonly string[]; unit?: string | undefined; utility?: string | undefined; party?: string | undefined };
  permissions: readonly string[];
}

const SessionContext = createContext<Session | undefined>(undefined);
export const SessionProvider = SessionContext.Provider;

/** The session; only below the frame, where there always is one. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error('useSession outside a session');
  return session;
}

/**
 * Tells whether the person may do an action of the permission table on this page. The server decides; this only hides
 * what it would refuse. A page of the past can be read, and nothing else.
 */
export function useCan(): (action: string) => boolean {
  const { permissions } = useSession();
  const past = isPast(useMoment());
  return (action) => permissions.includes(action) && (!past || action.endsWith('.read'));
}

/** Whether the person files and does not review: the portal then stands where the office has its queue and its case. */
export function useApplies(): boolean {
  const can = useCan();
  return can('application.file') && !can('application.review');
}
