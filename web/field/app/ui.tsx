// The pieces that every screen is made of.
import { type ReactNode, useEffect, useRef } from 'react';
import type { Place } from '../outbox/ports';
import { t } from './text';
import { type Open, useApp } from './use';

export type Tone = 'ok' | 'wait' | 'stop' | 'refuse' | 'none';
const shapes: Record<Tone, ReactNode> = {
  ok: <circle cx="7" cy="7" r="6" fill="currentColor" />,
  wait: <g fill="none" stroke="currentColor" strokeWidth="2"><circle cx="7" cy="7" r="5.5" /><path d="M7 3.5V7h3" /></g>,
  stop: <path d="M3 2h3v10H3zM8 2h3v10H8z" fill="currentColor" />,
  refuse: <path d="M1.5 1.5h11v11h-11z" fill="currentColor" />,
  none: <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" strokeWidth="2" />,
};
/** The shape of a state; its word stands beside it. */
export const Mark = ({ tone }: { tone: Tone }) => (
  <svg className="mark" viewBox="0 0 14 14" aria-hidden="true" style={{ color: `var(--${tone === 'none' ? 'ink-2' : tone})` }}>
    {shapes[tone]}
  </svg>
);
export const StateWord = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className="state" data-tone={tone}>
    <Mark tone={tone} />
    {children}
  </span>
);
export const placeTone: Record<Place, Tone> = { saved: 'stop', received: 'wait', sealed: 'ok', refused: 'refuse' };

/** Above every screen: whether there is a signal, and where everything is. */
export function Bar() {
  const { online, counts, person, phase } = useApp();
  if (!person) return null;
  return (
    <header className="bar">
      <div className="line">
        <StateWord tone={online ? 'ok' : 'stop'}>{t(online ? 'bar.online' : 'bar.offline')}</StateWord>
        <span className="end small">{person.name}</span>
      </div>
      <a className="counts" href="#/sending" aria-label={t('bar.label', { saved: counts.saved, received: counts.received, sealed: counts.sealed })} data-phase={phase}>
        {(['saved', 'received', 'sealed'] as const).map((place) => (
          <span key={place}>
            <Mark tone={place === 'saved' && counts.saved === 0 ? 'none' : placeTone[place]} />
            <b>{counts[place]}</b> <span>{t(`place.${place}`)}</span>
          </span>
        ))}
      </a>
    </header>
  );
}

/** One thing a screen: its heading, its content, and the primary act within reach of the thumb. */
export function Screen({ title, sub, back, foot, children }: { title: string; sub?: ReactNode; back?: string; foot?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.closest('main')?.scrollTo(0, 0);
    heading.current?.focus();
    document.title = `${title} · Rigistry`;
  }, [title]);
  return (
    <>
      <main>
        <div className="head">
          {back !== undefined && (
            <a className="back" href={back} aria-label={t('back')}>
              <svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true">
                <path d="m14 5-7 7 7 7" />
              </svg>
            </a>
          )}
          <div>
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {sub && <div className="small">{sub}</div>}
          </div>
        </div>
        {children}
      </main>
      {foot && <footer className="foot">{foot}</footer>}
    </>
  );
}

/** The way on to the next part of a visit, beside what this part saves. */
export const Onward = ({ open, to }: { open: Open; to: string }) => (
  <a className="button plain" href={`#/visit/${open.id}/${to}`}>{t('next')}</a>
);

export const Note = ({ tone = 'none', title, children, alert }: { tone?: Tone; title?: string; children?: ReactNode; alert?: true }) => (
  <div className="note" data-tone={tone} role={alert ? 'alert' : undefined}>
    {title && <h2>{title}</h2>}
    {children}
  </div>
);

/** What could not be saved, and the last thing that was, with its undo. */
export function Outcome({ open }: { open: Open }) {
  return (
    <>
      {open.failed && (
        <Note tone="refuse" title={t(`failed.${open.failed}.title`)} alert>
          <p>{t(`failed.${open.failed}.text`)}</p>
          <p>
            <a href="#/sending">{t('sending.title')}</a>
          </p>
        </Note>
      )}
    </>
  );
}
export function Toast({ open }: { open: Open }) {
  const { last } = open;
  return (
    <div role="status" className="said">
      {last && (
        <div className="toast">
          <span>{last.words}</span>
          <button type="button" onClick={() => void open.undo(last.id)}>
            {t('undo')}
          </button>
        </div>
      )}
    </div>
  );
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <label>
      {label}
      {hint && <span className="small" style={{ display: 'block', fontWeight: 400 }}>{hint}</span>}
      {children}
    </label>
  );
}

/** A few answers as large buttons, one of which may stand. */
export function Choices<T extends string>({ label, options, value, onChoose }: { label: string; options: { id: T; text: string }[]; value: T | null; onChoose: (id: T) => void }) {
  return (
    <div className="choices" role="group" aria-label={label}>
      {options.map(({ id, text }) => (
        <button key={id} type="button" className="plain" aria-pressed={value === id} onClick={() => onChoose(id)}>
          {text}
        </button>
      ))}
    </div>
  );
}
