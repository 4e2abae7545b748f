// The status list for use without a network, a second implementation of
// services/gate/status_list.go. An older list than was ever seen is refused, also after
// a restart: what was seen is kept in a Memory before a list is given out.
import { decode64, FormError, type Instant, Reader } from './form';
import type { CheckSignature, Keys } from './keys';
import { mustBeSigned, readHeader, splitCompact, type Verdict } from './permit';

export type Status = 'valid' | 'suspended' | 'revoked' | 'pending';
const statuses: Status[] = ['valid', 'suspended', 'revoked', 'pending'];

/** What a signed list says: all with since 0, else what changed after that version. */
export interface SignedList {
  version: bigint;
  since: bigint;
  utility: string;
  issuedAt: Instant;
  expiresAt: Instant; // half-open
  licenses: Map<string, Status>;
  connections: Map<string, Status>;
}

const listType = 'status-list+jws';
const life = 24n * 3600n * 1_000_000_000n;

/** Checks a status list as at an instant. That it is no older than one seen is for accept. */
export async function verifyStatusList(text: string, keys: Keys, at: Instant, check?: CheckSignature): Promise<Verdict<SignedList>> {
  try {
    const c = splitCompact(text);
    await mustBeSigned(keys, readHeader(c.header, listType), c.signed, c.signature, check);
    const value = readList(c.payload);
    if (value.since < 0n || value.since > value.version || value.expiresAt !== value.issuedAt + life) throw new FormError('its content contradicts itself');
    return { state: at < value.issuedAt || at >= value.expiresAt ? 'expired' : 'valid', value };
  } catch (e) {
    if (e instanceof FormError) return { state: 'refused', why: e.message };
    throw e;
  }
}

function readList(payload: Uint8Array): SignedList {
  const r = new Reader(payload);
  r.expect('{"version":');
  const version = r.integer();
  r.expect(',"since":');
  const since = r.integer();
  r.expect(',"utility":');
  const utility = r.string();
  r.expect(',"issued_at":');
  const issuedAt = r.instant();
  r.expect(',"expires_at":');
  const expiresAt = r.instant();
  r.expect(',"licenses":');
  const licenses = readBits(r);
  r.expect(',"connections":');
  const connections = readBits(r);
  r.expect('}');
  r.end();
  return { version, since, utility, issuedAt, expiresAt, licenses, connections };
}

/** Ids in rising order by bytes, two bits each: id i has the bits 2(i mod 4) and up of byte i/4. */
function readBits(r: Reader): Map<string, Status> {
  r.expect('{"ids":');
  const ids = r.strings() ?? [];
  r.expect(',"bits":');
  const bits = decode64(r.string());
  r.expect('}');
  if (bits?.length !== Math.ceil(ids.length / 4)) throw new FormError('the bits are not those of the ids');
  const out = new Map<string, Status>();
  ids.forEach((id, i) => {
    if (i > 0 && !rises(ids[i - 1] ?? '', id)) throw new FormError('the ids do not rise');
    out.set(id, statuses[((bits[i >> 2] ?? 0) >> (2 * (i & 3))) & 3] ?? 'revoked');
  });
  const rest = ids.length % 4;
  if (rest !== 0 && (bits[bits.length - 1] ?? 0) >> (2 * rest) !== 0) throw new FormError('there are bits of no id');
  return out;
}

/** Compares by code points, which is the order of UTF-8's bytes; a JavaScript string compares by UTF-16. */
function rises(a: string, b: string): boolean {
  const [x, y] = [[...a], [...b]];
  for (let i = 0; i < x.length && i < y.length; i++) {
    const d = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
    if (d !== 0) return d < 0;
  }
  return x.length < y.length;
}

/** The newest list that was ever taken. */
export interface Seen {
  version: bigint;
  issuedAt: Instant;
}

/** Keeps what was seen across restarts: IndexedDB in the field app. save is durable when it resolves. */
export interface Memory {
  load(): Promise<Seen | null>;
  save(seen: Seen): Promise<void>;
}

/** Why a list was not taken. */
export class StatusListError extends Error {
  constructor(
    readonly kind: 'refused' | 'expired' | 'older' | 'gap' | 'foreign',
    message: string,
  ) {
    super(message);
  }
}

/** All states at one version. */
export class StatusList {
  private constructor(private readonly said: SignedList) {}

  get version(): bigint {
    return this.said.version;
  }

  get expiresAt(): Instant {
    return this.said.expiresAt;
  }

  /** The status of a license number at an instant; null when the list does not name it or is over. */
  license(number: string, at: Instant): Status | null {
    return this.current(at) ? (this.said.licenses.get(number) ?? null) : null;
  }

  /** The status of a connection point's code, like license. */
  connection(code: string, at: Instant): Status | null {
    return this.current(at) ? (this.said.connections.get(code) ?? null) : null;
  }

  private current(at: Instant): boolean {
    return at >= this.said.issuedAt && at < this.said.expiresAt;
  }

  /**
   * Checks a text and gives the list that comes of it: a whole list stands alone, changes go on from
   * before. What was seen is kept before the list is given out; a StatusListError says why there is none.
   */
  static async accept(text: string, keys: Keys, at: Instant, memory: Memory, before: StatusList | null = null): Promise<StatusList> {
    const verdict = await verifyStatusList(text, keys, at);
    if (verdict.state === 'refused') throw new StatusListError('refused', verdict.why);
    const said = verdict.value;
    if (verdict.state === 'expired') throw new StatusListError('expired', 'its time is over or has not come');
    const seen = await memory.load();
    if (seen !== null && (said.version < seen.version || said.issuedAt < seen.issuedAt))
      throw new StatusListError('older', `version ${said.version} is older than version ${seen.version}, which was seen before`);
    const next = new StatusList(said.since === 0n ? said : before === null ? gap(said) : before.with(said));
    await memory.save({ version: said.version, issuedAt: said.issuedAt });
    return next;
  }

  private with(changes: SignedList): SignedList {
    if (changes.since > this.version) return gap(changes);
    if (changes.version < this.version) throw new StatusListError('older', 'the changes are older than the list');
    if (changes.utility !== this.said.utility) throw new StatusListError('foreign', "the changes are of another utility's list");
    return {
      ...changes,
      licenses: new Map([...this.said.licenses, ...changes.licenses]),
      connections: new Map([...this.said.connections, ...changes.connections]),
    };
  }
}

function gap(said: SignedList): never {
  throw new StatusListError('gap', `the changes after version ${said.since} leave out some before them: get the whole list`);
}
