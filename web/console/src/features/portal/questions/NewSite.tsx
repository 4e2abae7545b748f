import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { toKilowatts } from '@shared/parse';
import { ProblemNotice } from '@ui/ProblemNotice';
import { commands, sitesQuery, type Site } from '../api';
import { useProblemText } from '../useProblems';
import classes from '../portal.module.css';

const zones = ['north', 'south', 'west'] as const;

/** Registers a data centre of the applicant without leaving the application. */
export function NewSite({ owner, onDone, onCancel }: { owner: string; onDone: (site: Site) => void; onCancel: () => void }) {
  const { t } = useTexts();
  const client = useQueryClient();
  const text = useProblemText();
  const [typed, setTyped] = useState({ nameKk: '', nameRu: '', address: '', kato: '', zone: 'north' as (typeof zones)[number], kw: '', points: '' });
  const set = (change: Partial<typeof typed>) => setTyped({ ...typed, ...change });
  const register = useMutation({
    mutationFn: () =>
      commands.registerSite({
        code: '',
        owner,
        name_kk: typed.nameKk.trim() || typed.nameRu.trim(),
        name_ru: typed.nameRu.trim() || typed.nameKk.trim(),
        address: typed.address.trim(),
        kato: typed.kato.replace(/\s/g, ''),
        grid_zone: typed.zone,
        host_capacity_kw: toKilowatts(typed.kw),
        connection_points: typed.points.split(/[\s,;]+/).filter(Boolean).map((code) => code.toUpperCase()),
      }),
    onSuccess: async (site) => {
      await client.invalidateQueries({ queryKey: sitesQuery(owner).queryKey });
      onDone(site);
    },
  });
  const problem = register.error ? asProblem(register.error) : undefined;
  const bad = (pointer: string) => {
    const found = problem?.fields.find((field) => (field.pointer ?? '').replace(/^#?(\/body)?/, '') === pointer || (pointer === '/connection_points' && (field.pointer ?? '').includes('/connection_points')));
    return found ? text({ ...found, pointer: `/site${pointer}` }) : undefined;
  };
  return (
    <fieldset className={`${classes.set} ${classes.box}`}>
      <legend>{t('portal.site.newTitle')}</legend>
      {problem ? <ProblemNotice problem={problem} title={t('portal.site.notSaved')} /> : null}
      <TextInput size="md" label={t('portal.site.nameKk')} lang="kk" autoFocus value={typed.nameKk} onChange={(event) => set({ nameKk: event.currentTarget.value })} error={bad('/name_kk')} />
      <TextInput size="md" label={t('portal.site.nameRu')} lang="ru" value={typed.nameRu} onChange={(event) => set({ nameRu: event.currentTarget.value })} error={bad('/name_ru')} />
      <TextInput size="md" label={t('party.address')} value={typed.address} onChange={(event) => set({ address: event.currentTarget.value })} error={bad('/address')} />
      <TextInput className={classes.short} size="md" label={t('party.kato')} description={t('portal.site.kato')} inputMode="numeric" value={typed.kato} onChange={(event) => set({ kato: event.currentTarget.value })} error={bad('/kato')} />
      <NativeSelect className={classes.short} size="md" label={t('portal.site.zone')} value={typed.zone} onChange={(event) => set({ zone: zones.find((zone) => zone === event.currentTarget.value) ?? 'north' })}>
        {zones.map((zone) => (
          <option key={zone} value={zone}>
            {t(`portal.zone.${zone}`)}
          </option>
        ))}
      </NativeSelect>
      <TextInput className={classes.short} size="md" label={t('portal.site.capacity')} inputMode="decimal" value={typed.kw} onChange={(event) => set({ kw: event.currentTarget.value })} error={bad('/host_capacity_kw')} />
      <TextInput className={classes.medium} size="md" label={t('application.points')} description={t('portal.points.typed')} value={typed.points} onChange={(event) => set({ points: event.currentTarget.value })} error={bad('/connection_points')} />
      <div className={classes.row}>
        <Button loading={register.isPending} onClick={() => register.mutate()}>
          {t('portal.site.save')}
        </Button>
        <Button variant="subtle" onClick={onCancel}>
          {t('ui.cancel')}
        </Button>
      </div>
    </fieldset>
  );
}
