// The tables of readings and of registers as the program writes them, from chunks.
import type { Chunk } from './chunk';
import type { Arithmetic } from './numbers';
import { quantities } from './quantities';

export const readingsHeading = `at,step_ms,quality,chunk_version,${quantities.map(([name]) => name).join(',')}\n`;
export const registersHeading = 'at,chunk_version,layout,function,first_register,words\n';

/** The instant as the tables write it. */
export function stamp(us: bigint): string {
  const ms = us >= 0n ? us / 1000n : -((-us + 999n) / 1000n);
  const rest = us - ms * 1000n;
  return `${new Date(Number(ms)).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** A stored whole number in its base unit, without rounding. */
function base(stored: bigint | number, per: number): string {
  const s = String(stored);
  if (per === 1) return s;
  const digits = s.replace('-', '').padStart(4, '0');
  return `${s.startsWith('-') ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

const hex4 = Array.from({ length: 65536 }, (_, v) => v.toString(16).padStart(4, '0'));

/** The lines of a chunk in the table of readings. */
export function readingLines(chunk: Chunk, version: number): string {
  let out = '';
  for (let i = 0; i < chunk.count; i++) {
    const step = (chunk.a as Arithmetic<number | bigint>).bigint(chunk.step[i] ?? 0) / 1000n;
    out += `${at(chunk, i)},${step},${chunk.quality[i] ?? ''},${version}`;
    for (const [q, [, , per]] of quantities.entries()) {
      const v = chunk.values[q]?.[i];
      out += v === undefined ? ',' : `,${base(v, per)}`;
    }
    out += '\n';
  }
  return out;
}

/** The lines of a chunk in the table of registers. */
export function registerLines(chunk: Chunk, version: number): string {
  let out = '';
  for (const [i, words] of chunk.words.entries()) {
    if (!words) continue;
    for (const [k, b] of words.layout.blocks.entries()) {
      const came = words.blocks[k];
      if (!came) continue;
      out += `${at(chunk, i)},${version},${words.layout.digest},${b.fc},${b.addr},`;
      for (const w of came) out += hex4[w] ?? '';
      out += '\n';
    }
  }
  return out;
}

/** How many words the readings of a chunk have. */
export function wordsIn(chunk: Chunk): number {
  let n = 0;
  for (const words of chunk.words) for (const b of words?.blocks ?? []) n += b?.length ?? 0;
  return n;
}

function at(chunk: Chunk, i: number): string {
  return stamp(BigInt(chunk.at[i] ?? 0));
}
