import { describe, expect, test } from 'vitest';
import { lines, tar } from '../../../../field/device/export';
import type { Item } from '../../../../field/outbox/ports';
import { NoArchive, readArchive, untar } from './archive';

const payload = (seq: number, kind: string, inspection = 'v') => JSON.stringify({ v: 1, id: `e${seq}`, device: 'd', inspection, seq, kind });
const item = (seq: number, kind: string, inspection = 'v') => ({ seq, payload: payload(seq, kind, inspection), hash: `h${seq}`, signature: `s${seq}`, place: 'saved' }) as Item;
const photo = new Uint8Array(1000).map((_, i) => i % 251);
const exported = () =>
  tar(
    [
      { name: 'device.json', data: new Blob(['{}']) },
      { name: 'events.jsonl', data: lines([item(7, 'note.added'), item(8, 'visit.finished'), item(9, 'note.added', 'other')]) },
      { name: `blobs/${'a'.repeat(64)}`, data: new Blob([photo]) },
    ],
    1_700_000_000,
  );

describe('the file that a device exports', () => {
  test('comes back as it was signed, with its files byte for byte', async () => {
    const { events, files, finished } = await readArchive(exported());
    expect(events).toEqual([{ payload: payload(7, 'note.added'), signature: 's7' }, { payload: payload(8, 'visit.finished'), signature: 's8' }, { payload: payload(9, 'note.added', 'other'), signature: 's9' }]);
    expect(files.map(({ sha256 }) => sha256)).toEqual(['a'.repeat(64)]);
    expect(new Uint8Array((await files[0]?.data.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(photo);
    expect(finished).toEqual([{ inspection: 'v', device: 'd', last_seq: 8, last_hash: 'h8' }]);
  });
  test('is refused when it was cut anywhere, or is something else', async () => {
    const whole = exported();
    for (let at = 0; at < whole.size - 1024; at += 200) await expect(untar(whole.slice(0, at)), `${at}`).rejects.toThrow(NoArchive);
    await expect(readArchive(new Blob(['x'.repeat(4096)]))).rejects.toThrow(NoArchive);
    await expect(readArchive(tar([{ name: 'other', data: new Blob(['1']) }], 0))).rejects.toThrow(NoArchive);
  });
});
