import { oneOf, present, text, type RawSearch } from '@shared/search';

export const views = ['open', 'mine', 'sign', 'decided', 'all'] as const;
export type View = (typeof views)[number];

export interface QueueSearch {
  view?: View;
  sub?: 'I' | 'II';
  q?: string;
}

export const queueSearch = (raw: RawSearch): QueueSearch => present({ view: oneOf(raw, 'view', views), sub: oneOf(raw, 'sub', ['I', 'II'] as const), q: text(raw, 'q') }) as QueueSearch;
