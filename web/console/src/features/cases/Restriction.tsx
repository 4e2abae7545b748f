import { Button, Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { commands, staffQuery, useCaseCommand, type Case } from './api';
import classes from './Cases.module.css';

function Choose({ row, done }: { row: Case; done: () => void }) {
  const { t } = useTexts();
  const staff = useQuery(staffQuery).data?.items ?? [];
  const [members, setMembers] = useState<readonly string[]>(row.members ?? []);
  const save = useCaseCommand(() => commands.restrict(row, [...members]), done);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      {save.error ? <ProblemNotice problem={asProblem(save.error)} /> : null}
      <fieldset className={classes.people}>
        <legend>{t('caseTask.members')}</legend>
        {staff.filter(({ id, roles }) => id !== row.lead && !roles.includes('head')).map(({ id, name }) => (
          <Checkbox key={id} label={name} checked={members.includes(id)} onChange={() => setMembers(members.includes(id) ? members.filter((one) => one !== id) : [...members, id])} />
        ))}
      </fieldset>
      <div className={classes.buttons}>
        <Button size="xs" type="submit" loading={save.isPending}>{t('caseTask.membersSave')}</Button>
        <Button size="xs" variant="default" onClick={done}>{t('ui.cancel')}</Button>
      </div>
    </form>
  );
}

/** Who knows of a restricted case; a head chooses them. */
export function Restriction({ row }: { row: Case }) {
  const { t } = useTexts();
  const [choosing, setChoosing] = useState(false);
  if (!row.restricted) return null;
  const names = [row.lead_name, ...(row.member_names ?? [])].filter(Boolean).join(', ');
  return (
    <Callout tone="stop" title={t('caseTask.restricted')}>
      <p>{names ? t('caseTask.restrictedTo', { names }) : t('caseTask.restrictedHeads')}</p>
      <p className="small muted">{t('caseTask.restrictedNote')}</p>
      {choosing ? <Choose row={row} done={() => setChoosing(false)} /> : row.allowed.includes('restrict') ? <Button size="xs" variant="default" onClick={() => setChoosing(true)}>{t('caseTask.membersChange')}</Button> : null}
    </Callout>
  );
}
