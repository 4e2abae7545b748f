import { expect, it } from 'vitest';
import { makePair, proofOf, thumbprint } from './keys';

const part = (text: string | undefined) => JSON.parse(Buffer.from(text ?? '', 'base64url').toString()) as Record<string, unknown>;

it('names a key as RFC 7638 does', async () => {
  // The key of RFC 7517, appendix A.1; its name computed with Node's crypto.
  expect(await thumbprint({ x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM' })).toBe('cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s');
});

it('signs a statement that the public half verifies and another key does not', async () => {
  const pair = await makePair();
  const other = await makePair();
  const proof = await proofOf(pair, 'client-1', 'https://registry.example', 1_700_000_000_000);
  const [header, claims, signature] = proof.split('.');
  expect(part(header)).toEqual({ alg: 'ES256', typ: 'client-key-proof+jwt' });
  expect(part(claims)).toMatchObject({ iss: 'client-1', sub: 'client-1', aud: 'https://registry.example', iat: 1_700_000_000, exp: 1_700_000_120, jkt: await thumbprint(pair.publicKey) });
  const verify = async ({ publicKey }: typeof pair) =>
    crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, await crypto.subtle.importKey('jwk', publicKey, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']), Buffer.from(signature ?? '', 'base64url'), Buffer.from(`${header}.${claims}`));
  expect(await verify(pair)).toBe(true);
  expect(await verify(other)).toBe(false);
  expect(pair.privateText).toContain('"d"');
});
