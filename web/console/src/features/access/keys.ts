import { newKey } from '@shared/api/client';

/** A key pair made in this browser; the private half leaves it only as the file that is saved. */
export interface KeyPair {
  publicKey: { kty: 'EC'; crv: 'P-256'; x: string; y: string };
  privateText: string;
  sign: (data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };

/** Makes a pair for ES256. */
export async function makePair(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const publicKey = { kty: 'EC', crv: 'P-256', x: jwk.x ?? '', y: jwk.y ?? '' } as const;
  return {
    publicKey,
    privateText: JSON.stringify({ ...publicKey, d: jwk.d, alg: 'ES256' }, null, 2),
    sign: async (data) => new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, data)),
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** base64url without padding. */
export function base64url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The name of a key (RFC 7638). */
export async function thumbprint({ x, y }: { x: string; y: string }): Promise<string> {
  const canonical = `{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`;
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(canonical))));
}

const LIFE_S = 120;

/** The statement by which a new key says that its holder asks for it. */
export async function proofOf(pair: KeyPair, client: string, audience: string, now: number): Promise<string> {
  const at = Math.floor(now / 1000);
  const header = { alg: 'ES256', typ: 'client-key-proof+jwt' };
  const claims = { iss: client, sub: client, aud: audience, jti: newKey(), iat: at, exp: at + LIFE_S, jkt: await thumbprint(pair.publicKey) };
  const signed = `${base64url(bytes(JSON.stringify(header)))}.${base64url(bytes(JSON.stringify(claims)))}`;
  return `${signed}.${base64url(await pair.sign(bytes(signed)))}`;
}
