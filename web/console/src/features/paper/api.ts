import { queryOptions } from '@tanstack/react-query';
import { api, ask, newKey, type Schemas } from '@shared/api/client';
import type { PaperSearch } from './search';

export type PaperCheck = Schemas['PaperCheckWire'];
export type AnswerInput = Schemas['PaperAnswerInput'];
export type ReportInput = Schemas['PaperReportInput'];
export type Question = Schemas['PaperQuestionInput'];

const header = () => ({ 'Idempotency-Key': newKey() });

export const paperPages = ({ state }: PaperSearch) => ({
  queryKey: ['paper', 'list', state],
  read: (after: string | undefined) => ask(api.GET('/v1/paper-checks', { params: { query: { limit: 100, used: true, ...(state ? { state } : {}), ...(after ? { after } : {}) } } })),
  keyOf: (row: PaperCheck) => row.number,
});
export const paperQuery = (number: string) => queryOptions({ queryKey: ['paper', 'one', number], queryFn: () => ask(api.GET('/v1/paper-checks/{id}', { params: { path: { id: number } } })) });
export const blocksQuery = queryOptions({ queryKey: ['paper', 'blocks'], queryFn: () => ask(api.GET('/v1/paper-blocks', { params: { query: { limit: 50 } } })) });
export const sheetQuery = (id: string) => queryOptions({ queryKey: ['paper', 'sheet', id], queryFn: () => ask(api.GET('/v1/paper-blocks/{id}/sheet', { params: { path: { id } } })) });
export const utilitiesQuery = queryOptions({ queryKey: ['utilities'], queryFn: () => ask(api.GET('/v1/utilities', { params: { query: { limit: 200 } } })) });

export const issue = (body: Schemas['PaperBlockInput']) => ask(api.POST('/v1/paper-blocks', { params: { header: header() }, body }));
export const answer = (number: string, body: AnswerInput) => ask(api.POST('/v1/paper-checks/{id}/answer', { params: { path: { id: number }, header: header() }, body }));
export const report = (number: string, body: ReportInput) => ask(api.POST('/v1/paper-checks/{id}/report', { params: { path: { id: number }, header: header() }, body }));
export const settle = (number: string, reason: string) => ask(api.POST('/v1/paper-checks/{id}/settlement', { params: { path: { id: number }, header: header() }, body: { reason } }));
