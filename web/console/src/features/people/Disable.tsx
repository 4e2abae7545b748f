import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import classes from './People.module.css';

/** Stops an account, after it was asked once more. */
export function Disable({ name, busy, onDisable }: { name: string; busy?: 'busy' | undefined; onDisable: () => void }) {
  const { t } = useTexts();
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <Button size="compact-sm" variant="default" aria-label={t('people.disableOf', { name })} onClick={() => setAsking(true)}>
        {t('people.disable')}
      </Button>
    );
  return (
    <span className={classes.row}>
      <Button size="compact-sm" color="refuse" loading={busy === 'busy'} autoFocus onClick={onDisable}>
        {t('people.disableSure', { name })}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => setAsking(false)}>
        {t('ui.cancel')}
      </Button>
    </span>
  );
}
