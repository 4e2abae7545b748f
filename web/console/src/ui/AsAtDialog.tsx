import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { legalDateOf, wallOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useMoment } from '@shared/moment';
import { isoDate, toInstant } from '@shared/parse';
import { Calendar } from './Calendar';
import { DateTimeField, type Typed } from './DateTimeField';
import classes from './AsAt.module.css';

const typedOf = (at: string | undefined): Typed => (at ? wallOf(new Date(at)) : { date: '', time: '' });

/** What is typed as an instant: '' for nothing, undefined for what is none. A date alone is the end of what was known by its midday. */
const instantOf = ({ date, time }: Typed) => toInstant(date, date.trim() !== '' && time.trim() === '' ? '12:00' : time);

/** Chooses the instant that the pages are about, and the instant whose knowledge they show. */
export default function AsAtDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTexts();
  const moment = useMoment();
  const navigate = useNavigate();
  const box = useRef<HTMLDialogElement>(null);
  const [asAt, setAsAt] = useState(typedOf(moment.as_at));
  const [known, setKnown] = useState(typedOf(moment.known_at));
  const [wrong, setWrong] = useState({ asAt: '', known: '' });
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);

  const show = () => {
    const instants = { asAt: instantOf(asAt), known: instantOf(known) };
    const fault = (at: string | undefined) => (at === undefined ? t('date.wrong') : at !== '' && Date.parse(at) > Date.now() ? t('asAt.future') : '');
    const faults = { asAt: fault(instants.asAt), known: fault(instants.known) };
    if (instants.asAt === '' && instants.known === '') faults.asAt = t('asAt.nothing');
    setWrong(faults);
    if (faults.asAt || faults.known) return;
    onClose();
    void navigate({ to: '.', search: (before: object) => ({ ...before, as_at: instants.asAt || undefined, known_at: instants.known || undefined }) });
  };

  return (
    <dialog ref={box} className={classes.dialog} aria-label={t('asAt.title')} onCancel={onClose} onClose={onClose}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          show();
        }}
      >
        <h2>{t('asAt.title')}</h2>
        <p className="muted small">{t('asAt.lead')}</p>
        <Calendar
          label={t('asAt.calendar')}
          value={isoDate(asAt.date)}
          last={legalDateOf(new Date())}
          onChoose={(date) => setAsAt((before) => ({ date: date.split('-').reverse().join('.'), time: before.time || '12:00' }))}
        />
        <DateTimeField label={t('asAt.asAt')} help={t('asAt.asAtHelp')} value={asAt} onChange={setAsAt} error={wrong.asAt} />
        <DateTimeField label={t('asAt.known')} help={t('asAt.knownHelp')} value={known} onChange={setKnown} error={wrong.known} />
        <div className={classes.buttons}>
          <Button type="submit">{t('asAt.show')}</Button>
          <Button variant="default" onClick={onClose}>
            {t('ui.close')}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
