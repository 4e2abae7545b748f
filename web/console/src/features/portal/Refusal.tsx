import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Instant, LegalDate } from '@ui/values';
import { answersOf, inputOf } from './answers';
import { appealsQuery, commands, groundsQuery, useApplicationCommand, type Application } from './api';
import classes from './portal.module.css';

/** Why it was refused. */
function Reasons({ application }: { application: Application }) {
  const { t } = useTexts();
  const ground = useGroundText();
  const grounds = useQuery(groundsQuery);
  const notMet = application.checklist.filter((item) => item.result === 'not_met');
  return (
    <section className={classes.spaced}>
      <h2>{t('portal.refused.why')}</h2>
      <ul className={classes.plain}>
        {application.decision?.reasons.map((reason) => (
          <li key={reason}>
            {ground(reason)}
            <span className={classes.law} lang="ru">{grounds.data?.items.find((one) => one.code === reason)?.legal_ref}</span>
          </li>
        ))}
      </ul>
      {application.decision?.note ? <p className={classes.quote}>{application.decision.note}</p> : null}
      {notMet.length > 0 ? (
        <ul className={classes.plain}>
          {notMet.map((item) => (
            <li key={item.code}>
              {item.note}
              <span className={classes.law} lang="ru">{item.legal_ref}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

/** The text of an appeal, opened by a button. */
function Write({ id }: { id: string }) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const file = useApplicationCommand(() => commands.appeal(id, text.trim()));
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  if (!open)
    return (
      <div className={classes.foot}>
        <Button size="md" variant="default" onClick={() => setOpen(true)}>
          {t('appeal.file')}
        </Button>
      </div>
    );
  const problem = file.error ? asProblem(file.error) : undefined;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        file.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Textarea ref={field} label={t('appeal.text')} autosize minRows={4} value={text} onChange={(event) => setText(event.currentTarget.value)} error={problem?.field('/text')} />
      <div className={classes.foot}>
        <Button size="md" type="submit" loading={file.isPending}>
          {t('appeal.send')}
        </Button>
        <Button size="md" variant="subtle" onClick={() => setOpen(false)}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

/** Where, until when and by what law the refusal is appealed, as the decision's own dated answer says, and what was filed. */
function Appeal({ application }: { application: Application }) {
  const { t } = useTexts();
  const can = useCan();
  const { appeal: way, id } = application;
  const appeals = useQuery(appealsQuery(id));
  if (!way) return null;
  const filed = appeals.data?.items ?? [];
  const facts = [
    [t('appeal.until'), <LegalDate key="until" date={way.until} />],
    [t('appeal.body'), way.body],
    [t('appeal.court'), way.court],
    [t('appeal.law'), <span key="law" lang="ru">{way.legal_ref}</span>],
  ] as const;
  return (
    <section className={classes.spaced}>
      <h2>{t('portal.refused.appeal')}</h2>
      <dl className={classes.facts}>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {filed.map((item) => (
        <div key={item.id} className={classes.quote}>
          <span>
            <strong>{t(`appeal.state.${item.state}`)}</strong> · {t('appeal.filed')} <Instant at={item.filed_at} />
          </span>
          <span>{item.text}</span>
          {item.decision ? <span className={classes.hint}>{item.decision}</span> : null}
        </div>
      ))}
      {!way.open ? <p className={classes.hint}>{t('appeal.over')}</p> : null}
      {way.open && can('application.file') && appeals.data && !filed.some((item) => item.state === 'open') ? <Write id={id} /> : null}
    </section>
  );
}

/** Why it was refused, how that is appealed, and the way to begin again with what was said. */
export function Refusal({ application }: { application: Application }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const can = useCan();
  const again = useApplicationCommand(
    () => commands.create({ ...inputOf({ ...answersOf(application), paper: false }), applicant: application.applicant }),
    (draft) => void navigate({ to: '/applications/$id/tasks', params: { id: draft.id } }),
  );
  if (!application.decision) return null;
  return (
    <>
      <Reasons application={application} />
      <Appeal application={application} />
      {can('application.file') ? (
        <section>
          <h2>{t('portal.refused.again')}</h2>
          <p>{t('portal.refused.againText')}</p>
          {again.error ? <ProblemNotice problem={asProblem(again.error)} /> : null}
          <div className={classes.foot}>
            <Button size="md" loading={again.isPending} onClick={() => again.mutate(undefined)}>
              {t('portal.refused.go')}
            </Button>
          </div>
        </section>
      ) : null}
    </>
  );
}
