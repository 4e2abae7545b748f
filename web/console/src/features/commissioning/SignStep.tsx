import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useCodeText, useTexts } from '@shared/i18n';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Facts } from '@ui/values';
import { bind, freshKey, type BindingBody } from './api';
import { checkBody } from './CheckStep';
import type { Draft } from './draft';
import type { FieldsProps } from './PlateSteps';
import classes from './Commission.module.css';

const body = (read: string, draft: Draft): BindingBody => ({
  ...checkBody(read, draft),
  code: draft.code.trim(),
  role: draft.role as BindingBody['role'],
  node_kind: draft.kind,
  node: draft.node.trim(),
  every_s: Math.round(Number(draft.every)),
  reasons: draft.reasons,
  seals: draft.seals.trim(),
  act: draft.act.trim(),
  installer: draft.installer.trim(),
});

/** The act: seals, number, who did it. Then the meter is bound. */
export function SignStep({ read, draft, change, onBound }: Omit<FieldsProps, 'onNext'> & { read: string; onBound: () => void }) {
  const { t } = useTexts();
  const text = useCodeText();
  const client = useQueryClient();
  const [key, setKey] = useState(freshKey);
  const [tried, setTried] = useState(false);
  const act = useMutation({
    mutationFn: () => bind(body(read, draft), key),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['commissioning'] });
      onBound();
    },
    onError: () => setKey(freshKey()),
  });
  const problem = act.error ? asProblem(act.error) : undefined;
  const full = [draft.seals, draft.act, draft.installer].every((typed) => typed.trim() !== '');
  const input = (name: 'seals' | 'act' | 'installer', label: string, description?: string) => (
    <TextInput label={label} description={description} autoComplete="off" value={draft[name]} onChange={(event) => change({ [name]: event.currentTarget.value })} error={problem?.field(`/${name}`) ?? (tried && !draft[name].trim() ? t('commission.needed') : undefined)} />
  );
  return (
    <form
      className={classes.question}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (full) act.mutate();
      }}
    >
      <h2>{t('commission.sign.ask')}</h2>
      <p className="muted">{t('commission.sign.help')}</p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Facts
        facts={[
          { label: t('commission.place.code'), value: <span className="mono">{draft.code}</span> },
          { label: t('meter.measures'), value: <>{text('noun', draft.kind)} <span className="mono">{draft.node}</span></> },
          { label: t('meter.serial'), value: <span className="mono">{draft.serial}</span> },
          { label: t('meter.ct'), value: <span className="num">{draft.ct}</span> },
          { label: t('meter.vt'), value: <span className="num">{draft.vt}</span> },
        ]}
      />
      <div className={classes.form}>
        {input('seals', t('commission.sign.seals'))}
        {input('act', t('commission.sign.act'))}
        {input('installer', t('commission.sign.installer'), t('commission.sign.installerHelp'))}
      </div>
      <div className={classes.act}><Button type="submit" loading={act.isPending}>{t('commission.sign.bind')}</Button></div>
    </form>
  );
}
