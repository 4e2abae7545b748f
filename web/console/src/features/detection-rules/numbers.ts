import { number, type Language } from '@shared/format';

/** A number as it was typed, with a comma or a point; undefined when it is none. */
export function typedNumber(typed: string): number | undefined {
  const plain = typed.replace(/[\s\u00a0]/g, '').replace(',', '.');
  if (plain === '' || !/^-?\d*\.?\d+$/.test(plain)) return undefined;
  return Number(plain);
}

/** A number with all its digits, as people of the language write it. */
export function exact(value: number, language: Language): string {
  const digits = (/\.(\d+)$/.exec(value.toFixed(6).replace(/0+$/, ''))?.[1] ?? '').length;
  return number(value, digits, language);
}

interface Bounded {
  min: number;
  max: number;
  whole: boolean;
}

/** Whether a number may take the place of one of the table. */
export function fits(value: number | undefined, of: Bounded): value is number {
  return value !== undefined && value >= of.min && value <= of.max && (!of.whole || Number.isInteger(value));
}
