import { Button, Checkbox, Radio, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { applicationQuery, commands, groundsQuery, useApplicationCommand, type Application } from './api';
import { textOf } from './Checklist';
import classes from './forms.module.css';
import { Letter } from './Letter';

const route = getRouteApi('/applications/$id/decide');

/** How long typing pauses before the letter follows, in milliseconds. */
const PAUSE = 500;

function Form({ application }: { application: Application }) {
  const { t, language } = useTexts();
  const navigate = useNavigate();
  const notMet = application.checklist.filter((item) => item.result === 'not_met');
  const [outcome, setOutcome] = useState<'grant' | 'refuse'>(application.decision?.outcome ?? (notMet.length > 0 ? 'refuse' : 'grant'));
  const [reasons, setReasons] = useState<readonly string[]>(application.decision?.reasons ?? []);
  const [note, setNote] = useState(application.decision?.note ?? '');
  const [settled, setSettled] = useState(note); // the note after a pause: the letter is not read again at each key
  useEffect(() => {
    const timer = setTimeout(() => setSettled(note), PAUSE);
    return () => clearTimeout(timer);
  }, [note]);
  const grounds = useQuery(groundsQuery('refuse'));
  const draft = useApplicationCommand(
    () => commands.draft(application.id, { outcome, ...(outcome === 'refuse' ? { reasons: [...reasons] } : {}), ...(note.trim() ? { note: note.trim() } : {}) }),
    () => void navigate({ to: '/applications/$id', params: { id: application.id } }),
  );
  const problem = draft.error ? asProblem(draft.error) : undefined;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        draft.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      {notMet.length > 0 ? (
        <Callout tone="stop" title={t('decide.notMet', { count: notMet.length })}>
          <ul>
            {notMet.map((item) => (
              <li key={item.code}>
                {textOf(item, language)}
                {item.note ? <span className="muted"> · {item.note}</span> : null}
              </li>
            ))}
          </ul>
        </Callout>
      ) : null}
      <Radio.Group label={t('decide.outcome')} value={outcome} onChange={(value) => setOutcome(value === 'refuse' ? 'refuse' : 'grant')} error={problem?.field('/outcome')}>
        <div className={classes.options}>
          <Radio value="grant" label={t('decide.grant')} description={t('decide.grantHelp')} />
          <Radio value="refuse" label={t('decide.refuse')} description={t('decide.refuseHelp')} />
        </div>
      </Radio.Group>
      {outcome === 'refuse' ? (
        <Loaded query={grounds} rows={3}>
          {(data) => (
            <Checkbox.Group label={t('decide.reasons')} description={t('decide.reasonsHelp')} value={[...reasons]} onChange={setReasons} error={problem?.field('/reasons')}>
              <div className={classes.options}>
                {data.items.map((ground) => (
                  <Checkbox key={ground.code} value={ground.code} label={textOf(ground, language)} description={ground.legal_ref} />
                ))}
              </div>
            </Checkbox.Group>
          )}
        </Loaded>
      ) : null}
      <Textarea label={t('decide.note')} description={t('decide.noteHelp')} autosize minRows={4} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} />
      <Letter id={application.id} decision={{ outcome, ...(outcome === 'refuse' ? { reasons: [...reasons] } : {}), ...(settled.trim() ? { note: settled.trim() } : {}) }} />
      <Callout tone="wait" title={t('act.whatHappens')}>
        <ul>
          <li>{t('decide.next1')}</li>
          <li>{t('decide.next2')}</li>
        </ul>
      </Callout>
      <Actions>
        <Button variant="default" component={Link} to={`/applications/${application.id}`}>
          {t('ui.cancel')}
        </Button>
        <Button type="submit" loading={draft.isPending}>
          {t('decide.save')}
        </Button>
      </Actions>
    </form>
  );
}

/** Drafting a decision. Somebody else signs it. */
export function Decide() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(applicationQuery(id));
  return (
    <Loaded query={query}>
      {(application) => (
        <Page
          width="reading"
          title={t('decide.title', { number: application.number })}
          lead={application.applicant_name}
          back={
            <Link to="/applications/$id" params={{ id }}>
              <BackLabel>{application.number}</BackLabel>
            </Link>
          }
        >
          <Form application={application} />
        </Page>
      )}
    </Loaded>
  );
}
