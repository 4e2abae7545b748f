/** A number as people type it: thin or plain spaces, a comma or a point; 0 when it is none. */
export function toKilowatts(typed: string): number {
  const value = Number(typed.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.'));
  return Number.isFinite(value) ? value : 0;
}

/**
 * An instant from a date as people type it, dd.mm.yyyy (also with / or -, or yyyy-mm-dd), and a time hh:mm on the wall
 * in Kazakhstan, UTC+5. Empty when nothing is typed; undefined when it is no date or no time.
 */
export function toInstant(date: string, time: string): string | undefined {
  if (date.trim() === '' && time.trim() === '') return '';
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(date.trim());
  const own = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(date.trim());
  const clock = /^(\d{1,2})[:.](\d{2})$/.exec(time.trim());
  const [year, month, day] = (iso ? iso.slice(1) : own ? own.slice(1).reverse() : []).map(Number);
  if (!year || !month || !day || !clock) return undefined;
  const [hour, minute] = [Number(clock[1]), Number(clock[2])];
  if (hour > 23 || minute > 59) return undefined;
  const wall = new Date(Date.UTC(year, month - 1, day, hour, minute));
  if (wall.getUTCMonth() !== month - 1 || wall.getUTCDate() !== day) return undefined;
  return new Date(wall.getTime() - 5 * 3_600_000).toISOString();
}
