import { isoDate, toKilowatts } from '@shared/parse';
import type { Application, ApplicationInput, Kind } from './api';

export interface SiteAnswer {
  /** Code of the data centre, as chosen or typed. */
  site: string;
  points: string[];
  kw: string;
}

export interface LineAnswer {
  manufacturer: string;
  model: string;
  units: string;
  kw: string;
}

/** What stands on the pages of an application: texts as typed, so that nothing typed is lost. */
export interface Answers {
  kind: Kind;
  subType: 'I' | 'II';
  baseLicense: string;
  reason: string;
  supply: '' | Supply;
  language: 'kk' | 'ru' | 'en';
  sites: SiteAnswer[];
  equipment: LineAnswer[];
  host: string;
  contract: { number: string; date: string; until: string };
  fee: string;
  feeDocument: string;
  /** The clerk has seen the documents on paper. */
  paper: boolean;
  note: string;
}

export type Supply = NonNullable<ApplicationInput['supply_basis']>;
export type Field = keyof Answers;

export const supplies: readonly Supply[] = ['auction', 'import', 'own_generation', 'own_res', 'ppa_res'];
export const emptySite = (): SiteAnswer => ({ site: '', points: [], kw: '' });
export const emptyLine = (): LineAnswer => ({ manufacturer: '', model: '', units: '', kw: '' });

const typed = (value: number | undefined) => (value ? String(value) : '');
/** A legal date as people type it, day first. */
const day = (iso: string | undefined) => (iso ? iso.split('-').reverse().join('.') : '');

/** The answers that an application holds. */
export function answersOf(application: Application): Answers {
  const contract = application.host_contract;
  return {
    kind: application.kind,
    subType: application.sub_type === 'II' ? 'II' : 'I',
    baseLicense: application.base_license ?? '',
    reason: application.reason ?? '',
    supply: supplies.find((basis) => basis === application.supply_basis) ?? '',
    language: application.language === 'ru' || application.language === 'en' ? application.language : 'kk',
    sites: application.sites.map((site) => ({ site: site.site_code || site.site, points: [...site.connection_points], kw: typed(site.approved_kw) })),
    equipment: application.equipment.map((line) => ({ manufacturer: line.manufacturer, model: line.model, units: typed(line.units), kw: typed(line.nameplate_kw) })),
    host: application.host_license ?? '',
    contract: { number: contract?.number ?? '', date: day(contract?.date), until: day(contract?.until) },
    fee: typed(application.fee_paid_kzt),
    feeDocument: application.fee_document ?? '',
    paper: application.documents === 'paper',
    note: application.note ?? '',
  };
}

export const blankSite = (site: SiteAnswer) => !site.site && !site.kw.trim() && site.points.length === 0;
export const blankLine = (line: LineAnswer) => !line.manufacturer.trim() && !line.model.trim() && !line.units.trim() && !line.kw.trim();

/** The request of the answers. Wholly empty lines are left out; numbers that are not numbers become 0, which stands in the way of filing. */
export function inputOf(answers: Answers, applicant?: string): ApplicationInput {
  const contract = { number: answers.contract.number.trim(), date: isoDate(answers.contract.date) ?? '' };
  const until = isoDate(answers.contract.until);
  return {
    kind: answers.kind,
    sub_type: answers.subType,
    ...(applicant ? { applicant } : {}),
    ...(answers.baseLicense ? { base_license: answers.baseLicense } : {}),
    ...(answers.reason ? { reason: answers.reason } : {}),
    language: answers.language,
    ...(answers.supply ? { supply_basis: answers.supply } : {}),
    sites: answers.sites.filter((site) => !blankSite(site)).map((site) => ({ site: site.site.trim(), connection_points: site.points, approved_kw: toKilowatts(site.kw) })),
    ...(answers.subType === 'II' && answers.host.trim() ? { host_license: answers.host.replace(/\s/g, '').toUpperCase() } : {}),
    ...(answers.subType === 'II' && (contract.number || contract.date || until) ? { host_contract: { ...contract, ...(until ? { until } : {}) } } : {}),
    equipment: answers.equipment
      .filter((line) => !blankLine(line))
      .map((line) => ({ manufacturer: line.manufacturer.trim(), model: line.model.trim(), units: Math.trunc(toKilowatts(line.units)), nameplate_kw: toKilowatts(line.kw) })),
    fee_paid_kzt: toKilowatts(answers.fee),
    ...(answers.feeDocument.trim() ? { fee_document: answers.feeDocument.trim() } : {}),
    documents: answers.paper ? 'paper' : 'attached',
    ...(answers.note.trim() ? { note: answers.note.trim() } : {}),
  };
}

/** What the answers say, however it was typed. */
const said = (answers: Answers) => ({
  ...answers,
  baseLicense: answers.baseLicense.trim(),
  sites: answers.sites.filter((site) => !blankSite(site)).map((site) => [site.site, toKilowatts(site.kw), ...[...site.points].sort()]),
  equipment: answers.equipment.filter((line) => !blankLine(line)).map((line) => [line.manufacturer.trim(), line.model.trim(), toKilowatts(line.units), toKilowatts(line.kw)]),
  host: answers.host.replace(/\s/g, '').toUpperCase(),
  contract: [answers.contract.number.trim(), isoDate(answers.contract.date) ?? '', isoDate(answers.contract.until) ?? ''],
  fee: toKilowatts(answers.fee),
  feeDocument: answers.feeDocument.trim(),
  note: answers.note.trim(),
});

/** The fields in which two sets of answers say different things; how a number is typed or that a line is empty does not count. */
export function differences(a: Answers, b: Answers): Field[] {
  const [x, y] = [said(a), said(b)];
  return (Object.keys(a) as Field[]).filter((field) => JSON.stringify(x[field]) !== JSON.stringify(y[field]));
}

/** Which side of a conflict each differing field is taken from, before anybody chose: mine where I changed it, else theirs. */
export function proposal(base: Answers, mine: Answers, theirs: Answers): Partial<Record<Field, 'mine' | 'theirs'>> {
  const changedByMe = differences(base, mine);
  return Object.fromEntries(differences(mine, theirs).map((field) => [field, changedByMe.includes(field) ? 'mine' : 'theirs']));
}

/** The answers after a choice: what was not chosen from theirs stays mine. */
export function chosen(mine: Answers, theirs: Answers, choice: Partial<Record<Field, 'mine' | 'theirs'>>): Answers {
  const taken = Object.fromEntries(Object.entries(choice).flatMap(([field, side]) => (side === 'theirs' ? [[field, theirs[field as Field]]] : [])));
  return { ...mine, ...taken };
}

export interface Slip {
  pointer: string;
  code: string;
}

const isNumber = (text: string) => text.trim() === '' || /^\d+([.,]\d+)?$/.test(text.replace(/[\s\u00a0\u202f]/g, ''));

/** What was typed that is no number or no date: the server only sees a 0 or nothing there. */
export function slips(answers: Answers): Slip[] {
  const found: Slip[] = [];
  const number = (pointer: string, text: string) => void (isNumber(text) || found.push({ pointer, code: 'number' }));
  const date = (pointer: string, text: string) => void (text.trim() === '' || isoDate(text) || found.push({ pointer, code: 'date' }));
  answers.sites.filter((site) => !blankSite(site)).forEach((site, i) => number(`/sites/${i}/approved_kw`, site.kw));
  answers.equipment
    .filter((line) => !blankLine(line))
    .forEach((line, i) => {
      number(`/equipment/${i}/units`, line.units);
      number(`/equipment/${i}/nameplate_kw`, line.kw);
    });
  number('/fee_paid_kzt', answers.fee);
  date('/host_contract/date', answers.contract.date);
  date('/host_contract/until', answers.contract.until);
  return found;
}

/** The power of the declared equipment together, kW. */
export const equipmentKw = (answers: Answers): number => answers.equipment.reduce((sum, line) => sum + toKilowatts(line.units) * toKilowatts(line.kw), 0);

/** The power asked for at all sites together, kW. */
export const askedKw = (answers: Answers): number => answers.sites.reduce((sum, site) => sum + toKilowatts(site.kw), 0);

/** The place of each line among those that are sent: wholly empty lines are not, so their places are undefined. */
export function places<T>(lines: readonly T[], blank: (line: T) => boolean): (number | undefined)[] {
  let sent = 0;
  return lines.map((line) => (blank(line) ? undefined : sent++));
}

/** Lines of equipment out of cells as a spreadsheet copies them: manufacturer, model, units, kW. Undefined when it is not that. */
export function pastedLines(text: string): LineAnswer[] | undefined {
  const rows = text.split(/\r?\n/).filter((row) => row.trim() !== '').map((row) => row.split('\t').map((cell) => cell.trim()));
  if (rows.length === 0 || rows.some((cells) => cells.length < 2)) return undefined;
  return rows.map(([manufacturer = '', model = '', units = '', kw = '']) => ({ manufacturer, model, units, kw }));
}
