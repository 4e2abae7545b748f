import { Button, Textarea, TextInput } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { legalDateOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { isoDate, toInstant, toKilowatts } from '@shared/parse';
import { DateTimeField } from '@ui/DateTimeField';
import { Actions, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { commands, useCommand } from './acts';
import classes from './ActPage.module.css';
import type { License } from './api';

const typed = (date: string) => date.split('-').reverse().join('.');
const dateOf = (text: string) => isoDate(text) ?? text;

/** What was recorded wrongly, since when it is right, and what shows it; another person signs. */
export function CorrectForm({ license }: { license: License }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const lastDay = legalDateOf(new Date(Date.parse(license.valid_until) - 1));
  const before = { holder: license.holder_name, first: typed(license.first_issued_on), last: typed(lastDay) };
  const [facts, setFacts] = useState(before);
  const [power, setPower] = useState<Record<string, string>>(() => Object.fromEntries(license.sites.map((site) => [site.appendix, String(site.approved_kw)])));
  const [since, setSince] = useState({ date: '', time: '' });
  const [note, setNote] = useState('');
  const [wrong, setWrong] = useState({ nothing: false, note: false, since: false });
  const instant = toInstant(since.date, since.date.trim() && !since.time.trim() ? '00:00' : since.time);
  const approved = license.sites.flatMap((site) => {
    const approved_kw = toKilowatts(power[site.appendix] ?? '');
    return approved_kw === site.approved_kw ? [] : [{ appendix: site.appendix, approved_kw }];
  });
  const correction = {
    ...(facts.holder.trim() === before.holder ? {} : { holder_name: facts.holder.trim() }),
    ...(facts.first === before.first ? {} : { first_issued_on: dateOf(facts.first) }),
    ...(facts.last === before.last ? {} : { last_day: dateOf(facts.last) }),
    ...(approved.length > 0 ? { approved } : {}),
  };
  const draft = useCommand(
    () => commands.draft({ license: license.number, kind: 'correction', note: note.trim(), correction, ...(instant ? { since: instant } : {}) }, license.version),
    (made) => void navigate({ to: '/acts/$id', params: { id: made.id } }),
  );
  const problem = draft.error ? asProblem(draft.error) : undefined;
  const field = (name: keyof typeof facts) => ({
    value: facts[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setFacts((old) => ({ ...old, [name]: value }));
    },
  });
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const faults = { nothing: Object.keys(correction).length === 0, note: note.trim() === '', since: instant === undefined };
        setWrong(faults);
        if (!faults.nothing && !faults.note && !faults.since) draft.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      {wrong.nothing ? <Callout tone="refuse">{t('act.correct.nothing')}</Callout> : null}
      <Section title={t('act.correct.facts')} note={t('act.correct.help')}>
        <div className={classes.form}>
          <TextInput label={t('act.correct.holder')} error={problem?.field('/correction/holder_name')} {...field('holder')} />
          <div className={classes.row}>
            <TextInput label={t('act.correct.first')} inputMode="numeric" error={problem?.field('/correction/first_issued_on')} {...field('first')} />
            <TextInput label={t('act.correct.last')} inputMode="numeric" error={problem?.field('/correction/last_day')} {...field('last')} />
          </div>
          {license.sites.map((site) => (
            <TextInput
              key={site.appendix}
              label={t('act.correct.power', { appendix: site.appendix })}
              description={t('act.correct.powerHelp')}
              inputMode="decimal"
              maw={320}
              error={problem?.field(`/correction/approved_kw/${site.appendix}`)}
              value={power[site.appendix] ?? ''}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setPower((old) => ({ ...old, [site.appendix]: value }));
              }}
            />
          ))}
        </div>
      </Section>
      <DateTimeField label={t('act.since')} help={t('act.sinceHelp')} value={since} onChange={setSince} error={wrong.since ? t('date.wrong') : problem?.field('/since')} />
      <Textarea label={t('act.noteWrong')} autosize minRows={3} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={wrong.note ? t('act.noteMissing') : problem?.field('/note')} />
      <Callout tone="wait">
        <p>{t('act.draftHelp')}</p>
        <p>{t('act.ledger')}</p>
      </Callout>
      <Actions>
        <Button variant="default" component={Link} to={`/licenses/${license.number}`}>
          {t('ui.cancel')}
        </Button>
        <Button type="submit" loading={draft.isPending}>
          {t('act.draft')}
        </Button>
      </Actions>
    </form>
  );
}
