import { useCodeText } from '@shared/i18n';
import { toneOf, type Noun } from '@shared/states';
import { StateMark } from './StateMark';

/** The mark and word of a state of one of our nouns. */
export function State({ noun, state, size }: { noun: Noun; state: string | undefined; size?: 'small' | 'large' }) {
  const text = useCodeText();
  return <StateMark tone={toneOf(noun, state)} label={text(`state.${noun}`, state || 'unknown')} {...(size ? { size } : {})} />;
}
