/** Ledger entries as the feed gives them, ready for a timeline. */
export interface EventLike {
  index?: number;
  id: string;
  at: string;
  kind: string;
  actor?: string;
  subject_kind: string;
  subject_id: string;
  subject_version?: number;
  body?: unknown;
}

/** The few facts of an entry's body that are worth a line, as names and texts. */
export function bodyFacts(body: unknown): { name: string; value: string }[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    if (typeof value === 'string' && value !== '' && value.length <= 200) return [{ name, value }];
    if (typeof value === 'number' || typeof value === 'boolean') return [{ name, value: String(value) }];
    return [];
  });
}
