import { ActionIcon, Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { toKilowatts } from '@shared/parse';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { commands, sources, subjectKinds, useCaseCommand, type CaseInput, type Subject } from './api';
import classes from './Cases.module.css';

const route = getRouteApi('/cases/new');
const named = (kind: Subject['kind']) => kind === 'premises' || kind === 'person';
/** What is typed stands in one field; the API asks for a record or for words. */
const typed = ({ kind, label }: { kind: Subject['kind']; label: string }): Subject => (named(kind) ? { kind, label } : { kind, ref: label });

interface SubjectsProps {
  subjects: readonly { kind: Subject['kind']; label: string }[];
  onChange: (subjects: { kind: Subject['kind']; label: string }[]) => void;
  errorAt: (index: number) => string | undefined;
}

/** What or whom a case is about, one line each. */
export function SubjectsField({ subjects, onChange, errorAt }: SubjectsProps) {
  const { t } = useTexts();
  const set = (index: number, next: Partial<{ kind: Subject['kind']; label: string }>) => onChange(subjects.map((row, i) => (i === index ? { ...row, ...next } : row)));
  return (
    <fieldset className={classes.form} style={{ border: 0, padding: 0, margin: 0 }}>
      <legend style={{ padding: 0 }}>{t('case.subjects')}</legend>
      {subjects.map((row, index) => (
        <div key={index} className={classes.row}>
          <NativeSelect label={t('case.subjectKind')} data={subjectKinds.map((value) => ({ value, label: t(`case.subject.${value}`) }))} value={row.kind} onChange={(event) => set(index, { kind: event.currentTarget.value as Subject['kind'] })} />
          <TextInput label={t(named(row.kind) ? 'case.subjectName' : 'case.subjectCode')} autoComplete="off" value={row.label} onChange={(event) => set(index, { label: event.currentTarget.value })} error={errorAt(index)} />
          {subjects.length > 1 ? (
            <ActionIcon variant="default" size={36} style={{ flex: '0 0 auto' }} aria-label={t('case.subjectRemove')} onClick={() => onChange(subjects.filter((_, i) => i !== index))}>
              ×
            </ActionIcon>
          ) : null}
        </div>
      ))}
      <div>
        <Button variant="default" size="xs" onClick={() => onChange([...subjects, { kind: 'connection_point', label: '' }])}>
          {t('case.subjectAdd')}
        </Button>
      </div>
    </fieldset>
  );
}

/** Opening a case: what it is about, what is at stake, and in a few words why. */
export function NewCase() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const from = route.useSearch();
  const [source, setSource] = useState<CaseInput['source']>(from.source ?? 'tip');
  const [title, setTitle] = useState(from.title ?? '');
  const [summary, setSummary] = useState('');
  const [power, setPower] = useState(from.kw ?? '');
  const [subjects, setSubjects] = useState<{ kind: Subject['kind']; label: string }[]>([from.source && from.ref ? { kind: from.source, label: from.ref } : { kind: 'connection_point', label: '' }]);
  const open = useCaseCommand(
    () => commands.open({ source, title: title.trim(), subjects: subjects.map((row) => typed({ ...row, label: row.label.trim() })), ...(summary.trim() ? { summary: summary.trim() } : {}), ...(power.trim() ? { estimated_kw: toKilowatts(power) } : {}) }),
    (row) => void navigate({ to: '/cases/$id', params: { id: row.number } }),
  );
  const problem = open.error ? asProblem(open.error) : undefined;
  return (
    <Page width="reading" title={t('case.open')} lead={t('case.openLead')} back={<Link to="/cases" search={{}}><BackLabel>{t('case.title')}</BackLabel></Link>}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate(undefined);
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <TextInput label={t('case.about')} description={t('case.aboutHelp')} autoFocus value={title} onChange={(event) => setTitle(event.currentTarget.value)} error={problem?.field('/title')} />
        <NativeSelect label={t('case.source')} data={sources.map((value) => ({ value, label: t(`case.source.${value}`) }))} value={source} onChange={(event) => setSource(event.currentTarget.value as CaseInput['source'])} />
        <SubjectsField subjects={subjects} onChange={setSubjects} errorAt={(index) => problem?.field(`/subjects/${index}/ref`) ?? problem?.field(`/subjects/${index}/label`)} />
        {problem?.field('/subjects') ? <p role="alert" className="small">{problem.field('/subjects')}</p> : null}
        <TextInput label={t('case.stakeKw')} inputMode="decimal" autoComplete="off" value={power} onChange={(event) => setPower(event.currentTarget.value)} error={problem?.field('/estimated_kw')} />
        <Textarea label={t('case.summary')} description={t('case.summaryHelp')} autosize minRows={4} value={summary} onChange={(event) => setSummary(event.currentTarget.value)} error={problem?.field('/summary')} />
        <Actions>
          <Button variant="default" component={Link} to="/cases">{t('ui.cancel')}</Button>
          <Button type="submit" loading={open.isPending}>{t('case.open')}</Button>
        </Actions>
      </form>
    </Page>
  );
}
