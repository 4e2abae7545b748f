import { Button, NativeSelect, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { money } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Refusal } from '@ui/Refusal';
import { State } from '@ui/State';
import { StateMark } from '@ui/StateMark';
import { Callout } from '@ui/states';
import { Facts, Instant, Kw, LegalDate } from '@ui/values';
import { Links, Others, SecondLook } from './Around';
import { caseQuery, commands, dismissals, eventsQuery, outcomes, useCaseCommand, type Case, type Closure, type Dismissal, type Subject } from './api';
import { CaseActForm } from './CaseActForm';
import { CasePackage } from './CasePackage';
import { CaseTasks } from './CaseTasks';
import classes from './Cases.module.css';
import { SubjectsField } from './NewCase';
import { Restriction } from './Restriction';
import { Seized } from './Seized';
import { Violations } from './Violations';

const route = getRouteApi('/cases/$id');

function SubjectLink({ subject }: { subject: NonNullable<Case['subjects']>[number] }) {
  const { kind, ref, label } = subject;
  if (!ref) return <>{label}</>;
  switch (kind) {
    case 'license':
      return <Link to="/licenses/$number" params={{ number: ref }} className="mono">{label}</Link>;
    case 'party':
      return <Link to="/parties/$id" params={{ id: ref }}>{label}</Link>;
    case 'connection_point':
    case 'feeder':
      return <Link to="/grid" search={{ node: label }} className="mono">{label}</Link>;
    case 'finding':
      return <Link to="/findings/$id" params={{ id: ref }} className="mono">{label}</Link>;
    default:
      return <span className="mono">{label}</span>;
  }
}

function Subjects({ row }: { row: Case }) {
  const { t } = useTexts();
  const [more, setMore] = useState<{ kind: Subject['kind']; label: string }[]>();
  const add = useCaseCommand(
    (list: { kind: Subject['kind']; label: string }[]) => commands.subjects(row, list.map(({ kind, label }) => (kind === 'premises' || kind === 'person' ? { kind, label: label.trim() } : { kind, ref: label.trim() }))),
    () => setMore(undefined),
  );
  const problem = add.error ? asProblem(add.error) : undefined;
  return (
    <Section title={t('case.subjects')}>
      <ul className={classes.list}>
        {(row.subjects ?? []).map((subject) => (
          <li key={`${subject.kind} ${subject.ref ?? subject.label}`}>
            <span className="small muted">{t(`case.subject.${subject.kind as Subject['kind']}`)}</span>
            <SubjectLink subject={subject} />
          </li>
        ))}
      </ul>
      {row.allowed.includes('add') && !more ? (
        <Button size="xs" variant="default" mt={12} onClick={() => setMore([{ kind: 'premises', label: '' }])}>
          {t('case.subjectAdd')}
        </Button>
      ) : null}
      {more ? (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate(more);
          }}
        >
          {problem ? <ProblemNotice problem={problem} /> : null}
          <SubjectsField subjects={more} onChange={setMore} errorAt={(index) => problem?.field(`/subjects/${index}/ref`) ?? problem?.field(`/subjects/${index}/label`)} />
          <div className={classes.buttons}>
            <Button size="xs" type="submit" loading={add.isPending}>{t('case.subjectSave')}</Button>
            <Button size="xs" variant="default" onClick={() => setMore(undefined)}>{t('ui.cancel')}</Button>
          </div>
        </form>
      ) : null}
    </Section>
  );
}

function Acts({ row }: { row: Case }) {
  const { t, language } = useTexts();
  const acts = row.acts ?? [];
  return (
    <Section title={t('case.done')}>
      {acts.length === 0 ? (
        <p className="muted">{t('case.nothingDone')}</p>
      ) : (
        <ul className={classes.list}>
          {acts.map((act) => (
            <li key={act.id}>
              <strong>{t(`case.act.${act.kind as 'note'}`)}{act.agency ? ` · ${t(`case.agency.${act.agency as 'tax'}`)}` : ''}{act.ruling ? ` · ${t(`case.ruling.${act.ruling as 'settled'}`)}` : ''}</strong>
              {act.number ? <span>{t('case.paper')} <span className="mono">{act.number}</span>, <LegalDate date={act.on} /></span> : null}
              {act.criminal_case ? <span>{t('case.criminal')} <span className="mono">{act.criminal_case}</span></span> : null}
              {act.rigs ? <span>{t('case.rigs')}: <span className="num">{act.rigs}</span></span> : null}
              {act.serials && act.serials.length > 0 ? <details><summary>{t('case.serials')}</summary><span className="mono small">{act.serials.join(' ')}</span></details> : null}
              {act.place ? <span>{t('case.place')}: {act.place}</span> : null}
              {act.fate ? <span>{t(`case.fate.${act.fate as 'returned'}`)}</span> : null}
              {act.money_kzt ? <span className="num">{money(Math.round(act.money_kzt * 100), language)}</span> : null}
              {act.text ? <span className={classes.words}>{act.text}</span> : null}
              <span className="small muted">{act.by_name ? `${act.by_name}, ` : ''}<Instant at={act.at} /></span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

type Step = 'dismiss' | 'close' | 'return_dismissal' | 'reopen';

/** The steps that end a case or take it up again: each asks for what it rests on. */
function Steps({ row }: { row: Case }) {
  const { t } = useTexts();
  const [step, setStep] = useState<Step>();
  const [code, setCode] = useState<string | null>(null);
  const [words, setWords] = useState('');
  const may = (name: string) => row.allowed.includes(name);
  const clear = () => {
    setStep(undefined);
    setCode(null);
    setWords('');
  };
  const lead = useCaseCommand(() => commands.lead(row));
  const confirm = useCaseCommand(() => commands.confirmDismissal(row));
  const restrict = useCaseCommand(() => (row.restricted ? commands.unrestrict(row) : commands.restrict(row)));
  const go = useCaseCommand((what: Step) => {
    if (what === 'dismiss') return commands.dismiss(row, { reason_code: (code ?? '') as Dismissal['reason_code'], note: words.trim() });
    if (what === 'close') return commands.close(row, { outcome: (code ?? '') as Closure['outcome'], note: words.trim() });
    return what === 'reopen' ? commands.reopen(row, words.trim()) : commands.returnDismissal(row, words.trim());
  }, clear);
  const failed = go.error ?? lead.error ?? restrict.error;
  const problem = failed ? asProblem(failed) : undefined;
  const steps = (['close', 'dismiss', 'return_dismissal', 'reopen'] as const).filter(may);
  return (
    <div className={classes.form}>
      {confirm.error ? <Refusal problem={asProblem(confirm.error)} again={() => confirm.mutate(undefined)} /> : null}
      {problem ? <ProblemNotice problem={problem} /> : null}
      {step ? (
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            go.mutate(step);
          }}
        >
          {step === 'dismiss' ? <NativeSelect label={t('case.why')} data={[{ value: '', label: '' }, ...dismissals.map((value) => ({ value, label: t(`case.dismissal.${value}`) }))]} value={code ?? ''} onChange={(event) => setCode(event.currentTarget.value || null)} error={problem?.field('/reason_code')} /> : null}
          {step === 'close' ? <NativeSelect label={t('case.outcome')} data={[{ value: '', label: '' }, ...outcomes.map((value) => ({ value, label: t(`case.outcome.${value}`) }))]} value={code ?? ''} onChange={(event) => setCode(event.currentTarget.value || null)} error={problem?.field('/outcome')} /> : null}
          <Textarea label={t(`case.words.${step}`)} autosize minRows={3} autoFocus value={words} onChange={(event) => setWords(event.currentTarget.value)} error={problem?.field('/note') ?? problem?.field('/reason')} />
          {step === 'dismiss' ? <p className="small muted">{t('case.lookNote')}</p> : null}
          <div className={classes.buttons}>
            <Button type="submit" loading={go.isPending} color={step === 'dismiss' ? 'refuse' : undefined}>{t(`case.do.${step}`)}</Button>
            <Button variant="default" onClick={clear}>{t('ui.cancel')}</Button>
          </div>
        </form>
      ) : (
        <div className={classes.buttons}>
          {may('lead') && !row.lead ? <Button loading={lead.isPending} onClick={() => lead.mutate(undefined)}>{t('case.take')}</Button> : null}
          {may('confirm_dismissal') ? <Button loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>{t('case.do.confirm_dismissal')}</Button> : null}
          {steps.map((name) => (
            <Button key={name} variant="default" onClick={() => setStep(name)}>{t(`case.do.${name}`)}</Button>
          ))}
          {may('restrict') ? <Button variant="subtle" loading={restrict.isPending} onClick={() => restrict.mutate(undefined)}>{t(row.restricted ? 'case.do.unrestrict' : 'case.do.restrict')}</Button> : null}
        </div>
      )}
    </div>
  );
}

function Body({ row }: { row: Case }) {
  const { t } = useTexts();
  const can = useCan();
  const [written, setWritten] = useState(0); // each act begins with an empty form; a change by somebody else leaves what is typed
  const events = useQuery({ ...eventsQuery(row.id), enabled: can('ledger.read') });
  return (
    <>
      <ObjectHeader
        back={<Link to="/cases" search={{}}><BackLabel>{t('case.title')}</BackLabel></Link>}
        kind={t('case.one')}
        number={<span className="mono">{row.number}</span>}
        title={`${row.number} ${row.title}`}
        state={<State noun="case" state={row.state} size="large" />}
        subtitle={<span>{row.title}{row.restricted ? <> <StateMark tone="stop" label={t('case.restricted')} /></> : null}</span>}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('case.lead'), value: row.lead_name ?? t('case.nobody') },
              row.due ? { label: t('case.due'), value: <><LegalDate date={row.due} />{row.overdue ? ` · ${t('case.overdue')}` : ''}</> } : null,
              row.estimated_kw > 0 ? { label: t('case.stake'), value: <Kw value={row.estimated_kw} /> } : null,
              { label: t('case.source'), value: t(`case.source.${row.source as 'tip'}`) },
            ]}
          />
        }
      />
      <Columns
        facts={
          <>
            <Subjects row={row} />
            <Links row={row} />
            {can('inspection.read') ? (
              <Section title={t('case.inspections')}>
                <div className={classes.buttons}>
                  <Link to="/inspections" search={{ case: row.id, view: 'all' }}>{t('case.inspections.open')}</Link>
                  {can('inspection.plan') && row.ended_at === undefined ? <Button component={Link} to={`/inspections/new?${new URLSearchParams({ case: row.number, title: row.title }).toString()}`} size="xs" variant="default">{t('case.planInspection')}</Button> : null}
                </div>
              </Section>
            ) : null}
            {can('case.package') ? <CasePackage row={row} /> : null}
            <Others title={t('case.related')} note={t('case.relatedNote')} cases={row.related} />
            <Others title={t('caseTask.near')} note={t('caseTask.nearNote')} cases={row.near} />
          </>
        }
      >
        <Restriction row={row} />
        {row.state === 'dismissal_drafted' ? (
          <Callout tone="wait" title={t('case.lookWaits')}>
            <p>{t(`case.dismissal.${row.reason_code as Dismissal['reason_code']}`)}{row.drafted_by_name ? ` · ${row.drafted_by_name}` : ''}</p>
            <p className={classes.words}>{row.note}</p>
            <SecondLook row={row} />
          </Callout>
        ) : null}
        {row.ended_at ? (
          <Callout tone="unknown" title={row.outcome ? t(`case.outcome.${row.outcome as Closure['outcome']}`) : t(`case.dismissal.${row.reason_code as Dismissal['reason_code']}`)}>
            <p className={classes.words}>{row.note}</p>
          </Callout>
        ) : null}
        <Steps row={row} />
        {row.summary ? <Section title={t('case.summary')}><p className={classes.words}>{row.summary}</p></Section> : null}
        <CaseTasks row={row} />
        <Acts row={row} />
        <Seized row={row} />
        <Violations row={row} />
        {row.allowed.includes('act') ? <CaseActForm key={written} row={row} onWritten={() => setWritten(written + 1)} /> : null}
        {can('ledger.read') ? (
          <Section title={t('case.history')}>
            <Loaded query={events} rows={3}>{(data) => <LedgerTimeline events={data.items} />}</Loaded>
          </Section>
        ) : null}
      </Columns>
    </>
  );
}

/** One matter of enforcement: what it is about, what was done, what comes next. */
export function CasePage() {
  const { id } = route.useParams();
  const query = useQuery(caseQuery(id));
  return <Loaded query={query}>{(row) => <Body row={row} />}</Loaded>;
}
