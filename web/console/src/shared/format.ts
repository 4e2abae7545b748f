/** Formatting of quantities, dates and instants. One rule each, the same on every page. */

export type Language = 'kk' | 'ru' | 'en';
export const languages: readonly Language[] = ['kk', 'ru', 'en'];

const NARROW = '\u202f'; // narrow no-break space: thousands, and before a unit
const MINUS = '\u2212';
const ALMATY_MS = 5 * 3_600_000; // Kazakhstan has one zone, UTC+5, since 1 March 2024

const months: Record<Language, readonly string[]> = {
  kk: ['қаң.', 'ақп.', 'нау.', 'сәу.', 'мам.', 'мау.', 'шіл.', 'там.', 'қыр.', 'қаз.', 'қар.', 'жел.'],
  ru: ['янв.', 'февр.', 'мар.', 'апр.', 'мая', 'июня', 'июля', 'авг.', 'сент.', 'окт.', 'нояб.', 'дек.'],
  en: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};
const units: Record<Language, { kw: string; kwh: string; tenge: string }> = {
  kk: { kw: 'кВт', kwh: 'кВт·сағ', tenge: '₸' },
  ru: { kw: 'кВт', kwh: 'кВт·ч', tenge: '₸' },
  en: { kw: 'kW', kwh: 'kWh', tenge: '₸' },
};
const two = (n: number) => String(n).padStart(2, '0');

/** A number with a fixed count of decimals, thin thousands, and the language's decimal mark. */
export function number(value: number, decimals: number, language: Language): string {
  // Decimal halves round up although binary has no exact 3.05.
  const scale = 10 ** decimals;
  const rounded = Math.round(Math.abs(value) * scale + 1e-9) / scale;
  const [whole = '0', fraction] = rounded.toFixed(decimals).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, NARROW);
  const mark = language === 'en' ? '.' : ',';
  const sign = value < 0 && rounded !== 0 ? MINUS : '';
  return sign + grouped + (fraction ? mark + fraction : '');
}

/** Kilowatts without the unit: one decimal below 100, none above. */
export function kwNumber(kw: number, language: Language): string {
  const decimals = Math.abs(kw) < 99.95 ? 1 : 0;
  return number(kw, decimals, language);
}

/** Kilowatts with the unit. */
export function kw(value: number, language: Language): string {
  return `${kwNumber(value, language)}${NARROW}${units[language].kw}`;
}

/** Kilowatt-hours with the unit, by the same rounding rule as kilowatts. */
export function kwh(value: number, language: Language): string {
  return `${kwNumber(value, language)}${NARROW}${units[language].kwh}`;
}

export const kwUnit = (language: Language) => units[language].kw;
export const kwhUnit = (language: Language) => units[language].kwh;

/** A count of things. */
export const count = (value: number, language: Language) => number(value, 0, language);

/** Tiyn as tenge; the tiyn are shown only when there are any. */
export function money(tiyn: number, language: Language): string {
  return `${number(tiyn / 100, tiyn % 100 === 0 ? 0 : 2, language)}${NARROW}${units[language].tenge}`;
}

/** A legal date 'YYYY-MM-DD' for people. */
export function legalDate(date: string, language: Language): string {
  const [year, month, day] = date.split('-').map(Number);
  if (!year || !month || !day) return date;
  const name = months[language][month - 1] ?? '';
  return language === 'kk' ? `${year} ж. ${day} ${name}` : `${day} ${name} ${year}`;
}

/** A legal date without its year. */
export function legalDay(date: string, language: Language): string {
  const [, month, day] = date.split('-').map(Number);
  if (!month || !day) return date;
  return `${day} ${months[language][month - 1] ?? ''}`;
}

function almaty(instant: Date) {
  const shifted = new Date(instant.getTime() + ALMATY_MS);
  return {
    date: `${shifted.getUTCFullYear()}-${two(shifted.getUTCMonth() + 1)}-${two(shifted.getUTCDate())}`,
    time: `${two(shifted.getUTCHours())}:${two(shifted.getUTCMinutes())}`,
    seconds: two(shifted.getUTCSeconds()),
  };
}

/** An instant as people type it in Kazakhstan: dd.mm.yyyy and hh:mm. */
export function wallOf(at: Date): { date: string; time: string } {
  const { date, time } = almaty(at);
  return { date: date.split('-').reverse().join('.'), time };
}

/** The legal date in Kazakhstan at an instant. */
export const legalDateOf = (instant: Date) => almaty(instant).date;

/** An instant in UTC+5: the time alone when it is today, else with its day, else with its year. */
export function instant(at: string | Date, now: Date, language: Language): string {
  const value = typeof at === 'string' ? new Date(at) : at;
  if (Number.isNaN(value.getTime())) return '';
  const then = almaty(value);
  const today = almaty(now);
  if (then.date === today.date) return then.time;
  const day = then.date.slice(0, 4) === today.date.slice(0, 4) ? legalDay(then.date, language) : legalDate(then.date, language);
  return `${day}, ${then.time}`;
}

/** The exact instant with seconds and zone, for hover and focus. */
export function exactInstant(at: string | Date, language: Language): string {
  const value = typeof at === 'string' ? new Date(at) : at;
  if (Number.isNaN(value.getTime())) return '';
  const then = almaty(value);
  return `${legalDate(then.date, language)}, ${then.time}:${then.seconds} UTC+5`;
}

/** The exact instant in figures alone, for paper that is read in any language. */
export function exactWall(at: string | Date): string {
  const value = typeof at === 'string' ? new Date(at) : at;
  if (Number.isNaN(value.getTime())) return '';
  const then = almaty(value);
  return `${then.date.split('-').reverse().join('.')} ${then.time}:${then.seconds} UTC+5`;
}

/** A span in its two largest units, as numbers: the caller has the words. */
export function span(ms: number): { unit: 'days' | 'hours' | 'minutes' | 'seconds'; value: number } {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds >= 86_400) return { unit: 'days', value: Math.floor(seconds / 86_400) };
  if (seconds >= 3_600) return { unit: 'hours', value: Math.floor(seconds / 3_600) };
  if (seconds >= 60) return { unit: 'minutes', value: Math.floor(seconds / 60) };
  return { unit: 'seconds', value: seconds };
}

/** A countdown 'H:MM:SS', with days in front when there are any. */
export function countdown(ms: number): { days: number; clock: string } {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const rest = seconds % 86_400;
  return { days, clock: `${two(Math.floor(rest / 3_600))}:${two(Math.floor((rest % 3_600) / 60))}:${two(rest % 60)}` };
}

/** A long identifier with its middle left out. */
export function short(id: string, head = 8, tail = 4): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`;
}
