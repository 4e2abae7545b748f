import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Empty } from '@ui/states';
import { commands, partyQuery, usePartyCommand, type Party } from './api';
import { nameOf } from './names';
import classes from './Parties.module.css';

type Form = Pick<Party, 'bin_or_iin' | 'kind' | 'name_kk' | 'name_ru' | 'size' | 'resident' | 'address' | 'kato'> & Required<Pick<Party, 'email' | 'phone' | 'state'>>;

const blank: Form = { bin_or_iin: '', kind: 'legal_entity', name_kk: '', name_ru: '', size: 'medium', resident: true, address: '', kato: '', email: '', phone: '', state: 'active' };

const kinds = ['legal_entity', 'sole_entrepreneur', 'joint_entrepreneurs'] as const;
const sizes = ['large', 'medium', 'small'] as const;
const states = ['active', 'in_liquidation', 'bankrupt', 'dissolved'] as const;

function Fields({ party }: { party: Party | undefined }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [form, setForm] = useState<Form>(party ? { ...blank, ...party, email: party.email ?? '', phone: party.phone ?? '', state: party.state ?? 'active' } : blank);
  const save = usePartyCommand(
    (typed: Form) => {
      const body = { ...typed, bin_or_iin: typed.bin_or_iin.replace(/\s/g, '') } as Party;
      return party ? commands.changeParty(party.id ?? '', party.version ?? 0, body) : commands.addParty(body);
    },
    (saved) => void navigate({ to: '/parties/$id', params: { id: saved.id ?? '' } }),
  );
  const problem = save.error ? asProblem(save.error) : undefined;
  const field = (name: 'bin_or_iin' | 'name_kk' | 'name_ru' | 'address' | 'kato' | 'email' | 'phone') => ({
    value: form[name],
    autoComplete: 'off',
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setForm((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(`/${name}`),
  });
  const choice = <K extends 'kind' | 'size' | 'state'>(name: K, values: readonly Form[K][], text: (value: Form[K]) => string) => ({
    value: form[name],
    onChange: (event: React.ChangeEvent<HTMLSelectElement>) => {
      const value = event.currentTarget.value as Form[K];
      setForm((before) => ({ ...before, [name]: value }));
    },
    data: values.map((value) => ({ value: value as string, label: text(value) })),
    error: problem?.field(`/${name}`),
  });
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(form);
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('party.bin')} description={t(party ? 'party.binFixed' : 'party.binHelp')} inputMode="numeric" readOnly={Boolean(party)} {...field('bin_or_iin')} />
      <NativeSelect label={t('party.kind')} {...choice('kind', kinds, (value) => t(`partyKind.${value}`))} />
      <TextInput label={t('party.nameKk')} {...field('name_kk')} />
      <TextInput label={t('party.nameRu')} {...field('name_ru')} />
      <div className={classes.pair}>
        <NativeSelect label={t('party.size')} description={t('party.sizeHelp')} {...choice('size', sizes, (value) => t(`partySize.${value}`))} />
        {party ? <NativeSelect label={t('ui.state')} description={t('party.stateHelp')} {...choice('state', states, (value) => t(`state.party.${value}`))} /> : null}
      </div>
      <Checkbox label={t('party.resident')} checked={form.resident} onChange={(event) => setForm({ ...form, resident: event.currentTarget.checked })} error={problem?.field('/resident')} />
      <TextInput label={t('party.address')} {...field('address')} />
      <TextInput label={t('party.kato')} description={t('party.katoHelp')} inputMode="numeric" {...field('kato')} />
      <div className={classes.pair}>
        <TextInput label={t('party.email')} type="email" {...field('email')} />
        <TextInput label={t('party.phone')} type="tel" {...field('phone')} />
      </div>
      <Actions>
        <Button variant="default" component={Link} to={party ? `/parties/${party.id}` : '/register'}>
          {t('ui.cancel')}
        </Button>
        <Button type="submit" loading={save.isPending}>
          {t(party ? 'party.save' : 'party.create')}
        </Button>
      </Actions>
    </form>
  );
}

/** Registering a party. */
export function NewParty() {
  const { t } = useTexts();
  const can = useCan();
  return (
    <Page width="reading" title={t('party.newTitle')} lead={t('party.newLead')} back={<Link to="/register"><BackLabel>{t('nav.register')}</BackLabel></Link>}>
      {can('party.write') ? <Fields party={undefined} /> : <Empty title={t('party.mayNot')}>{t('party.mayNotHelp')}</Empty>}
    </Page>
  );
}

const route = getRouteApi('/parties/$id/edit');

/** Changing a party; its number stays. */
export function EditParty() {
  const { t, language } = useTexts();
  const can = useCan();
  const { id } = route.useParams();
  const query = useQuery(partyQuery(id));
  return (
    <Loaded query={query}>
      {(party) => (
        <Page width="reading" title={t('party.editTitle')} back={<Link to="/parties/$id" params={{ id }}><BackLabel>{nameOf(party, language)}</BackLabel></Link>}>
          {!can('party.write') ? <Empty title={t('party.mayNot')}>{t('party.mayNotHelp')}</Empty> : party.merged_into ? <Empty title={t('party.isMerged')}>{t('party.isMergedHelp')}</Empty> : <Fields party={party} />}
        </Page>
      )}
    </Loaded>
  );
}
