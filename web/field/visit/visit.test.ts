import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lines, tar } from '../device/export';
import type { Act, Event } from '../outbox/event';
import { answered, fold, lacks, seenSerials, tally } from './fold';
import { matcher, type Pack } from './pack';

const texts = { kk: '', ru: '', en: '' };
const pack: Pack = {
  version: 1,
  inspection: { id: 'i', number: 'N', kind: 'planned', planned_on: '2026-11-22', state: 'planned' },
  declared: [{ serial: 'AB 12', model: 'S19', rack: 'R1' }, { serial: 'CD34' }],
  known_elsewhere: [{ serial: 'ZZ9', site: 'Ekibastuz 2' }],
  checklist: {
    version: 1,
    sections: [{ id: 's', title: texts, questions: [
      { id: 'q1', text: texts, kind: 'yes_no', required: true }, { id: 'q2', text: texts, kind: 'text', required: false }, { id: 'q3', text: texts, kind: 'photo', required: true },
    ] }],
  },
  shots: [{ id: 'meter', title: texts, required: true }],
};
let n = 0;
const event = (act: Act): Event => ({ v: 1, id: `e${++n}`, device: 'd', inspection: 'i', seq: n, prev: '', at: '2026-11-22T05:00:00.000Z', ...act });
const photo = (shot: string): Act => ({ kind: 'photo.taken', body: { sha256: shot, bytes: 1, type: 'image/jpeg', shot, width: 1, height: 1, source: 'camera', note: '' } });
const scan = (serial: string, match: 'declared' | 'unknown' | 'duplicate' | 'elsewhere'): Act => ({ kind: 'serial.scanned', body: { serial, rack: '', symbology: 'typed', match } });

describe('serials', () => {
  test('a label is matched however it is spaced and in either case', () => {
    const match = matcher(pack);
    expect(match(' ab12 ', new Set())).toEqual({ match: 'declared', model: 'S19', rack: 'R1' });
    expect(match('zz 9', new Set())).toEqual({ match: 'elsewhere', site: 'Ekibastuz 2' });
    expect(match('QQ', new Set()).match).toBe('unknown');
    expect(match('ab12', new Set(['AB12'])).match).toBe('duplicate');
  });
  test('the tally counts what was declared and not seen', () => {
    const visit = fold([event(scan('AB12', 'declared')), event(scan('ab 12', 'duplicate')), event(scan('QQ', 'unknown'))]);
    expect(tally(visit, pack)).toEqual({ declared: 1, unknown: 1, duplicate: 1, elsewhere: 0, absent: 1 });
    expect([...seenSerials(visit)]).toEqual(['AB12', 'QQ']);
  });
});

describe('a visit', () => {
  test('a voided event counts as if it had not been; the later answer stands', () => {
    const wrong = event(scan('QQ', 'unknown'));
    const visit = fold([
      wrong, event({ kind: 'answer.set', body: { question: 'q1', value: 'yes', note: '' } }), event({ kind: 'answer.set', body: { question: 'q1', value: 'no', note: '' } }),
      event({ kind: 'event.voided', body: { event: wrong.id, reason: '' } }),
    ]);
    expect(visit.serials).toEqual([]);
    expect(visit.answers.get('q1')?.value).toBe('no');
  });
  test('lacks what is required, and names where', () => {
    expect(lacks(fold([]), pack)).toEqual([
      { part: 'start' }, { part: 'checklist', question: 'q1', section: 0 }, { part: 'checklist', question: 'q3', section: 0 }, { part: 'photos', shot: 'meter' },
      { part: 'signatures', who: 'inspector' }, { part: 'signatures', who: 'subject' },
    ]);
    const visit = fold([
      event({ kind: 'visit.started', body: {} }), event({ kind: 'answer.set', body: { question: 'q1', value: 'yes', note: '' } }), event(photo('q3')), event(photo('meter')),
      event({ kind: 'signature.made', body: { who: 'inspector', name: '', role: '', image_sha256: '' } }), event({ kind: 'signature.refused', body: { who: 'subject', reason: 'absent' } }),
    ]);
    expect(lacks(visit, pack)).toEqual([]);
    expect(answered(visit, 'q2', 'text')).toBe(false);
  });
  test('where access was refused only the signatures are left', () => {
    const visit = fold([event({ kind: 'access.refused', body: { reason: 'locked', who: 'guard' } })]);
    expect(lacks(visit, pack).map((one) => one.part)).toEqual(['signatures', 'signatures']);
  });
});

test('the export is an archive that tar itself reads', async () => {
  const item = { seq: 1, id: 'e', inspection: 'i', kind: 'note.added' as const, payload: '{"қ":1}', hash: 'h', signature: 's', blob: null, place: 'saved' as const };
  const archive = tar([{ name: 'events.jsonl', data: lines([item]) }, { name: 'blobs/abc', data: new Blob([new Uint8Array(700).fill(7)]) }], 1_700_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'field-'));
  try {
    writeFileSync(join(folder, 'x.tar'), new Uint8Array(await archive.arrayBuffer()));
    execFileSync('tar', ['-xf', 'x.tar'], { cwd: folder });
    expect(JSON.parse(readFileSync(join(folder, 'events.jsonl'), 'utf8'))).toMatchObject({ payload: '{"қ":1}', hash: 'h', signature: 's' });
    expect(readFileSync(join(folder, 'blobs/abc'))).toEqual(Buffer.alloc(700, 7));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
