import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useTexts } from '@shared/i18n';
import { Callout } from './states';
import classes from './PasswordPrompt.module.css';

interface Props {
  onPassword: (password: string) => void;
  busy: boolean;
  error?: string | undefined;
}

/** Asks for the password in the page before a signature; what was entered on the page stays. */
export function PasswordPrompt({ onPassword, busy, error }: Props) {
  const { t } = useTexts();
  const [password, setPassword] = useState('');
  return (
    <Callout tone="stop" title={t('stepUp.title')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          onPassword(password);
        }}
      >
        <p>{t('stepUp.why')}</p>
        <PasswordInput label={t('stepUp.password')} autoComplete="current-password" required autoFocus value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={error} visibilityToggleButtonProps={{ 'aria-label': t('stepUp.show') }} />
        <Button type="submit" loading={busy}>
          {t('stepUp.go')}
        </Button>
      </form>
    </Callout>
  );
}
