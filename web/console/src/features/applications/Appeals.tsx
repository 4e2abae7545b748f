import { Button, TextInput, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useCan, useSession } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Facts, Instant, LegalDate } from '@ui/values';
import { useApplicationCommand, type Application } from './api';
import { Reasoned } from './Conflicts';
import classes from './forms.module.css';
import { appealsQuery, reviewCommands } from './review';

function Outcome({ application }: { application: Application }) {
  const { t } = useTexts();
  const [decision, setDecision] = useState('');
  const [note, setNote] = useState('');
  const record = useApplicationCommand((outcome: 'upheld' | 'dismissed') => reviewCommands.appealOutcome(application.id, { outcome, decision: decision.trim(), ...(note.trim() ? { note: note.trim() } : {}) }));
  const problem = record.error ? asProblem(record.error) : undefined;
  return (
    <div className={classes.form}>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('appeal.decision')} maw={420} value={decision} onChange={(event) => setDecision(event.currentTarget.value)} error={problem?.field('/decision')} />
      <Textarea label={t('decide.note')} maw={560} autosize minRows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
        <Button size="xs" loading={record.isPending} onClick={() => record.mutate('upheld')}>
          {t('appeal.uphold')}
        </Button>
        <Button size="xs" variant="default" loading={record.isPending} onClick={() => record.mutate('dismissed')}>
          {t('appeal.dismiss')}
        </Button>
      </div>
    </div>
  );
}

/** How a refusal is appealed, and the appeals that were filed. */
export function Appeals({ application }: { application: Application }) {
  const { t } = useTexts();
  const can = useCan();
  const { user } = useSession();
  const appeals = useQuery(appealsQuery(application.id));
  const { appeal: route, decision } = application;
  if (!route && (appeals.data?.items ?? []).length === 0) return null;
  return (
    <Section title={t('appeal.title')}>
      <div className={classes.form}>
        {route ? (
          <Facts
            layout="row"
            facts={[
              { label: t('appeal.until'), value: <LegalDate date={route.until} /> },
              { label: t('appeal.body'), value: route.body },
              { label: t('appeal.court'), value: route.court },
              { label: t('appeal.law'), value: route.legal_ref },
            ]}
          />
        ) : null}
        <Loaded query={appeals} rows={2}>
          {(data) => {
            const open = data.items.find((item) => item.state === 'open');
            return (
              <>
                {data.items.map((item) => (
                  <div key={item.id}>
                    <strong>{t(`appeal.state.${item.state}`)}</strong> · {t('appeal.against', { order: item.refusal_order })} · {t('appeal.filed')} <Instant at={item.filed_at} />
                    <p>{item.text}</p>
                    {item.decision ? <p className="small muted">{item.decision}, <Instant at={item.recorded_at} /></p> : null}
                  </div>
                ))}
                {open && can('appeal.record') && decision?.drafter !== user.id && decision?.signer !== user.id ? <Outcome application={application} /> : null}
                {!open && route && can('application.file') ? (
                  route.open ? <Reasoned id={application.id} open={t('appeal.file')} label={t('appeal.text')} send={t('appeal.send')} run={reviewCommands.appeal} /> : <p className="muted">{t('appeal.over')}</p>
                ) : null}
              </>
            );
          }}
        </Loaded>
      </div>
    </Section>
  );
}
