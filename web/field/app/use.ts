// The app's state as screens use it.
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { Act } from '../outbox/event';
import type { Placed } from '../device/store';
import type { Bytes } from '../outbox/ports';
import { StorageFull } from '../outbox/ports';
import { foldPayloads, type Visit } from '../visit/fold';
import type { Pack } from '../visit/pack';
import { current, packs, record, type State, store, subscribe } from './core';

export const useApp = (): State => useSyncExternalStore(subscribe, current);

const subscribeHash = (listener: () => void) => {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
};
/** The parts of the address after #/. */
export const useRoute = (): string[] =>
  useSyncExternalStore(subscribeHash, () => location.hash)
    .replace(/^#\/?/, '')
    .split('/')
    .map(decodeURIComponent);

export const go = (...parts: string[]): void => {
  location.hash = `#/${parts.map(encodeURIComponent).join('/')}`;
};

/** The last thing that was recorded on this screen, for "undo". */
export interface Done {
  id: string;
  words: string;
}

export interface Open {
  id: string;
  pack: Pack;
  visit: Visit;
  places: Placed[];
  /** Records an act. False says that it was not saved; the screen shows why. */
  act: (act: Act, words?: string, bytes?: Bytes | null) => Promise<boolean>;
  undo: (event: string) => Promise<void>;
  last: Done | null;
  failed: 'full' | 'broken' | null;
}

/** A visit with its pack and what was done on it; undefined while it loads, null when its pack is not here. */
export function useVisit(id: string): Open | null | undefined {
  const { counts } = useApp();
  const [loaded, setLoaded] = useState<Pick<Open, 'pack' | 'visit' | 'places'> | null | undefined>();
  const [last, setLast] = useState<Done | null>(null);
  const [failed, setFailed] = useState<Open['failed']>(null);
  const key = `${counts.saved} ${counts.received} ${counts.sealed} ${counts.refused}`;

  useEffect(() => {
    let here = true;
    void Promise.all([packs.pack(id), store.ofVisit(id), store.placesOf(id)]).then(([pack, items, places]) => {
      if (here) setLoaded(pack && { pack, visit: foldPayloads(items.map((item) => item.payload)), places });
    });
    return () => {
      here = false;
    };
  }, [id, key]);

  const act = useCallback<Open['act']>(
    async (what, words, bytes = null) => {
      try {
        const item = await record(id, what, bytes);
        setFailed(null);
        setLast(words ? { id: item.id, words } : null);
        return true;
      } catch (e) {
        setFailed(e instanceof StorageFull ? 'full' : 'broken');
        return false;
      }
    },
    [id],
  );
  const undo = useCallback<Open['undo']>(
    async (event) => {
      await act({ kind: 'event.voided', body: { event, reason: 'undo' } });
      setLast(null);
    },
    [act],
  );
  return loaded && { id, ...loaded, act, undo, last, failed };
}
