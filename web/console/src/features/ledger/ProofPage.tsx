import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useCodeText, useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { Callout } from '@ui/states';
import { Facts, Identifier, Instant } from '@ui/values';
import { proofQuery } from './api';
import classes from './Ledger.module.css';

const route = getRouteApi('/ledger/$index');
const tones = { proven: 'ok', contradicted: 'refuse', unavailable: 'unknown' } as const;

/** One entry and the proof that it is in the tree. */
export function ProofPage() {
  const { t } = useTexts();
  const text = useCodeText();
  const { index } = route.useParams();
  const query = useQuery(proofQuery(index));
  return (
    <Page
      title={t('proof.title', { index })}
      back={
        <Link to="/ledger">
          <BackLabel>{t('nav.ledger')}</BackLabel>
        </Link>
      }
    >
      <Loaded query={query}>
        {({ proof, verdict }) => (
          <div className={classes.stack}>
            <Callout tone={tones[verdict]} title={t(`proof.${verdict}`)}>
              {t(`proof.${verdict}Help`)}
            </Callout>
            <Section title={text('event', proof.event.kind)}>
              <Facts
                layout="row"
                facts={[
                  { label: t('ledger.at'), value: <Instant at={proof.event.at} /> },
                  { label: t('ledger.actor'), value: proof.event.actor || t('actor.system') },
                  { label: t('ledger.subject'), value: <>{text('noun', proof.event.subject_kind)} <Identifier value={proof.event.subject_id} {...(proof.event.subject_id.length > 24 ? { shorten: 'middle' as const } : {})} /></> },
                  { label: t('ledger.kind'), value: <span className="mono">{proof.event.kind}</span> },
                ]}
              />
              {proof.event.body === undefined ? null : (
                <pre className={classes.note} tabIndex={0} aria-label={t('proof.body')}>{JSON.stringify(proof.event.body, null, 2)}</pre>
              )}
            </Section>
            <Section title={t('proof.path')} note={t('proof.pathNote', { count: proof.hashes.length })}>
              <Facts facts={[{ label: t('proof.leafHash'), value: <Identifier value={proof.leaf_hash} /> }]} />
              <ol className={classes.path}>
                {proof.hashes.map((hash, position) => (
                  <li key={position} className="mono">{hash}</li>
                ))}
              </ol>
            </Section>
            <Section title={t('ledger.note')}>
              <pre className={classes.note} tabIndex={0} aria-label={t('ledger.note')}>{proof.checkpoint}</pre>
            </Section>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
