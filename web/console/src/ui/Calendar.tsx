import { useState } from 'react';
import { legalDate } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { daysOf, monthAfter, step } from '@shared/calendar';
import { IconButton } from './Buttons';
import { BackIcon, ChevronIcon } from './icons';
import classes from './Calendar.module.css';

interface CalendarProps {
  label: string;
  /** The chosen day, YYYY-MM-DD. */
  value: string | undefined;
  /** The last day that can be chosen. */
  last: string;
  onChoose: (date: string) => void;
}

/** A month of days, Monday first. Arrows move by a day and a week, Page Up and Page Down by a month. */
export function Calendar({ label, value, last, onChoose }: CalendarProps) {
  const { t, language } = useTexts();
  const [focus, setFocus] = useState(value ?? last);
  const shown = focus.slice(0, 7);
  const title = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${shown}-01T00:00:00Z`));
  const move = (to: string, grid?: HTMLElement) => {
    const day = to > last ? last : to;
    setFocus(day);
    if (grid) requestAnimationFrame(() => grid.querySelector<HTMLButtonElement>(`[data-day="${day}"]`)?.focus());
  };
  return (
    <div className={classes.calendar} role="group" aria-label={label}>
      <div className={classes.head}>
        <IconButton label={t('asAt.monthBefore')} onClick={() => move(monthAfter(focus, -1))}>
          <BackIcon />
        </IconButton>
        <span aria-live="polite">{title}</span>
        <IconButton label={t('asAt.monthAfter')} disabled={shown >= last.slice(0, 7)} onClick={() => move(monthAfter(focus, 1))}>
          <ChevronIcon />
        </IconButton>
      </div>
      <div
        className={classes.days}
        onKeyDown={(event) => {
          const to = step(focus, event.key);
          if (!to) return;
          event.preventDefault();
          move(to, event.currentTarget);
        }}
      >
        {daysOf(shown).map((day) => (
          <button
            key={day.date}
            type="button"
            data-day={day.date}
            data-outside={day.inside ? undefined : true}
            tabIndex={day.date === focus ? 0 : -1}
            disabled={day.date > last}
            aria-pressed={day.date === value}
            aria-label={legalDate(day.date, language)}
            onClick={() => {
              setFocus(day.date);
              onChoose(day.date);
            }}
          >
            {Number(day.date.slice(8))}
          </button>
        ))}
      </div>
    </div>
  );
}
