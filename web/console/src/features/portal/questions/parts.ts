import type { Answers } from '../answers';
import type { Application, Task } from '../api';

/** What the page of a question gets. */
export interface QuestionProps {
  application: Application;
  answers: Answers;
  edit: (change: Partial<Answers>) => void;
  /** The words beside a field by its pointer, when something is wrong with it. */
  bad: (pointer: string) => string | undefined;
  task: Task | undefined;
}

/** A list with one line changed. */
export const replaced = <T,>(list: readonly T[], index: number, change: Partial<T>): T[] => list.map((item, i) => (i === index ? { ...item, ...change } : item));
