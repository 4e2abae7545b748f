/** The pages of filling in, in one part: whoever opens the first will need the next. */
export { Check } from './Check';
export { Question } from './Question';
export { Receipt } from './Receipt';
export { TaskList } from './TaskList';
