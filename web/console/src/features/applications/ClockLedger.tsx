import { useQuery } from '@tanstack/react-query';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Instant } from '@ui/values';
import { clockQuery } from './api';
import classes from './ClockLedger.module.css';

/** The ledger of the statutory clock: what the count of days can be checked against. */
export function ClockLedger({ id }: { id: string }) {
  const { t } = useTexts();
  const clock = useQuery(clockQuery(id));
  return (
    <Loaded query={clock} rows={2}>
      {(data) =>
        data.items.length === 0 ? null : (
          <ol className={classes.list} aria-label={t('clock.ledger')}>
            {data.items.map((event) => (
              <li key={event.kind + event.at}>
                <strong>{t(`clock.event.${event.kind}`)}</strong>
                <div className="small">
                  <Instant at={event.at} />
                  {event.kind === 'stood' || event.kind === 'tolled' ? <> – {event.until ? <Instant at={event.until} /> : t('clock.still')}</> : null}
                </div>
                {event.reason ? <div className="small muted">{event.kind === 'stood' ? t(`clock.reason.${event.reason}`) : event.reason}{event.legal_ref ? ` · ${event.legal_ref}` : ''}</div> : null}
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}
