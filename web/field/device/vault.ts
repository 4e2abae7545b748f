// The keys of a device, and what is written under them. Nothing of a pack or an event stands readable in the database.
import { done, within } from './db';

/** Bytes under AES-GCM. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** The cache key goes at sign-out and on a lock from afar; the work key stays until everything it hides has arrived. */
export type KeyName = 'cacheKey' | 'workKey';

/** The key is gone, so what it hid is unreadable. */
export class KeyGone extends Error {}

export class Vault {
  constructor(private readonly db: IDBDatabase) {}

  async seal(name: KeyName, bytes: BufferSource): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await this.make(name), bytes) };
  }

  async open(name: KeyName, sealed: Sealed): Promise<ArrayBuffer> {
    const key = await this.read(name);
    if (!key) throw new KeyGone(name);
    return crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, key, sealed.data);
  }

  drop(name: KeyName): Promise<void> {
    return within(this.db, 'readwrite', ['meta'], async (store) => {
      await done(store('meta').delete(name));
    });
  }

  private read(name: KeyName): Promise<CryptoKey | undefined> {
    return within(this.db, 'readonly', ['meta'], (store) => done(store('meta').get(name) as IDBRequest<CryptoKey | undefined>));
  }

  /** The key, made when there is none. Two tabs that make one at the same time end up with the same. */
  private async make(name: KeyName): Promise<CryptoKey> {
    const known = await this.read(name);
    if (known) return known;
    const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    return within(this.db, 'readwrite', ['meta'], async (store) => {
      const first = await done(store('meta').get(name) as IDBRequest<CryptoKey | undefined>);
      if (first) return first;
      await done(store('meta').put(fresh, name));
      return fresh;
    });
  }
}
