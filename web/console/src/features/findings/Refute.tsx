import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Instant } from '@ui/values';
import { refutationsQuery, useRefute, type Finding, type RefutationKind } from './api';
import { Codes } from './Evidence';
import classes from './FindingPage.module.css';

const kinds: readonly RefutationKind[] = ['new_consumer', 'ct_exchange', 'meter_exchange', 'switching_recorded', 'unmetered_supply', 'license_recorded', 'load_declared', 'allow_listed'];

/** What was recorded so far against the finding. */
function Recorded({ id }: { id: string }) {
  const { t } = useTexts();
  const items = useQuery(refutationsQuery(id)).data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <div>
      <h3>{t('triage.refute.recorded')}</h3>
      <ul className={classes.points}>
        {items.map((item) => (
          <li key={item.id}>
            {t(`triage.refute.${item.kind}`)}: {item.note} <span className="muted small"><Instant at={item.at} /></span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What would refute the finding, and a button for each honest explanation that an officer may have found. */
export function Refute({ finding }: { finding: Finding }) {
  const { t } = useTexts();
  const can = useCan();
  const [kind, setKind] = useState<RefutationKind>();
  const [note, setNote] = useState('');
  const refute = useRefute(finding.id, () => {
    setKind(undefined);
    setNote('');
  });
  const problem = refute.error ? asProblem(refute.error) : undefined;
  const may = can('finding.triage') && (finding.state === 'open' || finding.state === 'acknowledged');
  return (
    <Section title={t('finding.refute')}>
      <div className={classes.argument}>
        <Codes prefix="refutation" codes={finding.evidence.refutations} empty={t('finding.noRefutations')} />
        <Recorded id={finding.id} />
        {may ? (
          <div className={`${classes.triage} no-print`}>
            <p className="small muted">{t('triage.refute.help')}</p>
            <div className={classes.buttons}>
              {kinds.map((one) => (
                <Button key={one} size="compact-sm" variant={one === kind ? 'filled' : 'default'} aria-pressed={one === kind} onClick={() => setKind(one === kind ? undefined : one)}>
                  {t(`triage.refute.${one}`)}
                </Button>
              ))}
            </div>
            {kind ? (
              <form
                className={classes.triage}
                onSubmit={(event) => {
                  event.preventDefault();
                  refute.mutate({ kind, note: note.trim() });
                }}
              >
                {problem ? <ProblemNotice problem={problem} /> : null}
                <Textarea label={t('triage.refute.note')} description={t('triage.refute.noteHelp')} autosize minRows={2} autoFocus value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} />
                <div className={classes.buttons}>
                  <Button type="submit" loading={refute.isPending} disabled={note.trim() === ''}>{t('triage.refute.do')}</Button>
                  <Button variant="subtle" onClick={() => setKind(undefined)}>{t('ui.cancel')}</Button>
                </div>
              </form>
            ) : null}
          </div>
        ) : null}
      </div>
    </Section>
  );
}
