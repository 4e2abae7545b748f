import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { ViewLabel, Views, viewLink } from '@ui/Filters';

/** The three parts of the register of rigs. */
export function Parts({ at }: { at: 'rigs' | 'alarms' | 'imports' }) {
  const { t } = useTexts();
  const can = useCan();
  return (
    <Views label={t('ui.views')}>
      <Link to="/equipment" aria-current={at === 'rigs' ? 'page' : undefined} {...viewLink}>
        <ViewLabel text={t('equipment.rigs')} />
      </Link>
      {can('equipment.alarm_read') ? (
        <Link to="/equipment/alarms" aria-current={at === 'alarms' ? 'page' : undefined} {...viewLink}>
          <ViewLabel text={t('equipment.alarms')} />
        </Link>
      ) : null}
      {can('import.read') ? (
        <Link to="/equipment/imports" aria-current={at === 'imports' ? 'page' : undefined} {...viewLink}>
          <ViewLabel text={t('equipment.imports')} />
        </Link>
      ) : null}
    </Views>
  );
}
