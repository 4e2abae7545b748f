import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { wallOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useMoment } from '@shared/moment';
import { PlainButton } from './Buttons';
import { PastIcon } from './icons';
import classes from './AsAt.module.css';

const EDITABLE = 'input, textarea, select, [contenteditable="true"]';

/** An instant as it stands in a heading: 12.03.2026 14:00. */
function heading(at: string): string {
  const { date, time } = wallOf(new Date(at));
  return `${date} ${time}`;
}

/** Says above every page that it shows the past, and leads back to now; Escape does too. */
export default function PastBand() {
  const { t } = useTexts();
  const moment = useMoment();
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], [role="dialog"]')) return;
      if (event.target instanceof Element && event.target.matches(EDITABLE)) return;
      event.preventDefault();
      void navigate({ to: '.', search: (before: object) => ({ ...before, as_at: undefined, known_at: undefined }) });
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate]);
  const now = t('asAt.now');
  return (
    <div className={classes.band} role="status">
      <p className={classes.what}>
        <PastIcon />
        <strong>{t('asAt.heading', { asAt: moment.as_at ? heading(moment.as_at) : now, known: moment.known_at ? heading(moment.known_at) : now })}</strong>
      </p>
      <div className={classes.act}>
        <span className="small">{t('asAt.readOnly')}</span>
        <PlainButton onClick={() => void navigate({ to: '.', search: (before: object) => ({ ...before, as_at: undefined, known_at: undefined }) })}>
          {t('asAt.back')} <kbd>Esc</kbd>
        </PlainButton>
      </div>
    </div>
  );
}
