/** Numbers as people type them on an act: spaces between thousands, a comma or a point before decimals. */
const plain = (typed: string) => typed.replace(/[\s\u00a0\u202f]/g, '').replace(',', '.');

/** A register in kilowatt-hours. */
export function registerOf(typed: string): number | undefined {
  const text = plain(typed);
  return /^\d{1,12}(\.\d{1,3})?$/.test(text) ? Number(text) : undefined;
}

/** A transformer's ratio: 200/5, 200:5, or 1. */
export function ratioOf(typed: string): { num: number; den: number } | undefined {
  const [, num, den] = /^(\d{1,9})(?:[/:](\d{1,9}))?$/.exec(plain(typed)) ?? [];
  if (num === undefined) return undefined;
  const ratio = { num: Number(num), den: Number(den ?? '1') };
  return ratio.num > 0 && ratio.den > 0 ? ratio : undefined;
}
