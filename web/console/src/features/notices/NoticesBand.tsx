import { Link } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '@shared/i18n';
import { StateMark } from '@ui/StateMark';
import { noticesQuery } from './api';
import classes from './Notices.module.css';

/** One line on what the registry told the party and nobody has read; nothing when there is none. */
export function NoticesBand() {
  const { t } = useTexts();
  const unread = useQuery(noticesQuery).data?.unread ?? 0;
  if (unread === 0) return null;
  return (
    <p className={classes.band}>
      <StateMark tone="wait" label={t('notice.unread', { count: unread })} />
      <Link to="/notices">{t('notice.toAll')}</Link>
    </p>
  );
}
