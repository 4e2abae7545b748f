import { useEffect, useRef } from 'react';
import { useSlow } from '@shared/clock';
import { useTexts } from '@shared/i18n';
import { PlainButton } from './Buttons';
import classes from './states.module.css';

/** Grey lines where a list will be, after 300 ms only. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useTexts();
  const slow = useSlow(true);
  return (
    <div role="status" className={classes.loading}>
      <span className="visually-hidden">{slow ? t('ui.loading') : ''}</span>
      {slow ? Array.from({ length: rows }, (_, i) => <span key={i} className={classes.bone} style={{ inlineSize: `${92 - ((i * 17) % 40)}%` }} />) : null}
    </div>
  );
}

/** An empty page says what will appear here and how to make the first one. */
export function Empty({ title, children, action, heading: Heading = 'h2' }: { title: string; children?: React.ReactNode; action?: React.ReactNode; heading?: 'h1' | 'h2' }) {
  return (
    <div className={classes.empty}>
      <Heading>{title}</Heading>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  );
}

interface FailureProps {
  title: string;
  detail: string;
  /** The server's own English sentence, beside its translation. */
  original?: string | undefined;
  /** To find the request again in the log of the server. */
  trace?: string | undefined;
  onRetry?: (() => void) | undefined;
  /** Texts beside fields, repeated in the summary. */
  items?: readonly string[];
}

/** What went wrong, what to do, and the number to quote. */
export function Failure({ title, detail, original, trace, onRetry, items = [] }: FailureProps) {
  const { t } = useTexts();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // It may have come above what is in view. Newer browsers answer with a promise, which is no clean-up.
    void box.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <div ref={box} role="alert" className={classes.failure}>
      <h2>{title}</h2>
      {detail ? <p>{detail}</p> : null}
      {original ? <p className="small muted" lang="en">{original}</p> : null}
      {items.length > 0 ? (
        <ul>
          {items.map((item) => (
            <li key={item}>{item}</li>
          ))}
        </ul>
      ) : null}
      {trace ? <p className="small muted">{t('ui.trace')} <span className="mono">{trace}</span></p> : null}
      {onRetry ? (
        <PlainButton onClick={onRetry}>
          {t('ui.retry')}
        </PlainButton>
      ) : null}
    </div>
  );
}

/** A notice in the page: what is so, or what will happen. */
export function Callout({ tone = 'wait', title, children }: { tone?: 'wait' | 'stop' | 'refuse' | 'ok' | 'unknown'; title?: string; children: React.ReactNode }) {
  return (
    <div className={classes.callout} data-tone={tone}>
      {title ? <strong>{title}</strong> : null}
      <div>{children}</div>
    </div>
  );
}
