/** A number as people type it: thin or plain spaces, a comma or a point; 0 when it is none. */
export function toKilowatts(typed: string): number {
  const value = Number(typed.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.'));
  return Number.isFinite(value) ? value : 0;
}
