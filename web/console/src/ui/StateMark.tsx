import classes from './StateMark.module.css';

/** The five tones of a state. Each has a shape of its own, so colour is never alone. */
export type Tone = 'ok' | 'wait' | 'stop' | 'refuse' | 'unknown';

const shapes: Record<Tone, React.ReactNode> = {
  ok: <circle cx="6" cy="6" r="5" fill="currentColor" />,
  wait: (
    <>
      <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" fill="currentColor" />
    </>
  ),
  stop: <path d="M2 1.5h2.75v9H2zM7.25 1.5H10v9H7.25z" fill="currentColor" />,
  refuse: <rect x="1.25" y="1.25" width="9.5" height="9.5" rx="1" fill="currentColor" />,
  unknown: <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="1.5" />,
};

interface Props {
  tone: Tone;
  label: string;
  size?: 'small' | 'large';
}

/** A state: a small mark and a word in sentence case. */
export function StateMark({ tone, label, size = 'small' }: Props) {
  return (
    <span className={classes.root} data-tone={tone} data-size={size}>
      <svg viewBox="0 0 12 12" aria-hidden="true" className={classes.mark}>
        {shapes[tone]}
      </svg>
      <span>{label}</span>
    </span>
  );
}
