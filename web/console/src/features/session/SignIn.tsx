import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Failure } from '@ui/states';
import { sessionQuery, signIn } from './api';
import classes from './SignIn.module.css';

/** Sign-in. It stands in place of the page that was asked for, so that the address stays. */
export function SignIn({ tools }: { tools: React.ReactNode }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const title = t('signIn.title');
  useEffect(() => {
    document.title = `${title} · Rigistry`;
  }, [title]);
  const enter = useMutation({
    mutationFn: () => signIn(login.trim(), password),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
  const problem = enter.error ? asProblem(enter.error) : undefined;
  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <span className={classes.brand}>Rigistry</span>
        <span className={classes.tools}>{tools}</span>
      </header>
      <main className={classes.main}>
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            enter.mutate();
          }}
        >
          <div>
            <h1>{title}</h1>
            <p className="muted">{t('signIn.lead')}</p>
          </div>
          {problem ? <Failure title={t(problem.status === 0 ? 'ui.problem.unreachable' : 'signIn.failed')} detail={problem.status === 0 ? t('ui.problem.unreachableDetail') : problem.detail} trace={problem.requestId || undefined} /> : null}
          <TextInput label={t('signIn.login')} name="login" autoComplete="username" required withAsterisk={false} size="md" value={login} onChange={(event) => setLogin(event.currentTarget.value)} />
          <PasswordInput
            label={t('signIn.password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            size="md"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
          />
          <Button type="submit" size="md" loading={enter.isPending}>
            {t('signIn.enter')}
          </Button>
          <p className="small muted">{t('signIn.help')}</p>
          <p className="small">
            <a href="/">{t('signIn.public')}</a>
          </p>
        </form>
      </main>
    </div>
  );
}
