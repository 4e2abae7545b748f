// Letters and digits that are not taken for one another when they are read aloud.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A first password of five groups of four, about 99 bits. Bytes that would favour some letters are thrown away. */
export function newPassword(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = (bytes) => crypto.getRandomValues(bytes)): string {
  const even = 256 - (256 % alphabet.length);
  let letters = '';
  while (letters.length < 20) {
    for (const byte of random(new Uint8Array(32))) if (byte < even && letters.length < 20) letters += alphabet[byte % alphabet.length] ?? '';
  }
  return letters.match(/.{4}/g)?.join('-') ?? letters;
}
