import { describe, expect, it } from 'vitest';
import { answersOf, blankLine, chosen, differences, equipmentKw, inputOf, pastedLines, places, proposal, slips, type Answers } from './answers';
import type { Application } from './api';

const application = {
  kind: 'issue', sub_type: 'II', state: 'draft', language: 'ru', supply_basis: '', documents: 'attached',
  sites: [{ site: 'id', site_code: 'S-00001', connection_points: [], approved_kw: 600 }],
  equipment: [{ manufacturer: 'Bitmain', model: 'S21', units: 170, nameplate_kw: 3.5 }],
  host_license: 'KZ18DMA00000042', host_contract: { number: 'Х-7', date: '2026-02-01', until: '2027-01-31' },
  fee_paid_kzt: 21625, fee_document: 'PP-1', note: '', missing: [], allowed: ['edit'], version: 3, updated_at: '2026-11-22T07:00:00Z',
} as unknown as Application;
const answers = answersOf(application);

it('reads answers out of an application and makes the same application of them', () => {
  expect(answers.contract).toEqual({ number: 'Х-7', date: '01.02.2026', until: '31.01.2027' });
  expect([answers.supply, answers.paper, answers.sites[0]?.site, answers.fee]).toEqual(['', false, 'S-00001', '21625']);
  expect(inputOf(answers)).toEqual({
    kind: 'issue', sub_type: 'II', language: 'ru', documents: 'attached',
    sites: [{ site: 'S-00001', connection_points: [], approved_kw: 600 }],
    equipment: [{ manufacturer: 'Bitmain', model: 'S21', units: 170, nameplate_kw: 3.5 }],
    host_license: 'KZ18DMA00000042', host_contract: { number: 'Х-7', date: '2026-02-01', until: '2027-01-31' },
    fee_paid_kzt: 21625, fee_document: 'PP-1',
  });
});

it('leaves out wholly empty lines, reads numbers as people type them, and names a host only for sub-type II', () => {
  const typed: Answers = { ...answers, subType: 'I', host: 'kz18 dma00000042', supply: 'auction', sites: [{ site: '', points: [], kw: ' ' }, { site: 'S-2', points: ['P'], kw: '1 200,5' }], equipment: [{ manufacturer: '', model: '', units: '', kw: '' }] };
  const input = inputOf(typed);
  expect(input.sites).toEqual([{ site: 'S-2', connection_points: ['P'], approved_kw: 1200.5 }]);
  expect([input.equipment, input.host_license, input.host_contract, input.supply_basis]).toEqual([[], undefined, undefined, 'auction']);
  expect(inputOf({ ...typed, subType: 'II' }).host_license).toBe('KZ18DMA00000042');
  expect(equipmentKw({ ...typed, equipment: [{ manufacturer: 'B', model: 'S', units: '340', kw: '3,05' }] })).toBeCloseTo(1037);
});

describe('what two versions say differently', () => {
  it('does not count how a number is typed, or empty lines', () => {
    expect(differences(answers, { ...answers, fee: '21 625', host: 'kz18dma00000042', equipment: [...answers.equipment, { manufacturer: '', model: '', units: '', kw: '' }], contract: { ...answers.contract, date: '1.2.2026' } })).toEqual([]);
  });
  it('takes mine where I changed it and theirs elsewhere, until somebody chooses', () => {
    const mine = { ...answers, fee: '30000', note: 'mine' };
    const theirs = { ...answers, note: 'theirs', language: 'kk' as const };
    const choice = proposal(answers, mine, theirs);
    expect(choice).toEqual({ fee: 'mine', note: 'mine', language: 'theirs' });
    expect(chosen(mine, theirs, choice)).toEqual({ ...mine, language: 'kk' });
    expect(chosen(mine, theirs, { ...choice, note: 'theirs' })).toEqual({ ...mine, language: 'kk', note: 'theirs' });
  });
});

it('finds what is no number and no date, by the place that is sent', () => {
  const typed: Answers = { ...answers, fee: '5 MCI', sites: [{ site: '', points: [], kw: '' }, { site: 'S-2', points: [], kw: 'lots' }], contract: { number: '', date: '31.02.2026', until: '' } };
  expect(slips(typed)).toEqual([
    { pointer: '/sites/0/approved_kw', code: 'number' },
    { pointer: '/fee_paid_kzt', code: 'number' },
    { pointer: '/host_contract/date', code: 'date' },
  ]);
  expect(slips(answers)).toEqual([]);
});

it('knows the place of each line among those that are sent', () => {
  const line = { manufacturer: 'B', model: '', units: '', kw: '' };
  expect(places([{ ...line, manufacturer: '' }, line, { ...line, manufacturer: ' ' }, line], blankLine)).toEqual([undefined, 0, undefined, 1]);
});

it('takes rows as a spreadsheet copies them, and leaves plain text alone', () => {
  expect(pastedLines('Bitmain\tS21\t170\t3,5\r\nMicroBT\tM60\t20\t3.4\n')).toEqual([
    { manufacturer: 'Bitmain', model: 'S21', units: '170', kw: '3,5' },
    { manufacturer: 'MicroBT', model: 'M60', units: '20', kw: '3.4' },
  ]);
  expect(pastedLines('Bitmain')).toBeUndefined();
  expect(pastedLines('  ')).toBeUndefined();
});
