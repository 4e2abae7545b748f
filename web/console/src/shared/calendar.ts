/** Days of a calendar page, in legal dates YYYY-MM-DD. */

const DAY = 86_400_000;
const at = (date: string) => Date.parse(`${date}T00:00:00Z`);
const text = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** A date so many days later. */
export const daysAfter = (date: string, days: number): string => text(at(date) + days * DAY);

/** The same day of another month, or its last day. */
export function monthAfter(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0));
  return text(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(day, last.getUTCDate())));
}

/** The whole weeks, Monday first, that hold a month 'YYYY-MM'. */
export function daysOf(month: string): { date: string; inside: boolean }[] {
  const first = `${month}-01`;
  const monday = daysAfter(first, -((new Date(at(first)).getUTCDay() + 6) % 7));
  const days = [];
  for (let date = monday; date < monthAfter(first, 1) || days.length % 7 !== 0; date = daysAfter(date, 1)) days.push({ date, inside: date.startsWith(month) });
  return days;
}

const steps: Record<string, (date: string) => string> = {
  ArrowLeft: (date) => daysAfter(date, -1),
  ArrowRight: (date) => daysAfter(date, 1),
  ArrowUp: (date) => daysAfter(date, -7),
  ArrowDown: (date) => daysAfter(date, 7),
  PageUp: (date) => monthAfter(date, -1),
  PageDown: (date) => monthAfter(date, 1),
};

/** Where a key leads from a day; undefined when it leads nowhere. */
export const step = (date: string, key: string): string | undefined => steps[key]?.(date);
