import { oneOf, present, text, type RawSearch } from '@shared/search';

export const licenseStates = ['active', 'suspended', 'revoked', 'expired', 'terminated'] as const;
export type LicenseState = (typeof licenseStates)[number];

export interface LicensesSearch {
  state?: LicenseState;
  q?: string;
}

export const licensesSearch = (raw: RawSearch): LicensesSearch => present({ state: oneOf(raw, 'state', licenseStates), q: text(raw, 'q') }) as LicensesSearch;
