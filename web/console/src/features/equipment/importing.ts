/** The fields that a column can be read as, in the order of the choice. */
export const fields: readonly string[] = [
  'manufacturer',
  'model',
  'serial',
  'nameplate_kw',
  'nameplate_w',
  'owner',
  'site',
  'license',
  'algorithm',
  'hashrate_th',
  'customs_declaration',
  'import_country',
  'import_date',
  'state',
];

/** How long something still takes, in whole seconds below a minute and a half and in minutes above; nothing for none. */
export function duration(seconds: number): { unit: 'seconds' | 'minutes'; value: number } | undefined {
  if (!(seconds > 0)) return undefined;
  return seconds < 90 ? { unit: 'seconds', value: Math.ceil(seconds) } : { unit: 'minutes', value: Math.round(seconds / 60) };
}

/** The word of an import's problem, "columns_missing: serial, owner", with its fields; a sentence is its own key. */
export function problemKey(problem: string | undefined): { key: string; fields: string[] } | undefined {
  if (!problem) return undefined;
  const found = /^([a-z_]+)(?:: (.*))?$/.exec(problem);
  if (!found) return { key: 'other', fields: [] };
  return { key: found[1] ?? '', fields: found[2] ? found[2].split(', ') : [] };
}
