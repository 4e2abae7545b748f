import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { commands, useAccessCommand, type ClientAccess } from './api';
import { makePair, proofOf, type KeyPair } from './keys';
import classes from './Access.module.css';

/** A further key in three steps: make it here, save the private half, register it with a code. */
export function NewKey({ client, onDone }: { client: ClientAccess; onDone: () => void }) {
  const { t } = useTexts();
  const [pair, setPair] = useState<KeyPair>();
  const [file, setFile] = useState<string>();
  const [saved, setSaved] = useState(false);
  const [code, setCode] = useState('');
  const register = useAccessCommand(async ({ made }: { made: KeyPair }) =>
    commands.addKey({ id: client.id, body: { key: made.publicKey, proof: await proofOf(made, client.id, client.audience, Date.now()), code: code.trim() } }),
  );
  useEffect(() => {
    if (!pair) return;
    const address = URL.createObjectURL(new Blob([pair.privateText], { type: 'application/json' }));
    setFile(address);
    return () => URL.revokeObjectURL(address);
  }, [pair]);
  if (register.data)
    return (
      <div role="status">
        <Callout tone="ok" title={t('access.keyAdded')}>
          <p>{t('access.keyAddedHelp')}</p>
          <Button size="compact-sm" variant="default" onClick={onDone}>
            {t('access.done')}
          </Button>
        </Callout>
      </div>
    );
  const problem = register.error ? asProblem(register.error) : undefined;
  return (
    <form
      className={classes.wizard}
      onSubmit={(event) => {
        event.preventDefault();
        if (pair) register.mutate({ made: pair });
      }}
    >
      <p className="small muted">{t('access.wizard')}</p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <div className={classes.row}>
        <Button size="compact-sm" variant={pair ? 'default' : 'filled'} onClick={() => void makePair().then(setPair)}>
          {t('access.makeKey')}
        </Button>
        {file ? (
          <Button size="compact-sm" component="a" href={file} download={`rigistry-${client.id}.jwk.json`} onClick={() => setSaved(true)}>
            {t('access.saveKey')}
          </Button>
        ) : (
          <Button size="compact-sm" variant="default" disabled>
            {t('access.saveKey')}
          </Button>
        )}
      </div>
      <TextInput label={t('access.code')} description={t('access.codeHelp')} autoComplete="off" value={code} onChange={(event) => setCode(event.currentTarget.value)} error={problem?.field('/code')} />
      <div className={classes.row}>
        <Button type="submit" size="compact-sm" loading={register.isPending} disabled={!pair || !saved || code.trim() === ''}>
          {t('access.register')}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={onDone}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}
