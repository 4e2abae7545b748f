import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { commands, useInspectionCommand, type Inspection } from './api';
import classes from './Inspections.module.css';
import { TeamFields, type Chosen } from './TeamFields';

function Change({ row: now, done }: { row: Inspection; done: () => void }) {
  const { t } = useTexts();
  // The page is read again while the form is open; what is saved is a change of what was opened.
  const [row] = useState(now);
  const team = row.team ?? [];
  const [chosen, setChosen] = useState<Chosen>({ lead: row.lead, members: team.filter((one) => one.role === 'member').map(({ id }) => id), agencies: row.agencies });
  const [day, setDay] = useState(row.planned_on);
  const [place, setPlace] = useState(row.route > 0 ? String(row.route) : '');
  const save = useInspectionCommand(
    () => commands.team(row, { lead: chosen.lead, members: [...chosen.members], agencies: [...chosen.agencies], planned_on: isoDate(day) ?? day, ...(place ? { route: Number(place) } : {}) }),
    done,
  );
  const problem = save.error ? asProblem(save.error) : undefined;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TeamFields value={chosen} onChange={setChosen} known={team} errorAt={(pointer) => problem?.field(pointer)} />
      <div className={classes.row}>
        <TextInput label={t('inspection.day')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" value={day} onChange={(event) => setDay(event.currentTarget.value)} error={problem?.field('/planned_on')} />
        <TextInput label={t('inspection.route')} inputMode="numeric" autoComplete="off" value={place} onChange={(event) => setPlace(event.currentTarget.value.replace(/\D/g, '').slice(0, 4))} error={problem?.field('/route')} />
      </div>
      <p className="small muted">{t('inspection.reassignNote')}</p>
      <div className={classes.buttons}>
        <Button size="xs" type="submit" loading={save.isPending}>{t('inspection.save')}</Button>
        <Button size="xs" variant="default" onClick={done}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

/** Who goes, with whom, and who went before. */
export function TeamSection({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const [changing, setChanging] = useState(false);
  return (
    <Section title={t('inspection.team')}>
      {changing ? (
        <Change row={row} done={() => setChanging(false)} />
      ) : (
        <>
          <ul className={classes.list}>
            {(row.team ?? []).map((one) => (
              <li key={`${one.role} ${one.id}`}>
                <span>{one.name ?? <span className="mono">{one.id}</span>}</span>
                <span className="small muted">{t(`inspection.role.${one.role}`)}</span>
              </li>
            ))}
            {row.agencies.map((name) => <li key={name}>{t(`inspection.agency.${name}`)}</li>)}
          </ul>
          {row.allowed.includes('team') ? <Button size="xs" variant="default" mt={12} onClick={() => setChanging(true)}>{t('inspection.reassign')}</Button> : null}
        </>
      )}
    </Section>
  );
}
