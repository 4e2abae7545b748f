import { Button, Checkbox, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { commands, useAccountCommand } from './api';
import { newPassword } from './secret';
import { Secret } from './Secret';
import { UtilityField } from './UtilityField';
import classes from './People.module.css';

const roles = ['clerk', 'officer', 'head', 'inspector', 'auditor', 'admin', 'applicant', 'utility'] as const;
const blank = { name: '', login: '', unit: '', party: '', utility: '', roles: [] as string[] };

/** A new person: an account with roles and a first password, shown once. */
export function NewPerson() {
  const { t } = useTexts();
  const [form, setForm] = useState(blank);
  const add = useAccountCommand(async (typed: typeof blank) => {
    const password = newPassword();
    const optional = (name: 'unit' | 'party' | 'utility', wanted = true) => (wanted && typed[name].trim() ? { [name]: typed[name].trim() } : {});
    const person = await commands.addPerson({
      name: typed.name.trim(),
      login: typed.login.trim(),
      roles: typed.roles,
      password,
      ...optional('unit'),
      ...optional('party', typed.roles.includes('applicant')),
      ...optional('utility', typed.roles.includes('utility')),
    });
    return { person, password };
  });
  const problem = add.error ? asProblem(add.error) : undefined;
  const set = (change: Partial<typeof blank>) => setForm((before) => ({ ...before, ...change }));
  return (
    <Page
      width="reading"
      title={t('people.newTitle')}
      back={
        <Link to="/people">
          <BackLabel>{t('nav.people')}</BackLabel>
        </Link>
      }
    >
      {add.data ? (
        <div className={classes.stack}>
          <Secret title={t('people.added', { name: add.data.person.name })} id={add.data.person.login} idLabel={t('people.login')} secret={add.data.password} secretLabel={t('people.firstPassword')} />
          <div className={classes.buttons}>
            <Button component={Link} to="/people">
              {t('people.toList')}
            </Button>
            <Button
              variant="default"
              onClick={() => {
                add.reset();
                setForm(blank);
              }}
            >
              {t('people.another')}
            </Button>
          </div>
        </div>
      ) : (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate(form);
          }}
        >
          {problem ? <ProblemNotice problem={problem} /> : null}
          <TextInput label={t('people.name')} autoComplete="off" value={form.name} onChange={(event) => set({ name: event.currentTarget.value })} error={problem?.field('/name')} />
          <TextInput label={t('people.login')} description={t('people.loginHelp')} autoComplete="off" autoCapitalize="none" value={form.login} onChange={(event) => set({ login: event.currentTarget.value })} error={problem?.field('/login')} />
          <Checkbox.Group label={t('people.roles')} description={t('people.rolesHelp')} value={form.roles} onChange={(chosen) => set({ roles: chosen })} error={problem?.field('/roles')}>
            <div className={classes.roles}>
              {roles.map((role) => (
                <Checkbox key={role} value={role} label={t(`role.${role}`)} />
              ))}
            </div>
          </Checkbox.Group>
          {form.roles.includes('applicant') ? <TextInput label={t('people.party')} description={t('people.partyHelp')} autoComplete="off" value={form.party} onChange={(event) => set({ party: event.currentTarget.value })} error={problem?.field('/party')} /> : null}
          {form.roles.includes('utility') ? <UtilityField value={form.utility} onChange={(utility) => set({ utility })} error={problem?.field('/utility')} /> : null}
          <TextInput label={t('people.unit')} description={t('people.unitHelp')} autoComplete="off" value={form.unit} onChange={(event) => set({ unit: event.currentTarget.value })} error={problem?.field('/unit')} />
          <p className="small muted">{t('people.passwordMade')}</p>
          <div className={classes.buttons}>
            <Button type="submit" loading={add.isPending}>
              {t('people.create')}
            </Button>
            <Button variant="subtle" component={Link} to="/people">
              {t('ui.cancel')}
            </Button>
          </div>
        </form>
      )}
    </Page>
  );
}
