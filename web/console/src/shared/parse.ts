/** A number as people type it: thin or plain spaces, a comma or a point; 0 when it is none. */
export function toKilowatts(typed: string): number {
  const value = Number(typed.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.'));
  return Number.isFinite(value) ? value : 0;
}

/** A date as people type it, day first (05.03.2026, also with / or -), or as ISO, as ISO; undefined when it is no date. */
export function isoDate(text: string): string | undefined {
  const found = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text.trim()) ?? /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text.trim());
  if (!found) return undefined;
  const [, a = '', b = '', c = ''] = found;
  const [year, day] = a.length === 4 ? [a, c] : [c, a];
  const iso = `${year}-${b.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const parsed = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== iso ? undefined : iso;
}

/**
 * An instant from a date as people type it and a time hh:mm on the wall in Kazakhstan, UTC+5. Empty when nothing is
 * typed; undefined when it is no date or no time.
 */
export function toInstant(date: string, time: string): string | undefined {
  if (date.trim() === '' && time.trim() === '') return '';
  const day = isoDate(date);
  const clock = /^(\d{1,2})[:.](\d{2})$/.exec(time.trim());
  if (!day || !clock) return undefined;
  const [hour, minute] = [Number(clock[1]), Number(clock[2])];
  if (hour > 23 || minute > 59) return undefined;
  return new Date(Date.parse(`${day}T00:00:00Z`) + (hour * 60 + minute) * 60_000 - 5 * 3_600_000).toISOString();
}
