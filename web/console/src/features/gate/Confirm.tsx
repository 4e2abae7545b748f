import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask, newKey } from '@shared/api/client';
import { asProblem } from '@shared/api/problem';
import { wallOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { toInstant } from '@shared/parse';
import { powerOf } from '@shared/table';
import { DateTimeField } from '@ui/DateTimeField';
import { ProblemNotice } from '@ui/ProblemNotice';
import type { CheckRecord } from './api';
import classes from './GateConsole.module.css';

/** Reports that a permitted connection was energised. */
export function Confirm({ record }: { record: CheckRecord }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const [now] = useState(() => wallOf(new Date()));
  const [typed, setTyped] = useState({ at: now, kw: String(record.max_kw ?? ''), meter: '', order: '' });
  const [wrong, setWrong] = useState('');
  const act = useMutation({
    mutationFn: (body: { energised_at: string; kw: number; meter_serial: string; switching_order: string }) =>
      ask(api.POST('/v1/gate/checks/{id}/confirmation', { params: { path: { id: record.id }, header: { 'Idempotency-Key': newKey() } }, body })),
    onSuccess: () => Promise.all(['checks', 'check', 'connection-points'].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
  const problem = act.error ? asProblem(act.error) : undefined;
  return (
    <form
      className={classes.form}
      style={{ maxInlineSize: 420 }}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // Left as it was offered it means now; the minute alone may lie before the permit that was given in it.
        const at = typed.at === now ? new Date().toISOString() : toInstant(typed.at.date, typed.at.time);
        const kw = powerOf(typed.kw);
        setWrong(!at ? 'at' : kw === undefined ? 'kw' : '');
        if (at && kw !== undefined) act.mutate({ energised_at: at, kw, meter_serial: typed.meter.trim(), switching_order: typed.order.trim() });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <DateTimeField label={t('confirm.at')} help={t('confirm.atHelp')} value={typed.at} onChange={(at) => setTyped({ ...typed, at })} error={wrong === 'at' ? t('date.wrong') : problem?.field('/energised_at')} />
      <TextInput label={t('confirm.kw')} inputMode="decimal" autoComplete="off" value={typed.kw} onChange={(event) => setTyped({ ...typed, kw: event.currentTarget.value })} error={wrong === 'kw' ? t('gate.powerWrong') : problem?.field('/kw')} />
      <TextInput label={t('confirm.meter')} className="mono-field" autoComplete="off" value={typed.meter} onChange={(event) => setTyped({ ...typed, meter: event.currentTarget.value })} error={problem?.field('/meter_serial')} />
      <TextInput label={t('confirm.order')} autoComplete="off" value={typed.order} onChange={(event) => setTyped({ ...typed, order: event.currentTarget.value })} error={problem?.field('/switching_order')} />
      <div>
        <Button type="submit" loading={act.isPending}>{t('confirm.send')}</Button>
      </div>
    </form>
  );
}
