// What a device signs: one event, as the exact text that is hashed, signed, sent and kept.
// An event is never changed. A correction is a new event that names the one it voids.

/** A place as the device gave it; accuracy in metres, `at` the instant of the fix by the device's clock. */
export interface Position {
  lat: number;
  lon: number;
  accuracy_m: number;
}

export type Match = 'declared' | 'unknown' | 'duplicate' | 'elsewhere';

/** The kinds of events and what each says. */
export interface Bodies {
  'visit.started': { position?: Position };
  'access.refused': { reason: string; who: string };
  'answer.set': { question: string; value: string | number; note: string };
  'serial.scanned': { serial: string; rack: string; symbology: 'qr' | 'code128' | 'typed'; match: Match };
  'rack.counted': { rack: string; units: number; running: number };
  'photo.taken': {
    sha256: string;
    bytes: number;
    type: string;
    shot: string;
    width: number;
    height: number;
    source: 'camera' | 'gallery';
    position?: Position;
    rack?: string;
    note: string;
  };
  'reading.taken': { meter: string; how: 'display' | 'clamp'; quantity: string; value: number; unit: string; phase?: string };
  'seal.checked': { seal: string; state: 'intact' | 'broken' | 'missing'; where: string };
  'seal.applied': { seal: string; where: string };
  'equipment.seized': { serials: string[]; note: string };
  'note.added': { text: string };
  'signature.made': { who: Signer; name: string; role: string; image_sha256: string };
  'signature.refused': { who: Signer; reason: string };
  'visit.finished': { summary: string; language: 'kk' | 'ru' };
  'event.voided': { event: string; reason: string };
}
export type Signer = 'inspector' | 'subject' | 'witness';
export type Kind = keyof Bodies;

/** What somebody did, before it has its place in the device's chain. */
export type Act = { [K in Kind]: { kind: K; body: Bodies[K] } }[Kind];

/** An event as it stands in its payload. `at` is the device's clock, right or wrong; seq gives the order. */
export type Event = Act & { v: 1; id: string; device: string; inspection: string; seq: number; prev: string; at: string };

/** The end of a device's chain: the last seq and the hash of its payload. */
export interface Head {
  seq: number;
  hash: string;
}
export const beginning: Head = { seq: 0, hash: '0'.repeat(64) };

/** The hash of the bytes that an event names, if it names any. They have to be sent before it. */
export function blobOf(act: Act): string | null {
  if (act.kind === 'photo.taken') return act.body.sha256;
  if (act.kind === 'signature.made') return act.body.image_sha256;
  return null;
}

/** The text of an event. Its fields stand in the contract's order, so the text is the same wherever it is made. */
export function payloadOf(event: Event): string {
  const { v, id, device, inspection, seq, prev, kind, at, body } = event;
  return JSON.stringify({ v, id, device, inspection, seq, prev, kind, at, body });
}

/** Reads a payload that this app wrote. */
export const eventOf = (payload: string): Event => JSON.parse(payload) as Event;

const hex = (bytes: ArrayBuffer) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('');

/** SHA-256 in lower hex. */
export async function sha256(bytes: BufferSource): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', bytes));
}

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A UUIDv7 at a time in milliseconds with 74 random bits. */
export function uuid7(ms: number, random: Uint8Array): string {
  const b = Uint8Array.from({ length: 16 }, (_, i) => random[i] ?? 0);
  let rest = ms;
  for (let i = 5; i >= 0; i--) {
    b[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x70;
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const h = hex(b.buffer);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}
