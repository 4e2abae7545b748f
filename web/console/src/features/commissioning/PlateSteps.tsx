import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useCodeText, useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import type { Draft } from './draft';
import { ratioOf } from './draft';
import classes from './Commission.module.css';

export interface FieldsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  onNext: () => void;
}

type Texts = Exclude<keyof Draft, 'reasons'>;

/** Fields of a draft with what is wrong with them; nothing is said before the first try. */
function useFields(draft: Draft, change: FieldsProps['change']) {
  const [tried, setTried] = useState(false);
  const field = (name: Texts, label: string, more: { description?: string; wrong?: string | undefined; inputMode?: 'numeric'; placeholder?: string; list?: string } = {}) => {
    const { wrong, ...rest } = more;
    return <TextInput label={label} autoComplete="off" {...rest} value={draft[name]} onChange={(event) => change({ [name]: event.currentTarget.value })} error={tried ? wrong : undefined} />;
  };
  return { field, tried, setTried };
}

function Screen({ title, help, onSubmit, children }: { title: string; help: string; onSubmit: () => void; children: React.ReactNode }) {
  const { t } = useTexts();
  return (
    <form
      className={classes.question}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <h2>{title}</h2>
      <p className="muted">{help}</p>
      <div className={classes.form}>{children}</div>
      <div className={classes.act}><Button type="submit">{t('commission.next')}</Button></div>
    </form>
  );
}

/** What is written on the meter. */
export function PlateStep({ draft, change, onNext }: FieldsProps) {
  const { t } = useTexts();
  const { field, setTried } = useFields(draft, change);
  const on = isoDate(draft.verifiedOn);
  const until = isoDate(draft.verifiedUntil);
  const wrongUntil = until === undefined ? t('date.wrong') : on !== undefined && until <= on ? t('commission.plate.untilWrong') : undefined;
  const good = draft.serial.trim() !== '' && on !== undefined && wrongUntil === undefined;
  return (
    <Screen title={t('commission.plate.ask')} help={t('commission.plate.help')} onSubmit={() => (good ? onNext() : setTried(true))}>
      {field('serial', t('meter.serial'), { wrong: draft.serial.trim() ? undefined : t('commission.needed') })}
      <div className={classes.pair}>
        {field('vendor', t('commission.plate.vendor'))}
        {field('model', t('commission.plate.model'))}
      </div>
      <div className={classes.pair}>
        {field('cls', t('meter.class'), { placeholder: '0.5S' })}
        {field('maxA', t('commission.plate.maxA'), { inputMode: 'numeric', description: t('commission.plate.maxAHelp') })}
      </div>
      {field('volts', t('commission.plate.volts'), { inputMode: 'numeric', description: t('commission.plate.voltsHelp') })}
      <div className={classes.pair}>
        {field('verifiedOn', t('commission.plate.verifiedOn'), { inputMode: 'numeric', placeholder: t('date.pattern'), wrong: on === undefined ? t('date.wrong') : undefined })}
        {field('verifiedUntil', t('meter.verified'), { inputMode: 'numeric', placeholder: t('date.pattern'), wrong: wrongUntil })}
      </div>
    </Screen>
  );
}

/** Whether the meter is connected through transformers. */
export function RatioStep({ draft, change, onNext }: FieldsProps) {
  const { t } = useTexts();
  const { field, setTried } = useFields(draft, change);
  const wrong = (typed: string) => (ratioOf(typed) ? undefined : t('exchange.ratioWrong'));
  return (
    <Screen title={t('commission.ratio.ask')} help={t('commission.ratio.help')} onSubmit={() => (ratioOf(draft.ct) && ratioOf(draft.vt) ? onNext() : setTried(true))}>
      <div className={classes.pair}>
        {field('ct', t('meter.ct'), { description: t('exchange.ratioHelp'), wrong: wrong(draft.ct) })}
        {field('vt', t('meter.vt'), { description: t('exchange.ratioHelp'), wrong: wrong(draft.vt) })}
      </div>
    </Screen>
  );
}

const kinds = ['connection_point', 'feeder', 'substation', 'transformer', 'pdu'] as const;
const roles = ['revenue', 'check', 'feeder', 'transformer', 'pdu', 'generator', 'substation'] as const;

/** What the meter measures, and how it is called. */
export function PlaceStep({ draft, change, onNext }: FieldsProps) {
  const { t } = useTexts();
  const text = useCodeText();
  const { field, setTried } = useFields(draft, change);
  const every = Number(draft.every);
  const wrongEvery = Number.isInteger(every) && every >= 1 && every <= 86_400 ? undefined : t('commission.place.everyWrong');
  const needed = (typed: string) => (typed.trim() ? undefined : t('commission.needed'));
  return (
    <Screen title={t('commission.place.ask')} help={t('commission.place.help')} onSubmit={() => (draft.node.trim() && draft.code.trim() && !wrongEvery ? onNext() : setTried(true))}>
      <div className={classes.pair}>
        <NativeSelect label={t('commission.place.kind')} data={kinds.map((value) => ({ value, label: text('noun', value) }))} value={draft.kind} onChange={(event) => change({ kind: event.currentTarget.value })} />
        {field('node', t('commission.place.node'), { description: t('commission.place.nodeHelp'), wrong: needed(draft.node) })}
      </div>
      <NativeSelect label={t('commission.place.role')} data={roles.map((value) => ({ value, label: text('meterRole', value) }))} value={draft.role} onChange={(event) => change({ role: event.currentTarget.value })} />
      <div className={classes.pair}>
        {field('code', t('commission.place.code'), { description: t('commission.place.codeHelp'), wrong: needed(draft.code) })}
        {field('every', t('commission.place.every'), { inputMode: 'numeric', wrong: wrongEvery })}
      </div>
    </Screen>
  );
}
