// IndexedDB as promises: one place that opens it and one that runs a transaction.
import { StorageFull } from '../outbox/ports';

export type StoreName = 'items' | 'blobs' | 'data' | 'visits' | 'packs' | 'meta';
const version = 1;

/** Opens the device's database. A later version has to carry the outbox over: nothing here is ever dropped by an upgrade. */
export function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      const db = request.result;
      const items = db.createObjectStore('items', { keyPath: 'seq' });
      items.createIndex('place', 'place');
      items.createIndex('inspection', 'inspection');
      items.createIndex('placeInspection', ['place', 'inspection']);
      items.createIndex('blob', 'blob');
      db.createObjectStore('blobs', { keyPath: 'sha256' }).createIndex('place', 'place');
      db.createObjectStore('data', { keyPath: 'sha256' });
      db.createObjectStore('visits', { keyPath: 'inspection' });
      db.createObjectStore('packs', { keyPath: 'id' });
      db.createObjectStore('meta');
    };
    request.onsuccess = () => {
      const db = request.result;
      // Another tab has a newer app: this connection must not block it.
      db.onversionchange = () => db.close();
      resolve(db);
    };
    request.onerror = () => reject(request.error ?? new Error('the database does not open'));
    request.onblocked = () => reject(new Error('another tab holds an older database open'));
  });
}

export const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('a request failed'));
  });

const isFull = (error: DOMException | null) => error?.name === 'QuotaExceededError';

/**
 * Runs work in one transaction that is on the disk when it resolves. Work may wait for requests of its stores and for
 * nothing else. When it throws, or the disk is full (StorageFull), nothing of it was written.
 */
export function within<T>(db: IDBDatabase, mode: 'readonly' | 'readwrite', names: StoreName[], work: (store: (name: StoreName) => IDBObjectStore) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const tx = db.transaction(names, mode, { durability: mode === 'readwrite' ? 'strict' : 'relaxed' });
    let outcome: { value: T } | { error: unknown } | undefined;
    tx.oncomplete = () => (outcome && 'value' in outcome ? resolve(outcome.value) : reject(outcome?.error ?? new Error('the transaction ended early')));
    tx.onabort = () => reject(isFull(tx.error) ? new StorageFull('full') : (outcome && 'error' in outcome ? asError(outcome.error) : (tx.error ?? new Error('the transaction was aborted'))));
    work((name) => tx.objectStore(name)).then(
      (value) => {
        outcome = { value };
      },
      (error: unknown) => {
        outcome = { error };
        try {
          tx.abort();
        } catch {
          reject(asError(error)); // it was over already
        }
      },
    );
  });
}

function asError(error: unknown): Error {
  if (error instanceof DOMException && isFull(error)) return new StorageFull('full');
  return error instanceof Error ? error : new Error(String(error));
}
