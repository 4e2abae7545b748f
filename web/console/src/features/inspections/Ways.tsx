import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import type { InspectionsSearch } from './search';

/** The three ways to look at inspections: as a list, as a board, as the route of a day. */
export function Ways({ now, search }: { now: 'list' | 'board' | 'map'; search: InspectionsSearch }) {
  const { t } = useTexts();
  const { view, q, kind } = search;
  const kept = { ...(q ? { q } : {}), ...(kind ? { kind } : {}), ...(view === 'mine' ? { view } : {}) };
  return (
    <Views label={t('inspection.ways')}>
      <Link to="/inspections" search={kept} aria-current={now === 'list' ? 'page' : undefined} {...viewLink}><ViewLabel text={t('inspection.way.list')} /></Link>
      <Link to="/inspections/board" search={kept} aria-current={now === 'board' ? 'page' : undefined} {...viewLink}><ViewLabel text={t('inspection.way.board')} /></Link>
      <Link to="/inspections/map" search={kept} aria-current={now === 'map' ? 'page' : undefined} {...viewLink}><ViewLabel text={t('inspection.way.map')} /></Link>
    </Views>
  );
}
