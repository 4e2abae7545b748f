// A visit pack as the server gives it. The app reads it and never changes it.
import type { Bodies } from '../outbox/event';

export type Language = 'kk' | 'ru' | 'en';
export type Texts = Record<Language, string>;

export interface Question {
  id: string;
  text: Texts;
  kind: 'yes_no' | 'choice' | 'number' | 'text' | 'photo';
  choices?: (string | { id: string; text: Texts })[];
  unit?: string;
  required: boolean;
  why?: Texts;
}
export interface Section {
  id: string;
  title: Texts;
  questions: Question[];
}
export interface Shot {
  id: string;
  title: Texts;
  required: boolean;
}

export interface Pack {
  version: string | number;
  inspection: {
    id: string;
    number: string;
    kind: string;
    planned_on: string;
    state: string;
    legal?: Record<string, string | number | boolean | null>;
    missing?: { field: string; why: Texts | string }[];
    team?: { id: string; name: string; lead?: boolean }[];
  };
  site?: { name?: Texts | string; address?: string; lat?: number; lon?: number; region?: string };
  holder?: { name?: Texts | string; bin?: string } | null;
  connection_points?: { code: string; permitted_kw?: number; licensed_kw?: number; meter_serial?: string }[];
  declared?: { serial: string; model?: string; rated_w?: number; rack?: string; status?: string }[];
  known_elsewhere?: { serial: string; site: string }[];
  case?: { number: string; summary?: string } | null;
  finding?: { sentence?: string; estimated_kw?: number; interval?: [number, number] } | null;
  checklist?: { version: string | number; sections: Section[] };
  shots?: Shot[];
  status_list?: string;
  keys?: unknown;
  made_at?: string;
}

/** A line of today's list. */
export interface TodayItem {
  id: string;
  number: string;
  title: string;
  planned_on: string;
  address?: string;
  state: string;
  pack_bytes: number;
  pack_version: string | number;
  reassigned?: boolean;
}

/** A serial as it is compared: labels are printed with spaces, and read in either case. */
export const plainSerial = (text: string) => text.trim().replace(/\s+/g, '').toUpperCase();

export interface Matched {
  match: Bodies['serial.scanned']['match'];
  model?: string;
  rack?: string;
  site?: string;
}

/** Compares serials with a pack. */
export function matcher(pack: Pack): (serial: string, seen: ReadonlySet<string>) => Matched {
  const declared = new Map((pack.declared ?? []).map((rig) => [plainSerial(rig.serial), rig]));
  const elsewhere = new Map((pack.known_elsewhere ?? []).map((rig) => [plainSerial(rig.serial), rig.site]));
  return (text, seen) => {
    const serial = plainSerial(text);
    if (seen.has(serial)) return { match: 'duplicate' };
    const rig = declared.get(serial);
    if (rig) return { match: 'declared', ...(rig.model && { model: rig.model }), ...(rig.rack && { rack: rig.rack }) };
    const site = elsewhere.get(serial);
    return site === undefined ? { match: 'unknown' } : { match: 'elsewhere', site };
  };
}
