// What the registry signs has one written form: JSON as Go writes it, with its fields in
// one order. A Reader takes that form and nothing else, so that no two texts mean the same.

/** The text is not of the form that is signed. */
export class FormError extends Error {}

const escapes: Record<string, string> = { '"': '"', '\\': '\\', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const short = /[\b\f\n\r\t]/;
const mustEscape = (c: number) => c < 0x20 || c === 0x3c || c === 0x3e || c === 0x26 || c === 0x2028 || c === 0x2029;
const int64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };

/** Reads one JSON text from its beginning to its end. */
export class Reader {
  private at = 0;
  private readonly text: string;

  constructor(bytes: Uint8Array) {
    try {
      this.text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new FormError('it is not UTF-8');
    }
  }

  /** Takes exactly these characters. */
  expect(words: string): void {
    if (!this.take(words)) throw new FormError(`${words} is not at ${this.at}`);
  }

  /** Takes these characters if they are next, and says whether they were. */
  take(words: string): boolean {
    if (!this.text.startsWith(words, this.at)) return false;
    this.at += words.length;
    return true;
  }

  end(): void {
    if (this.at !== this.text.length) throw new FormError('something follows its end');
  }

  string(): string {
    this.expect('"');
    let out = '';
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (Number.isNaN(c)) throw new FormError('a string has no end');
      if (c === 0x22) {
        this.at += 1;
        return out;
      }
      if (c === 0x5c) {
        out += this.escape();
        continue;
      }
      if (mustEscape(c)) throw new FormError('a character stands as it is that is escaped');
      out += this.text[this.at];
      this.at += 1;
    }
  }

  private escape(): string {
    const next = this.text[this.at + 1] ?? '';
    const plain = escapes[next];
    if (plain !== undefined) {
      this.at += 2;
      return plain;
    }
    const hex = /^\\u([0-9a-f]{4})$/.exec(this.text.slice(this.at, this.at + 6))?.[1];
    const code = hex === undefined ? -1 : Number.parseInt(hex, 16);
    if (code < 0 || !mustEscape(code) || short.test(String.fromCharCode(code))) throw new FormError('an escape that is not written so');
    this.at += 6;
    return String.fromCharCode(code);
  }

  integer(): bigint {
    const digits = this.match(/-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y);
    const value = digits === '-0' || digits.length > 20 ? null : BigInt(digits);
    if (value === null || value < int64.least || value > int64.most) throw new FormError('a number that is not written so');
    return value;
  }

  /** A number whose digits stay as they are written. */
  number(): string {
    return this.match(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
  }

  private match(form: RegExp): string {
    form.lastIndex = this.at;
    const found = form.exec(this.text)?.[0];
    if (found === undefined) throw new FormError('a number is missing');
    this.at += found.length;
    return found;
  }

  instant(): Instant {
    return parseInstant(this.string());
  }

  /** A list of strings; null is the empty list, and null as Go writes no list at all. */
  strings(): string[] | null {
    if (this.take('null')) return null;
    this.expect('[');
    const out: string[] = [];
    if (this.take(']')) return out;
    do out.push(this.string());
    while (this.take(','));
    this.expect(']');
    return out;
  }
}

/** Nanoseconds since 1970 in UTC. */
export type Instant = bigint;

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339 as Go writes it: no needless zeros, Z for UTC. */
export function parseInstant(text: string): Instant {
  const m = rfc3339.exec(text);
  if (!m) throw new FormError('a time that is not written so');
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const fraction = m[7] ?? '';
  const offset = m[8] === undefined ? 0 : (Number(m[9]) * 60 + Number(m[10])) * (m[8] === '-' ? -1 : 1);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  const wrong =
    days === undefined || day < 1 || day > days || hour > 23 || minute > 59 || second > 59 || fraction.endsWith('0') ||
    (m[8] !== undefined && (offset === 0 || Number(m[9]) > 23 || Number(m[10]) > 59));
  if (wrong) throw new FormError('a time that is not written so');
  const seconds = BigInt(daysSince1970(year, month, day)) * 86_400n + BigInt(hour * 3600 + minute * 60 + second - offset * 60);
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, '0') || '0');
}

/** Days from 1970-01-01 in the Gregorian calendar, for the years that Date maps to others too. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/** The instant of a Date. */
export const instantOf = (date: Date): Instant => BigInt(date.getTime()) * 1_000_000n;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const valueOf = new Map([...alphabet].map((c, i) => [c, i]));

/** Reads base64url without padding in its one form; null for anything else. */
export function decode64(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let n = 0;
  for (const c of text) {
    const v = valueOf.get(c);
    if (v === undefined) return null;
    bits = (bits << 6) | v;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[n++] = (bits >> held) & 0xff;
      bits &= (1 << held) - 1;
    }
  }
  return bits === 0 ? out : null;
}

/** Writes base64url without padding. */
export function encode64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] ?? 0, bytes[i + 1] ?? 0, bytes[i + 2] ?? 0];
    const four = [a >> 2, ((a & 3) << 4) | (b >> 4), ((b & 15) << 2) | (c >> 6), c & 63];
    out += four.slice(0, Math.min(4, bytes.length - i + 1)).map((v) => alphabet[v]).join('');
  }
  return out;
}
