import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { wallOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { toInstant } from '@shared/parse';
import { DateTimeField } from '@ui/DateTimeField';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { meterQuery, type Meter } from './api';
import { exchange, freshKey, type ExchangeBody } from './polling';
import { ratioOf, registerOf } from './typed';
import classes from './MeterPage.module.css';

const route = getRouteApi('/meters/$id/exchange');

const pointers = { serial: '/new_serial', final: '/final_kwh', first: '/first_kwh', ct: '/ct_num', vt: '/vt_num', oldSeals: '/old_seals', newSeals: '/new_seals', act: '/act' } as const;
type Field = keyof typeof pointers;

function Form({ meter, id }: { meter: Meter; id: string }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [key] = useState(freshKey);
  const [at, setAt] = useState(() => wallOf(new Date()));
  const [typed, setTyped] = useState<Record<Field, string>>({ serial: '', final: '', first: '', ct: `${meter.ct_num ?? 1}/${meter.ct_den ?? 1}`, vt: `${meter.vt_num ?? 1}/${meter.vt_den ?? 1}`, oldSeals: '', newSeals: '', act: '' });
  const [wrong, setWrong] = useState<Partial<Record<Field | 'at', string>>>({});
  const act = useMutation({
    mutationFn: (body: ExchangeBody) => exchange(meter, body, key),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['meter', id] });
      await navigate({ to: '/meters/$id', params: { id } });
    },
  });
  const problem = act.error ? asProblem(act.error) : undefined;
  const submit = () => {
    const instant = toInstant(at.date, at.time);
    const final = registerOf(typed.final);
    const first = registerOf(typed.first);
    const ct = ratioOf(typed.ct);
    const vt = ratioOf(typed.vt);
    const missing: Partial<Record<Field | 'at', string>> = {
      ...(instant ? {} : { at: t('date.wrong') }),
      ...(final === undefined ? { final: t('exchange.registerWrong') } : {}),
      ...(first === undefined ? { first: t('exchange.registerWrong') } : {}),
      ...(ct ? {} : { ct: t('exchange.ratioWrong') }),
      ...(vt ? {} : { vt: t('exchange.ratioWrong') }),
      ...(typed.newSeals.trim() ? {} : { newSeals: t('exchange.needed') }),
      ...(typed.act.trim() ? {} : { act: t('exchange.needed') }),
    };
    setWrong(missing);
    if (!instant || final === undefined || first === undefined || !ct || !vt || Object.keys(missing).length > 0) return;
    act.mutate({
      at: instant,
      ...(typed.serial.trim() ? { new_serial: typed.serial.trim() } : {}),
      ct_num: ct.num,
      ct_den: ct.den,
      vt_num: vt.num,
      vt_den: vt.den,
      final_kwh: final,
      first_kwh: first,
      old_seals: typed.oldSeals.trim(),
      new_seals: typed.newSeals.trim(),
      act: typed.act.trim(),
    });
  };
  const input = (field: Field, label: string, more: { description?: string; inputMode?: 'decimal' } = {}) => (
    <TextInput label={label} autoComplete="off" {...more} value={typed[field]} onChange={(event) => setTyped({ ...typed, [field]: event.currentTarget.value })} error={wrong[field] ?? problem?.field(pointers[field])} />
  );
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <DateTimeField label={t('exchange.at')} help={t('exchange.atHelp')} value={at} onChange={setAt} error={wrong.at ?? problem?.field('/at')} />
      {input('serial', t('exchange.newSerial'), { description: t('exchange.newSerialHelp', { serial: meter.serial || '–' }) })}
      <div className={classes.pair}>
        {input('final', t('exchange.final'), { inputMode: 'decimal' })}
        {input('first', t('exchange.first'), { inputMode: 'decimal' })}
      </div>
      <div className={classes.pair}>
        {input('ct', t('meter.ct'), { description: t('exchange.ratioHelp') })}
        {input('vt', t('meter.vt'), { description: t('exchange.ratioHelp') })}
      </div>
      <div className={classes.pair}>
        {input('oldSeals', t('exchange.oldSeals'))}
        {input('newSeals', t('exchange.newSeals'))}
      </div>
      {input('act', t('exchange.act'))}
      <p className="small muted">{t('exchange.consequence')}</p>
      <div>
        <Button type="submit" loading={act.isPending}>{t('exchange.send')}</Button>
      </div>
    </form>
  );
}

/** Records that a meter or its transformers were exchanged. */
export function ExchangePage() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery({ ...meterQuery(id), refetchInterval: false });
  return (
    <Loaded query={query}>
      {(meter) => (
        <Page title={t('exchange.title', { code: meter.code })} back={<Link to="/meters/$id" params={{ id }}><BackLabel>{meter.code}</BackLabel></Link>} width="reading">
          <Form meter={meter} id={id} />
        </Page>
      )}
    </Loaded>
  );
}
