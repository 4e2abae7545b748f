import { useTexts } from '@shared/i18n';
import { severityOf, type DeadlineValue } from '@shared/deadline';
import { legalDay } from '@shared/format';
import { PauseIcon } from './icons';
import { ShareBar } from './values';
import classes from './Deadline.module.css';

/** A deadline: the date, the working days left, a bar of the elapsed share, and a mark while the clock stands. */
export function Deadline({ due, left, total, paused, layout = 'line' }: DeadlineValue & { layout?: 'line' | 'stack' }) {
  const { t, language } = useTexts();
  const severity = severityOf({ due, left, paused });
  if (!due) return <span className="muted">{t(paused ? 'ui.deadline.paused' : 'ui.deadline.none')}</span>;
  const elapsed = total && left !== undefined ? Math.max(0, total - left) : undefined;
  const tone = severity === 'overdue' ? 'refuse' : severity === 'today' || severity === 'soon' ? 'stop' : severity === 'paused' ? 'wait' : undefined;
  return (
    <span className={classes.root} data-severity={severity} data-layout={layout}>
      <span className={classes.words}>
        <time dateTime={due} className="num">{legalDay(due, language)}</time>
        {paused ? (
          <span className={classes.pause}>
            <PauseIcon />
            {t('ui.deadline.paused')}
          </span>
        ) : left === undefined ? null : (
          <span className={classes.left}>
            {left < 0 ? t('ui.deadline.overdue', { count: -left }) : left === 0 ? t('ui.deadline.today') : t('ui.deadline.left', { count: left })}
          </span>
        )}
      </span>
      {elapsed !== undefined && total ? <ShareBar value={Math.min(elapsed, total)} of={total} {...(tone ? { tone } : {})} /> : null}
    </span>
  );
}
