import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { draftKey } from '@shared/drafts';
import { useSession } from '@shared/session';
import { inputOf } from './answers';
import { applicationQuery, commands, tasksQuery, type Application } from './api';
import { DraftBox, type Kept } from './draftBox';

const boxes = new WeakMap<QueryClient, Map<string, DraftBox>>();

function keptUnder(key: string): Kept | undefined {
  const text = localStorage.getItem(key);
  if (!text) return undefined;
  try {
    const kept = JSON.parse(text) as Kept;
    return kept.answers && kept.base && kept.version ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** When something typed into the application is kept here that the server does not have. */
export const keptAt = (user: string, application: string): string | undefined => keptUnder(draftKey(user, application))?.at;

function boxOf(client: QueryClient, user: string, application: Application): DraftBox {
  const { id } = application;
  const key = draftKey(user, id);
  const known = boxes.get(client) ?? new Map<string, DraftBox>();
  boxes.set(client, known);
  const box =
    known.get(key) ??
    new DraftBox(application, keptUnder(key), {
      save: (answers, version) => commands.save(id, version, inputOf(answers)),
      load: () => client.fetchQuery({ ...applicationQuery(id), staleTime: 0 }),
      keep: (kept) => (kept ? localStorage.setItem(key, JSON.stringify(kept)) : localStorage.removeItem(key)),
      now: () => new Date(),
      later: (run, milliseconds) => {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
      onSaved: (saved) => {
        client.setQueryData(applicationQuery(id).queryKey, saved);
        void client.invalidateQueries({ queryKey: tasksQuery(id).queryKey });
      },
    });
  known.set(key, box);
  return box;
}

/** The answers of an application on this device, with what has become of them; a box lives as long as the page is open. */
export function useDraft(application: Application) {
  const client = useQueryClient();
  const { user } = useSession();
  const box = boxOf(client, user.id, application);
  const view = useSyncExternalStore(box.subscribe, box.read);
  useEffect(() => box.adopt(application), [box, application]);
  useEffect(() => {
    // Back from the sign-in, or from no network.
    if (box.read().auto.phase === 'signedOut') box.retry();
    const online = () => box.retry();
    window.addEventListener('online', online);
    return () => window.removeEventListener('online', online);
  }, [box]);
  return { box, ...view };
}

export type Draft = ReturnType<typeof useDraft>;

/** The machine's completeness check: the same that filing runs. */
export const useTasks = (id: string) => useQuery(tasksQuery(id));
