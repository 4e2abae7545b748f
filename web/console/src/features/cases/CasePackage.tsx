import { Anchor, Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import { Section } from '@ui/Page';
import type { Case } from './api';
import classes from './Cases.module.css';

/** The evidence of a case as one file; a redacted one says on what ground. */
export function CasePackage({ row }: { row: Case }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const whole = `/v1/cases/${encodeURIComponent(row.id)}/package`;
  return (
    <Section title={t('case.package')} note={t('case.packageText')}>
      <div className={classes.form}>
        <div className={classes.buttons}>
          <Button component="a" href={whole} download size="xs" variant="default">{t('case.packageGet')}</Button>
        </div>
        <TextInput label={t('case.packageReason')} value={reason} maxLength={1000} autoComplete="off" onChange={(event) => setReason(event.currentTarget.value)} />
        {reason.trim() ? <Anchor href={`${whole}?redact=persons,words&reason=${encodeURIComponent(reason.trim())}`} download>{t('case.packageRedacted')}</Anchor> : null}
      </div>
    </Section>
  );
}
