/** The regions and cities of the country by the first two digits of a KATO code, as since 2022. */
export const regionCodes = ['10', '11', '15', '19', '23', '27', '31', '33', '35', '39', '43', '47', '55', '59', '61', '62', '63', '71', '75', '79'] as const;
export type RegionCode = (typeof regionCodes)[number];

/** Where a case is begun from a finding. */
export const caseAddress = (finding: { id: string; estimated_kw: number; target: string }, rule: string): string =>
  `/cases/new?${new URLSearchParams({ source: 'finding', ref: finding.id, kw: String(finding.estimated_kw), title: `${rule}: ${finding.target}` }).toString()}`;
