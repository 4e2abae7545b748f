import { oneOf, present, text, type RawSearch } from '@shared/search';

export const licenseStates = ['active', 'suspended', 'revoked', 'expired', 'terminated'] as const;
export type LicenseState = (typeof licenseStates)[number];

export interface LicensesSearch {
  state?: LicenseState;
  q?: string;
}

export const licensesSearch = (raw: RawSearch): LicensesSearch => present({ state: oneOf(raw, 'state', licenseStates), q: text(raw, 'q') }) as LicensesSearch;

export const actViews = ['open', 'mine', 'closed'] as const;

export interface ActsSearch {
  view?: (typeof actViews)[number];
}

export const actsSearch = (raw: RawSearch): ActsSearch => present({ view: oneOf(raw, 'view', actViews) }) as ActsSearch;
