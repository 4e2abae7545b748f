import { type FormEvent, useState } from 'react';
import { NoInspector, OthersWork, signIn } from '../app/core';
import { currentLanguage, languages, setLanguage, t } from '../app/text';
import { Field, Note, Screen } from '../app/ui';
import { go, useApp } from '../app/use';
import { TransportError } from '../outbox/ports';

const isApple = /iPhone|iPad/.test(navigator.userAgent);
const installed = () => matchMedia('(display-mode: standalone)').matches;

/** Why nobody was signed in, in words. */
function wordsOf(error: unknown): string {
  if (error instanceof OthersWork) return t('signIn.othersWork', { name: error.message });
  if (error instanceof NoInspector) return t('signIn.noInspector');
  if (!(error instanceof TransportError)) return t('signIn.broken');
  const { kind } = error.trouble;
  if (kind === 'signed_out') return t('signIn.wrong');
  if (kind === 'locked') return t('signIn.locked');
  if (kind === 'forbidden') return t('signIn.noInspector');
  if (kind === 'wait') return t('signIn.wait');
  return t('signIn.unreachable');
}

export function SignIn() {
  const { online, phase, wiped, expired, counts } = useApp();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailed('');
    try {
      await signIn(String(form.get('login') ?? '').trim(), String(form.get('password') ?? ''));
      go('');
    } catch (e) {
      setFailed(wordsOf(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Screen title={t('signIn.title')} sub={t('signIn.sub')}>
      <div className="langs" role="group" aria-label={t('language')}>
        {languages.map((one) => (
          <button key={one} type="button" className="plain" lang={one} aria-pressed={one === currentLanguage()} onClick={() => void setLanguage(one)}>
            {{ kk: 'Қазақша', ru: 'Русский', en: 'English' }[one]}
          </button>
        ))}
      </div>
      <div style={{ height: 12 }} />
      {phase === 'locked' && (
        <Note tone="refuse" title={t('locked.title')} alert>
          <p>{t('locked.text')}</p>
        </Note>
      )}
      {expired && phase !== 'locked' && <Note tone="stop" title={t('expired.title')}><p>{t('expired.text')}</p></Note>}
      {wiped && (
        <Note tone="refuse" title={t('wiped.title')} alert>
          <p>{t('wiped.text')}</p>
        </Note>
      )}
      {!online && <Note tone="stop" title={t('signIn.offline.title')}><p>{t('signIn.offline.text')}</p></Note>}
      {counts.saved + counts.refused > 0 && (
        <Note tone="stop" title={t('signIn.unsent', { n: counts.saved + counts.refused })}>
          <p>{t('signIn.unsentText')}</p>
          <p><a href="#/sending">{t('sending.title')}</a></p>
        </Note>
      )}
      {isApple && !installed() && <Note tone="stop" title={t('install.title')}><p>{t('install.text')}</p></Note>}
      <form onSubmit={(event) => void submit(event)}>
        <Field label={t('signIn.login')}>
          <input name="login" autoComplete="username" autoCapitalize="none" required />
        </Field>
        <Field label={t('signIn.password')}>
          <input name="password" type="password" autoComplete="current-password" required />
        </Field>
        {failed && <Note tone="refuse" alert><p>{failed}</p></Note>}
        <p style={{ marginTop: 20 }}>
          <button type="submit" className="wide" aria-busy={busy}>{t(busy ? 'signIn.busy' : 'signIn.enter')}</button>
        </p>
      </form>
    </Screen>
  );
}
