/** The portal's pages, in one part: whoever opens the first will need the next. */
export { Check } from './Check';
export { Correct } from './Correct';
export { Question } from './Question';
export { Receipt } from './Receipt';
export { Start } from './Start';
export { TaskList } from './TaskList';
