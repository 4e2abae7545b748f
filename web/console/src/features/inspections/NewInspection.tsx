import { Button, NativeSelect, TextInput } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { wallOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { commands, useInspectionCommand, type InspectionInput } from './api';
import classes from './Inspections.module.css';
import { inspectionKinds, type NewInspectionSearch } from './search';
import { TeamFields, type Chosen } from './TeamFields';

const route = getRouteApi('/inspections/new');

const emptyOf = (from: NewInspectionSearch) => ({ title: from.title ?? '', of: from.case ?? '', site: from.site ?? '', point: from.point ?? '', address: '', day: wallOf(new Date()).date, place: '' });
type Typed = ReturnType<typeof emptyOf>;

function bodyOf(kind: InspectionInput['kind'], typed: Typed, team: Chosen): InspectionInput {
  const said = (name: string, value: string) => (value.trim() ? { [name]: value.trim() } : {});
  return {
    kind,
    title: typed.title.trim(),
    planned_on: isoDate(typed.day) ?? typed.day,
    lead: team.lead,
    members: [...team.members],
    agencies: [...team.agencies],
    ...said('case', typed.of),
    ...said('site', typed.site),
    ...said('connection_point', typed.point),
    ...said('address', typed.address),
    ...(typed.place ? { route: Number(typed.place) } : {}),
  };
}

/** Planning a visit: why, where, on which day, and who goes. */
export function NewInspection() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const from = route.useSearch();
  const [kind, setKind] = useState<InspectionInput['kind']>(from.case ? 'unscheduled' : 'planned');
  const [typed, setTyped] = useState(() => emptyOf(from));
  const [team, setTeam] = useState<Chosen>({ lead: '', members: [], agencies: [] });
  const make = useInspectionCommand(() => commands.make(bodyOf(kind, typed, team)), (row) => void navigate({ to: '/inspections/$id', params: { id: row.number } }));
  const problem = make.error ? asProblem(make.error) : undefined;
  const field = (name: keyof Typed, pointer: string) => ({
    value: typed[name],
    autoComplete: 'off',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(pointer),
  });
  const back = from.case ? <Link to="/cases/$id" params={{ id: from.case }}><BackLabel>{from.case}</BackLabel></Link> : <Link to="/inspections" search={{}}><BackLabel>{t('inspection.title')}</BackLabel></Link>;
  return (
    <Page width="reading" title={t('inspection.make')} lead={t('inspection.makeLead')} back={back}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate(undefined);
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <TextInput label={t('inspection.about')} description={t('inspection.aboutHelp')} autoFocus {...field('title', '/title')} />
        <div className={classes.row}>
          <NativeSelect label={t('inspection.kind')} data={inspectionKinds.map((value) => ({ value, label: t(`inspection.kind.${value}`) }))} value={kind} onChange={(event) => setKind(event.currentTarget.value as InspectionInput['kind'])} error={problem?.field('/kind')} />
          <TextInput label={t('inspection.day')} placeholder={t('date.pattern')} inputMode="numeric" {...field('day', '/planned_on')} />
          <TextInput
            label={t('inspection.route')}
            inputMode="numeric"
            autoComplete="off"
            value={typed.place}
            onChange={(event) => {
              const place = event.currentTarget.value.replace(/\D/g, '').slice(0, 4);
              setTyped((before) => ({ ...before, place }));
            }}
            error={problem?.field('/route')}
          />
        </div>
        <p className="small muted">{t(`inspection.kindHelp.${kind}`)}</p>
        <TextInput label={t('inspection.case')} description={t('inspection.caseHelp')} {...field('of', '/case')} />
        <div className={classes.row}>
          <TextInput label={t('inspection.site')} {...field('site', '/site')} />
          <TextInput label={t('inspection.point')} {...field('point', '/connection_point')} />
        </div>
        <TextInput label={t('inspection.address')} description={t('inspection.addressHelp')} {...field('address', '/address')} />
        <TeamFields value={team} onChange={setTeam} errorAt={(pointer) => problem?.field(pointer)} />
        <Actions>
          <Button variant="default" component={Link} to="/inspections">{t('ui.cancel')}</Button>
          <Button type="submit" loading={make.isPending}>{t('inspection.make')}</Button>
        </Actions>
      </form>
    </Page>
  );
}
