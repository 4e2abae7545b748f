import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark } from '@ui/StateMark';
import { Callout } from '@ui/states';
import { LegalDate } from '@ui/values';
import { commands, useInspectionCommand, type Inspection } from './api';
import classes from './Inspections.module.css';

type Rule = NonNullable<Inspection['law']>[number];
const isDay = (field: string) => field.endsWith('_date');
/** The fields of the rules, and those that stand for them, each once. */
const fieldsOf = (law: readonly Rule[]) => [...new Set(law.flatMap((rule) => (rule.or ? [rule.field, rule.or] : [rule.field])))];

function Value({ field, value }: { field: string; value: string }) {
  return isDay(field) ? <LegalDate date={value} /> : <span className={classes.words}>{value}</span>;
}

/** What the law demands of this inspection, what is there, what is missing and why it matters. */
export function Legal({ row }: { row: Inspection }) {
  const { t, language } = useTexts();
  const [typed, setTyped] = useState<Record<string, string>>();
  // The page is read again while the form is open; what is saved is a change of what was opened.
  const [opened, setOpened] = useState(row);
  const law = row.law ?? [];
  const save = useInspectionCommand(
    (fields: Record<string, string>) => commands.legal(opened, Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, isDay(field) ? (isoDate(value) ?? value.trim()) : value.trim()]))),
    () => setTyped(undefined),
  );
  const problem = save.error ? asProblem(save.error) : undefined;
  const nameOf = (field: string) => law.find((rule) => rule.field === field)?.text[language] ?? t(`inspection.field.${field}`);
  const missing = law.filter((rule) => rule.missing);
  return (
    <Section title={t('inspection.law')} note={t('inspection.lawNote')}>
      {missing.length > 0 && row.state !== 'cancelled' ? <Callout tone="stop" title={t('inspection.lawMissing', { n: missing.length })}><p>{t('inspection.lawMissingText')}</p></Callout> : null}
      {typed ? (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(typed);
          }}
        >
          {problem ? <ProblemNotice problem={problem} /> : null}
          {fieldsOf(law).map((field) => (
            <TextInput
              key={field}
              label={nameOf(field)}
              description={law.find((rule) => rule.field === field)?.why[language]}
              autoComplete="off"
              {...(isDay(field) ? { placeholder: t('date.pattern'), inputMode: 'numeric' as const } : {})}
              value={typed[field] ?? ''}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setTyped((before) => ({ ...before, [field]: value }));
              }}
              error={problem?.field(`/legal/${field}`)}
            />
          ))}
          <div className={classes.buttons}>
            <Button type="submit" loading={save.isPending}>{t('inspection.save')}</Button>
            <Button variant="default" onClick={() => setTyped(undefined)}>{t('ui.cancel')}</Button>
          </div>
        </form>
      ) : (
        <>
          <ul className={classes.list}>
            {law.map((rule) => {
              const instead = rule.or ? row.legal[rule.or] : undefined;
              return (
                <li key={rule.field}>
                  <strong>{rule.text[language]}</strong>
                  {rule.value ? <Value field={rule.field} value={rule.value} /> : null}
                  {!rule.value && rule.or && instead ? <span>{nameOf(rule.or)}: <Value field={rule.or} value={instead} /></span> : null}
                  {rule.missing ? (
                    <>
                      <StateMark tone="refuse" label={t(`inspection.lack.${rule.missing}`)} />
                      <span>{rule.why[language]}</span>
                      {rule.or ? <span className="small">{t('inspection.orInstead', { field: nameOf(rule.or) })}</span> : null}
                    </>
                  ) : null}
                  <span className="small muted">{rule.legal_ref}{rule.grade === 'R' ? ` · ${t('inspection.toConfirm')}` : ''}</span>
                </li>
              );
            })}
          </ul>
          {row.allowed.includes('legal') ? <Button size="xs" variant="default" mt={12} onClick={() => { setOpened(row); setTyped({ ...row.legal }); }}>{t('inspection.fillIn')}</Button> : null}
        </>
      )}
    </Section>
  );
}
