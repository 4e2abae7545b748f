import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { legalDateOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useMoment, isPast } from '@shared/moment';
import { isoDate } from '@shared/parse';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Identifier, Instant, LegalDate } from '@ui/values';
import { commands, personsQuery, usePartyCommand, type Person } from './api';
import { nameOf } from './names';
import { blankPerson, formOf, heldOn, inputOf, never, shareOn, timelineOf, type PersonForm } from './persons';
import classes from './Parties.module.css';

interface EditorProps {
  party: string;
  person?: Person | undefined;
  onDone: () => void;
}

function Editor({ party, person, onDone }: EditorProps) {
  const { t } = useTexts();
  const [form, setForm] = useState<PersonForm>(person ? formOf(person) : blankPerson);
  const save = usePartyCommand(
    (typed: PersonForm) => (person ? commands.correctPerson(party, person.id, person.version, inputOf(typed)) : commands.addPerson(party, inputOf(typed))),
    onDone,
  );
  const problem = save.error ? asProblem(save.error) : undefined;
  const field = (name: keyof PersonForm, pointer: string) => ({
    value: form[name],
    autoComplete: 'off',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setForm((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(pointer),
  });
  return (
    <form
      className={`${classes.form} ${classes.editor}`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(form);
      }}
    >
      <h3>{t(person ? 'person.correctTitle' : 'person.addTitle')}</h3>
      {person ? <p className="small muted">{t('person.correctNote')}</p> : null}
      {problem ? <ProblemNotice problem={problem} /> : null}
      <NativeSelect
        label={t('person.role')}
        value={form.role}
        onChange={(event) => setForm({ ...form, role: event.currentTarget.value as PersonForm['role'] })}
        data={(['director', 'beneficial_owner'] as const).map((value) => ({ value, label: t(`personRole.${value}`) }))}
        error={problem?.field('/role')}
      />
      <TextInput label={t('person.name')} {...field('name', '/name')} />
      <div className={classes.pair}>
        <TextInput label={t('person.iin')} description={t('person.iinHelp')} inputMode="numeric" {...field('iin', '/iin')} />
        <TextInput label={t('person.citizenship')} description={t('person.citizenshipHelp')} maxLength={2} {...field('citizenship', '/citizenship')} />
      </div>
      <div className={classes.pair}>
        <TextInput label={t('person.from')} placeholder={t('date.pattern')} {...field('from', '/valid_from')} />
        {form.role === 'beneficial_owner' ? <TextInput label={t('person.share')} inputMode="decimal" {...field('share', '/share_percent')} /> : null}
      </div>
      {person ? <TextInput label={t('person.until')} description={t('person.untilHelp')} placeholder={t('date.pattern')} {...field('until', '/valid_until')} /> : null}
      <TextInput label={t('person.note')} description={t('person.noteHelp')} {...field('note', '/note')} />
      <div className={classes.row}>
        <Button type="submit" size="sm" loading={save.isPending}>
          {t('party.save')}
        </Button>
        <Button size="sm" variant="subtle" onClick={onDone}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

function End({ party, person, onDone }: EditorProps & { person: Person }) {
  const { t } = useTexts();
  const [until, setUntil] = useState('');
  const [note, setNote] = useState('');
  const end = usePartyCommand(() => commands.endPerson(party, person.id, person.version, { valid_until: isoDate(until) ?? until.slice(0, 10), ...(note.trim() ? { note: note.trim() } : {}) }), onDone);
  const problem = end.error ? asProblem(end.error) : undefined;
  return (
    <form
      className={`${classes.form} ${classes.editor}`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        end.mutate(undefined);
      }}
    >
      <h3>{t('person.endTitle')}</h3>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('person.until')} description={t('person.untilHelp')} placeholder={t('date.pattern')} autoComplete="off" value={until} onChange={(event) => setUntil(event.currentTarget.value)} error={problem?.field('/valid_until')} />
      <TextInput label={t('person.note')} autoComplete="off" value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} />
      <div className={classes.row}>
        <Button type="submit" size="sm" loading={end.isPending}>
          {t('person.end')}
        </Button>
        <Button size="sm" variant="subtle" onClick={onDone}>
          {t('ui.cancel')}
        </Button>
      </div>
    </form>
  );
}

interface LineProps {
  party: string;
  person: Person;
  date: string;
  bar: { start: number; length: number } | undefined;
  mark: number;
}

function Line({ party, person, date, bar, mark }: LineProps) {
  const { t, language } = useTexts();
  const can = useCan();
  const [doing, setDoing] = useState<'correct' | 'end'>();
  const held = heldOn(person, date);
  const done = () => setDoing(undefined);
  return (
    <li className={classes.line}>
      <div className={`${classes.who} ${held ? '' : classes.off}`}>
        <strong>{person.name}</strong>
        {person.iin ? <Identifier value={person.iin} /> : null}
        <span className="small">{t(`personRole.${person.role}`)}</span>
        {person.share_percent ? <span className="num">{t('person.sharePercent', { share: String(person.share_percent).replace('.', language === 'en' ? '.' : ',') })}</span> : null}
        <span className="small muted">{person.citizenship}</span>
      </div>
      <div className={`small ${held ? '' : classes.off}`}>
        {never(person) ? t('person.never') : <><LegalDate date={person.valid_from} /> – {person.valid_until ? <LegalDate date={person.valid_until} /> : t('person.now')}</>}
        {' · '}
        <span className="muted">{t('person.known')} <Instant at={person.recorded_at} />{person.note ? ` · ${person.note}` : ''}</span>
      </div>
      {bar ? (
        <div className={classes.bar} data-held={held ? 'yes' : 'no'} aria-hidden="true">
          <span style={{ insetInlineStart: `${bar.start * 100}%`, inlineSize: `${bar.length * 100}%` }} />
          <i style={{ insetInlineStart: `calc(${mark * 100}% - 1px)` }} />
        </div>
      ) : null}
      {person.also_at.map((other) => (
        <div key={`${other.party}${other.role}${other.valid_from}`} className={`small ${classes.warn}`}>
          {t('person.alsoAt', { role: t(`personRole.${other.role}`) })} <Link to="/parties/$id" params={{ id: other.party }}>{nameOf(other, language)}</Link>
        </div>
      ))}
      {can('person.write') && !doing ? (
        <div className={classes.row}>
          <Button size="compact-xs" variant="default" onClick={() => setDoing('correct')} aria-label={t('person.correctOne', { name: person.name })}>
            {t('person.correct')}
          </Button>
          {!person.valid_until ? (
            <Button size="compact-xs" variant="default" onClick={() => setDoing('end')} aria-label={t('person.endOne', { name: person.name })}>
              {t('person.end')}
            </Button>
          ) : null}
        </div>
      ) : null}
      {doing === 'correct' ? <Editor party={party} person={person} onDone={done} /> : null}
      {doing === 'end' ? <End party={party} person={person} onDone={done} /> : null}
    </li>
  );
}

function Lines({ party, persons }: { party: string; persons: readonly Person[] }) {
  const { t, language } = useTexts();
  const today = legalDateOf(new Date());
  const past = isPast(useMoment());
  const [typed, setTyped] = useState('');
  const date = isoDate(typed) ?? today;
  const timeline = timelineOf(persons, today, date);
  const shares = shareOn(persons, date);
  return (
    <>
      <div className={classes.sum}>
        {past ? null : (
          <TextInput
            label={t('person.onDay')}
            placeholder={today.split('-').reverse().join('.')}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={typed && !isoDate(typed) ? t('date.pattern') : undefined}
          />
        )}
        {shares > 0 ? <span className="small muted num">{t('person.shares', { share: String(shares).replace('.', language === 'en' ? '.' : ',') })}</span> : null}
      </div>
      <ul className={classes.lines}>
        {persons.map((person) => (
          <Line key={person.id} party={party} person={person} date={past ? person.valid_from : date} bar={past ? undefined : timeline.bars.find((bar) => bar.id === person.id)} mark={timeline.mark} />
        ))}
      </ul>
    </>
  );
}

/** The directors and beneficial owners of a party by date. Reading them is kept in the ledger. */
export function Persons({ party, merged }: { party: string; merged: boolean }) {
  const { t } = useTexts();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const persons = useQuery(personsQuery(party));
  return (
    <Section
      id="persons"
      title={t('person.title')}
      note={t('person.readingIsKept')}
      action={
        can('person.write') && !adding && !merged ? (
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            {t('person.add')}
          </Button>
        ) : null
      }
    >
      {adding ? <Editor party={party} onDone={() => setAdding(false)} /> : null}
      <Loaded query={persons} rows={3}>
        {(data) => (data.items.length === 0 ? <p className="muted">{t('person.none')}</p> : <Lines party={party} persons={data.items} />)}
      </Loaded>
    </Section>
  );
}
