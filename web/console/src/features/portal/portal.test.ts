import { describe, expect, it } from 'vitest';
import type { Application, Task } from './api';
import { questionsAsked } from './correction';
import { needOf, sections, stagesOf } from './home';
import { following, preceding, questionOf, textKeys } from './questions';
import { questionSearch, startSearch } from './search';
import { MOST_BYTES, refusalOf } from './upload';

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe('a file before it is sent', () => {
  it.each([
    ['deed.pdf', 10, '%PDF-1.7', undefined],
    ['Deed.PDF', 10, '%PDF-1.7', undefined],
    ['photo.jpeg', 10, '\xff\xd8\xff\xe0', undefined],
    ['plan.png', 10, '\x89PNG\r\n', undefined],
    ['empty.pdf', 0, '', 'empty'],
    ['large.pdf', MOST_BYTES + 1, '%PDF-1.7', 'tooLarge'],
    ['exactly.pdf', MOST_BYTES, '%PDF-1.7', undefined],
    ['letter.docx', 10, 'PK\x03\x04', 'type'],
    ['nothing', 10, '%PDF-1.7', 'type'],
    ['renamed.pdf', 10, 'PK\x03\x04', 'content'],
    ['cut.pdf', 3, '%PD', 'content'],
  ])('%s of %d bytes: %s', (name, size, head, refusal) => expect(refusalOf(name, size, bytes(head))).toBe(refusal));
});

const task = (code: Task['code'], state: Task['state']): Task => ({ code, state, problems: [] });
const tasks = [task('kind', 'done'), task('applicant', 'done'), task('contact', 'done'), task('host', 'not_needed'), task('site', 'todo'), task('documents', 'todo')];

describe('the order of questions', () => {
  it('leaves out what is not needed and ends', () => {
    expect([following('contact', tasks), following('site', tasks), following('documents', tasks)]).toEqual(['site', 'documents', undefined]);
    expect([preceding('site', tasks), preceding('kind', tasks)]).toEqual(['contact', undefined]);
  });
});

it.each([
  ['/sites', 'site'],
  ['/sites/0/site', 'site'],
  ['/sites/1/approved_kw', 'power'],
  ['/sites/1/connection_points/0', 'points'],
  ['/equipment/2/units', 'equipment'],
  ['/host_contract/number', 'host'],
  ['/documents/LAND_USE', 'documents'],
  ['/fee_document', 'fee'],
  ['/base_license', 'kind'],
  ['/note', 'contact'],
  ['/unheard', undefined],
])('%s is answered at %s', (pointer, code) => expect(questionOf(pointer)).toBe(code));

it('looks for the words of a problem from the exact to the general', () => {
  expect(textKeys({ pointer: '/sites/3/connection_points/0', code: 'unknown' })).toEqual(['portal.bad.sites.connection_points.unknown', 'portal.bad.unknown', 'problem.field.unknown']);
  expect(textKeys({ pointer: '/documents/LAND_USE', code: 'required' })[0]).toBe('portal.bad.documents.required');
});

it('opens for a correction just the questions that it names; a whole site brings its power and points', () => {
  expect(questionsAsked(['/fee_document', '/note'], 'I')).toEqual(['fee', 'contact']);
  expect(questionsAsked(['/sites/0/approved_kw'], 'I')).toEqual(['power']);
  expect(questionsAsked(['/sites'], 'I')).toEqual(['site', 'power', 'points']);
  expect(questionsAsked(['/sites/0'], 'II')).toEqual(['site', 'power']);
});

const row = (state: Application['state'], updated_at: string, allowed: string[] = []) => ({ state, allowed, updated_at });

it('puts first what waits for the applicant, the newest change on top', () => {
  expect(needOf(row('in_review', '', ['correct']))).toBe('correct');
  expect([needOf(row('returned', '')), needOf(row('draft', '')), needOf(row('in_review', ''))]).toEqual(['complete', 'draft', undefined]);
  const found = sections([row('granted', '1'), row('draft', '2'), row('in_review', '3'), row('in_review', '4', ['correct']), row('refused', '5')]);
  expect(found.map(({ name, rows }) => [name, rows.map((one) => one.updated_at)])).toEqual([['needed', ['4', '2']], ['underWay', ['3']], ['decided', ['5', '1']]]);
});

it.each<[Application['state'], string]>([
  ['draft', 'now ahead ahead ahead ahead'],
  ['submitted', 'done now ahead ahead ahead'],
  ['registered', 'done done now ahead ahead'],
  ['returned', 'done done refused ahead ahead'],
  ['in_review', 'done done done now ahead'],
  ['decision_drafted', 'done done done now ahead'],
  ['granted', 'done done done done done'],
  ['refused', 'done done done done refused'],
  ['withdrawn', 'ahead ahead ahead ahead ahead'],
])('an application that is %s has come so far: %s', (state, stages) => expect(stagesOf(state).map((stage) => stage.state).join(' ')).toBe(stages));

it('reads addresses and drops what is not expected', () => {
  expect(startSearch({ kind: 'renewal', sub: 'III', step: 'party', party: 'x' })).toEqual({ kind: 'renewal', step: 'party', party: 'x' });
  expect(questionSearch({ from: 'elsewhere', show: true })).toEqual({ show: true });
});
