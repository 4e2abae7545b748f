import { Checkbox, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '@shared/i18n';
import { agencies, staffQuery } from './api';
import classes from './Inspections.module.css';

export interface Chosen {
  lead: string;
  members: readonly string[];
  agencies: readonly string[];
}

interface Props {
  value: Chosen;
  onChange: (value: Chosen) => void;
  /** People of the team who may not be in today's list of staff. */
  known?: readonly { id: string; name?: string | undefined }[];
  errorAt: (pointer: string) => string | undefined;
}

const toggled = (list: readonly string[], item: string) => (list.includes(item) ? list.filter((other) => other !== item) : [...list, item]);

/** Who leads a visit, who goes along, and which agencies send somebody. */
export function TeamFields({ value, onChange, known = [], errorAt }: Props) {
  const { t } = useTexts();
  const staff = useQuery(staffQuery);
  const fit = (staff.data?.items ?? []).filter((one) => one.roles.includes('inspector') || one.roles.includes('head'));
  const people = [...fit.map(({ id, name }) => ({ id, name })), ...known.filter((one) => fit.every(({ id }) => id !== one.id)).map(({ id, name }) => ({ id, name: name ?? id }))];
  const wrong = errorAt('/members') ?? errorAt('/agencies');
  return (
    <>
      <NativeSelect
        label={t('inspection.teamLead')}
        data={[{ value: '', label: '' }, ...people.map(({ id, name }) => ({ value: id, label: name }))]}
        value={value.lead}
        onChange={(event) => onChange({ ...value, lead: event.currentTarget.value, members: value.members.filter((one) => one !== event.currentTarget.value) })}
        error={errorAt('/lead')}
      />
      <fieldset className={classes.fieldset}>
        <legend>{t('inspection.members')}</legend>
        <div className={classes.checks}>
          {people.filter(({ id }) => id !== value.lead).map(({ id, name }) => (
            <Checkbox key={id} label={name} checked={value.members.includes(id)} onChange={() => onChange({ ...value, members: toggled(value.members, id) })} />
          ))}
        </div>
      </fieldset>
      <fieldset className={classes.fieldset}>
        <legend>{t('inspection.agencies')}</legend>
        <div className={classes.checks}>
          {agencies.map((name) => (
            <Checkbox key={name} label={t(`inspection.agency.${name}`)} checked={value.agencies.includes(name)} onChange={() => onChange({ ...value, agencies: toggled(value.agencies, name) })} />
          ))}
        </div>
      </fieldset>
      {wrong ? <p role="alert" className="small">{wrong}</p> : null}
    </>
  );
}
