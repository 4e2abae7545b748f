// The device's signing key: ECDSA P-256, made here, and never readable by anybody, this app included.
import type { Signer } from '../outbox/ports';
import { done, within } from './db';

/** What the server knows of this device, and whose it is. */
export interface Device {
  id: string;
  owner: string;
  ownerName: string;
  publicKey: string;
}

export const base64 = (bytes: ArrayBuffer): string => btoa(Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join(''));

const read = <T>(db: IDBDatabase, key: string) => within(db, 'readonly', ['meta'], (store) => done(store('meta').get(key) as IDBRequest<T | undefined>));
const curve = { name: 'ECDSA', namedCurve: 'P-256' };

export const deviceOf = (db: IDBDatabase) => read<Device>(db, 'device');

/** The key pair, made when there is none. */
export async function deviceKey(db: IDBDatabase): Promise<CryptoKeyPair> {
  const known = await read<CryptoKeyPair>(db, 'deviceKey');
  if (known) return known;
  const fresh = await crypto.subtle.generateKey(curve, false, ['sign', 'verify']);
  return within(db, 'readwrite', ['meta'], async (store) => {
    const first = await done(store('meta').get('deviceKey') as IDBRequest<CryptoKeyPair | undefined>);
    if (first) return first;
    await done(store('meta').put(fresh, 'deviceKey'));
    return fresh;
  });
}

/** The raw point of the public key, 65 bytes, in base64. */
export const publicKeyOf = async (pair: CryptoKeyPair) => base64(await crypto.subtle.exportKey('raw', pair.publicKey));

/** Signs with the device's key: r and s, 64 bytes, in base64. */
export function signerOf(device: string, pair: CryptoKeyPair): Signer {
  return { device, sign: async (payload) => base64(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, payload)) };
}
