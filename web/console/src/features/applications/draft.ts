import { toKilowatts } from '@shared/parse';
import type { Application, ApplicationInput } from './api';

/** What stands in the form: texts as typed, so that nothing typed is lost. */
export interface Draft {
  applicant: string;
  subType: 'I' | 'II';
  supplyBasis: ApplicationInput['supply_basis'];
  language: 'kk' | 'ru' | 'en';
  sites: { site: string; points: string[]; kw: string }[];
  equipment: { manufacturer: string; model: string; units: string; kw: string }[];
  host: string;
  fee: string;
  feeDocument: string;
  note: string;
}

export const supplyBases: readonly ApplicationInput['supply_basis'][] = ['auction', 'import', 'own_generation', 'own_res', 'ppa_res'];
export const emptySite = () => ({ site: '', points: [] as string[], kw: '' });
export const emptyLine = () => ({ manufacturer: '', model: '', units: '', kw: '' });

/** A form with one empty site and one empty line of equipment. */
export const emptyDraft = (language: Draft['language']): Draft => ({
  applicant: '',
  subType: 'I',
  supplyBasis: 'auction',
  language,
  sites: [emptySite()],
  equipment: [emptyLine()],
  host: '',
  fee: '',
  feeDocument: '',
  note: '',
});

const text = (value: number) => (value ? String(value) : '');

/** The form of an application that is still a draft. */
export function draftOf(application: Application): Draft {
  return {
    applicant: application.applicant_bin,
    subType: application.sub_type === 'II' ? 'II' : 'I',
    supplyBasis: supplyBases.find((basis) => basis === application.supply_basis) ?? 'auction',
    language: application.language === 'ru' || application.language === 'en' ? application.language : 'kk',
    sites: application.sites.map((site) => ({ site: site.site, points: [...site.connection_points], kw: text(site.approved_kw) })),
    equipment: application.equipment.map((line) => ({ manufacturer: line.manufacturer, model: line.model, units: text(line.units), kw: text(line.nameplate_kw) })),
    host: application.host_license ?? '',
    fee: text(application.fee_paid_kzt),
    feeDocument: application.fee_document ?? '',
    note: application.note ?? '',
  };
}

/** The request of a form. Wholly empty lines are left out; numbers that are not numbers become 0, which the server names. */
export function inputOf(draft: Draft): ApplicationInput {
  return {
    kind: 'issue',
    sub_type: draft.subType,
    ...(draft.applicant.trim() ? { applicant: draft.applicant.replace(/\s/g, '') } : {}),
    language: draft.language,
    supply_basis: draft.supplyBasis,
    sites: draft.sites.filter((site) => site.site || site.kw).map((site) => ({ site: site.site, connection_points: site.points, approved_kw: toKilowatts(site.kw) })),
    ...(draft.subType === 'II' && draft.host.trim() ? { host_license: draft.host.trim().toUpperCase() } : {}),
    equipment: draft.equipment
      .filter((line) => line.manufacturer || line.model || line.units)
      .map((line) => ({ manufacturer: line.manufacturer.trim(), model: line.model.trim(), units: Math.trunc(toKilowatts(line.units)), nameplate_kw: toKilowatts(line.kw) })),
    fee_paid_kzt: toKilowatts(draft.fee),
    ...(draft.feeDocument.trim() ? { fee_document: draft.feeDocument.trim() } : {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
  };
}

/** The power of the declared equipment together, kW. */
export const declaredEquipmentKw = (draft: Draft): number => draft.equipment.reduce((sum, line) => sum + toKilowatts(line.units) * toKilowatts(line.kw), 0);
