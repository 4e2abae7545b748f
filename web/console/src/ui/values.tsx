import { useState } from 'react';
import { useNow } from '@shared/clock';
import { exactInstant, instant, kw, kwh, legalDate, short, span } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { IconButton } from './Buttons';
import { CheckIcon, CopyIcon } from './icons';
import classes from './values.module.css';

/** Kilowatts with their unit. */
export function Kw({ value }: { value: number | null | undefined }) {
  const { language } = useTexts();
  return <span className="num">{value === null || value === undefined ? '–' : kw(value, language)}</span>;
}

/** Kilowatt-hours with their unit. */
export function Kwh({ value }: { value: number | null | undefined }) {
  const { language } = useTexts();
  return <span className="num">{value === null || value === undefined ? '–' : kwh(value, language)}</span>;
}

/** A legal date. */
export function LegalDate({ date }: { date: string | null | undefined }) {
  const { language } = useTexts();
  return date ? <time dateTime={date} className="num">{legalDate(date, language)}</time> : <span>–</span>;
}

/** An instant in UTC+5; the exact one on hover and focus. */
export function Instant({ at }: { at: string | null | undefined }) {
  const { language } = useTexts();
  const now = useNow(60_000);
  if (!at) return <span>–</span>;
  return (
    <time dateTime={at} title={exactInstant(at, language)} className={`num ${classes.instant}`}>
      {instant(at, now, language)}
    </time>
  );
}

/** From so many days on a date says more than a count of days. */
const DATE_FROM_DAYS = 60;

/** How long ago something was, in its largest unit; what is long past by its date. */
export function Age({ at, every = 30_000 }: { at: string | null | undefined; every?: number }) {
  const { t, language } = useTexts();
  const now = useNow(every);
  if (!at) return <span>–</span>;
  const { unit, value } = span(now.getTime() - new Date(at).getTime());
  if (unit === 'days' && value >= DATE_FROM_DAYS) return <Instant at={at} />;
  return (
    <time dateTime={at} title={exactInstant(at, language)} className="num">
      {t(`ui.ago.${unit}`, { count: value })}
    </time>
  );
}

interface IdentifierProps {
  value: string;
  /** Show the middle as an ellipsis; the whole is copied. */
  shorten?: 'middle';
  children?: React.ReactNode;
}

/** An identifier in the mono face with a copy button on hover and focus. */
export function Identifier({ value, shorten, children }: IdentifierProps) {
  const { t } = useTexts();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <span className={classes.identifier}>
      <span className="mono" title={shorten ? value : undefined}>
        {children ?? (shorten ? short(value) : value)}
      </span>
      <IconButton className={classes.copy} size={24} label={copied ? t('ui.copied') : t('ui.copy', { value })} onClick={() => void copy()}>
        {copied ? <CheckIcon /> : <CopyIcon />}
      </IconButton>
    </span>
  );
}

export interface Fact {
  label: string;
  value: React.ReactNode;
}

/** Facts as a list of names and values. */
export function Facts({ facts, layout = 'column' }: { facts: readonly (Fact | false | null | undefined)[]; layout?: 'column' | 'row' }) {
  return (
    <dl className={classes.facts} data-layout={layout}>
      {facts.map((fact) =>
        fact ? (
          <div key={fact.label}>
            <dt>{fact.label}</dt>
            <dd>{fact.value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

/** A bar of a part of a whole; beyond the whole it is drawn in the refusal colour. The numbers stand beside it in text. */
export function ShareBar({ value, of, tone }: { value: number; of: number; tone?: 'refuse' | 'stop' | 'wait' }) {
  const share = of > 0 ? value / of : value > 0 ? 1 : 0;
  const over = of > 0 ? share > 1 : value > 0;
  return (
    <span className={classes.bar} data-tone={tone ?? (over ? 'refuse' : undefined)} aria-hidden="true">
      <span style={{ inlineSize: `${Math.min(100, Math.max(0, share * 100))}%` }} />
    </span>
  );
}
