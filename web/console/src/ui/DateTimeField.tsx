import { TextInput } from '@mantine/core';
import { useTexts } from '@shared/i18n';
import classes from './DateTimeField.module.css';

export interface Typed {
  date: string;
  time: string;
}

/** A date and a time as two plain fields, day first in every language; the browser's own picker follows the browser's language, not the page's. */
export function DateTimeField({ label, help, value, onChange, error }: { label: string; help: string; value: Typed; onChange: (typed: Typed) => void; error?: React.ReactNode }) {
  const { t } = useTexts();
  return (
    <fieldset className={classes.set}>
      <legend>{label}</legend>
      <p className="small muted">{help}</p>
      <div className={classes.pair}>
        <TextInput label={t('date.date')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={value.date} error={Boolean(error)} onChange={(event) => onChange({ ...value, date: event.currentTarget.value })} />
        <TextInput label={t('date.time')} placeholder={t('date.timePattern')} autoComplete="off" value={value.time} error={Boolean(error)} onChange={(event) => onChange({ ...value, time: event.currentTarget.value })} />
      </div>
      {error ? <p className={classes.error} role="alert">{error}</p> : null}
    </fieldset>
  );
}
