import { useTexts } from '@shared/i18n';
import { Instant } from './values';
import classes from './Timeline.module.css';

export interface TimelineEntry {
  key: string;
  at: string;
  actor: string;
  what: React.ReactNode;
  detail?: React.ReactNode;
  /** A link to the proof of this entry. */
  proof?: React.ReactNode;
}

/** What happened to an object, newest first, each entry with actor, time and proof. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const { t } = useTexts();
  if (entries.length === 0) return <p className="muted">{t('ui.timeline.empty')}</p>;
  return (
    <ol className={classes.list}>
      {entries.map((entry) => (
        <li key={entry.key}>
          <div className={classes.what}>{entry.what}</div>
          <div className={classes.meta}>
            <Instant at={entry.at} /> · {entry.actor}
            {entry.proof ? <> · {entry.proof}</> : null}
          </div>
          {entry.detail ? <div className={classes.detail}>{entry.detail}</div> : null}
        </li>
      ))}
    </ol>
  );
}
