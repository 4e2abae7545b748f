import { useNow } from '@shared/clock';
import { exactInstant, instant } from '@shared/format';
import { useTexts } from '@shared/i18n';
import classes from './Frame.module.css';

/** The time in Kazakhstan, with its zone. */
export function Clock() {
  const { t, language } = useTexts();
  const now = useNow(10_000);
  return (
    <time className={`num ${classes.clock}`} dateTime={now.toISOString()} title={exactInstant(now, language)}>
      {instant(now, now, language)} <span className="muted">{t('frame.zone')}</span>
    </time>
  );
}
