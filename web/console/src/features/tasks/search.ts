import { oneOf, present, text, type RawSearch } from '@shared/search';

export const taskViews = ['mine', 'all', 'done'] as const;
export type TaskView = (typeof taskViews)[number];

export interface TasksSearch {
  view?: TaskView;
  license?: string;
}

export const tasksSearch = (raw: RawSearch): TasksSearch => present({ view: oneOf(raw, 'view', taskViews), license: text(raw, 'license') }) as TasksSearch;
