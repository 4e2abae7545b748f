import { Link } from '@tanstack/react-router';
import { bodyFacts, type EventLike } from '@shared/events';
import { useGroundText } from '@shared/grounds';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Timeline } from './Timeline';
import classes from './LedgerTimeline.module.css';

/** The history of an object from the ledger, each entry with the way to its proof for whoever may read the ledger. */
export function LedgerTimeline({ events }: { events: readonly EventLike[] }) {
  const { t } = useTexts();
  const text = useCodeText();
  const proves = useCan()('ledger.read');
  const newestFirst = [...events].sort((a, b) => b.at.localeCompare(a.at) || (b.index ?? 0) - (a.index ?? 0));
  return (
    <Timeline
      entries={newestFirst.map((event) => ({
        key: event.id,
        at: event.at,
        actor: event.actor || t('actor.system'),
        what: text('event', event.kind),
        detail: <BodyFacts body={event.body} />,
        proof:
          event.index === undefined || event.index < 0 ? (
            t('ledger.unsealed')
          ) : !proves ? undefined : (
            <Link to="/ledger/$index" params={{ index: String(event.index) }}>
              {t('ledger.proofOf', { index: event.index })}
            </Link>
          ),
      }))}
    />
  );
}

/** The short facts of an entry that the catalogues have a name for; identifiers and the like stay with the proof. */
export function BodyFacts({ body }: { body: unknown }) {
  const { t, has } = useTexts();
  const ground = useGroundText();
  const facts = bodyFacts(body).filter((fact) => has(`field.${fact.name}`));
  if (facts.length === 0) return null;
  return (
    <span className={classes.facts}>
      {facts.map((fact) => (
        <span key={fact.name}>
          <span className="muted">{t(`field.${fact.name}`)}</span> {fact.name === 'ground' ? ground(fact.value) : has(`value.${fact.name}.${fact.value}`) ? t(`value.${fact.name}.${fact.value}`) : fact.value}
        </span>
      ))}
    </span>
  );
}
