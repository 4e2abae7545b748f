import { useCallback, useEffect, useState } from 'react';
import { draftKey } from '@shared/drafts';
import { isoDate } from '@shared/parse';
import { useSession } from '@shared/session';
import type { Plate } from './api';

/** What a person types about a meter, until it is bound; kept on this device by the read it belongs to. */
export interface Draft {
  serial: string;
  vendor: string;
  model: string;
  cls: string;
  maxA: string;
  volts: string;
  verifiedOn: string;
  verifiedUntil: string;
  ct: string;
  vt: string;
  code: string;
  role: string;
  kind: string;
  node: string;
  every: string;
  seals: string;
  act: string;
  installer: string;
  reasons: Record<string, string>;
}

const empty: Draft = {
  serial: '', vendor: '', model: '', cls: '', maxA: '', volts: '230', verifiedOn: '', verifiedUntil: '', ct: '1', vt: '1',
  code: '', role: 'revenue', kind: 'connection_point', node: '', every: '10', seals: '', act: '', installer: '', reasons: {},
};

function kept(key: string): Draft {
  try {
    return { ...empty, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Draft>) };
  } catch {
    return empty;
  }
}

export function useDraft(read: string) {
  const { user } = useSession();
  const key = draftKey(user.id, `commissioning.${read}`);
  const [draft, setDraft] = useState(() => kept(key));
  useEffect(() => localStorage.setItem(key, JSON.stringify(draft)), [key, draft]);
  const change = useCallback((part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })), []);
  const forget = useCallback(() => localStorage.removeItem(key), [key]);
  return { draft, change, forget };
}

/** A transformer's ratio: 200/5, 200:5, or 1. */
export function ratioOf(typed: string): { num: number; den: number } | undefined {
  const [, num, den] = /^\s*(\d{1,6})\s*(?:[/:]\s*(\d{1,6})\s*)?$/.exec(typed) ?? [];
  if (num === undefined) return undefined;
  const ratio = { num: Number(num), den: Number(den ?? '1') };
  return ratio.num > 0 && ratio.den > 0 ? ratio : undefined;
}

const amount = (typed: string) => {
  const value = Math.round(Number(typed.replace(',', '.')));
  return Number.isFinite(value) && value > 0 ? value : undefined;
};

/** The plate as the server takes it; what is not filled in is left out. */
export function plateOf(draft: Draft): Plate {
  const ct = ratioOf(draft.ct);
  const vt = ratioOf(draft.vt);
  const maxA = amount(draft.maxA);
  const volts = amount(draft.volts);
  const on = isoDate(draft.verifiedOn);
  const until = isoDate(draft.verifiedUntil);
  return {
    ...(draft.serial.trim() ? { serial: draft.serial.trim() } : {}),
    ...(draft.vendor.trim() ? { vendor: draft.vendor.trim() } : {}),
    ...(draft.model.trim() ? { model: draft.model.trim() } : {}),
    ...(draft.cls.trim() ? { accuracy_class: draft.cls.trim() } : {}),
    ...(ct ? { ct_num: ct.num, ct_den: ct.den } : {}),
    ...(vt ? { vt_num: vt.num, vt_den: vt.den } : {}),
    ...(maxA ? { max_a: maxA } : {}),
    ...(volts ? { nominal_v: volts } : {}),
    ...(on ? { verified_on: on } : {}),
    ...(until ? { verified_until: until } : {}),
  };
}
