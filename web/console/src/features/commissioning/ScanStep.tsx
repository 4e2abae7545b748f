import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { saveTable } from '@shared/table';
import { PlainButton } from '@ui/Buttons';
import { Loaded } from '@ui/Loaded';
import { ProblemNotice } from '@ui/ProblemNotice';
import { StateMark } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { askJob, jobQuery, profilesQuery, type Job, type ScannedUnit } from './api';
import { JobProgress } from './Job';
import { unitsOf, type CommissionSearch } from './search';
import classes from './Commission.module.css';

interface StepProps {
  search: CommissionSearch;
  onGo: (next: CommissionSearch) => void;
}

/** Which unit ids to look for. */
export function ScanStep({ search, onGo }: StepProps) {
  const { t } = useTexts();
  const [typed, setTyped] = useState('1-31');
  const [wrong, setWrong] = useState(false);
  const scan = useMutation({
    mutationFn: (units: number[]) => askJob({ task: 'scan', collector: search.collector ?? '', endpoint: search.endpoint ?? '', units }),
    onSuccess: (job) => onGo({ ...search, scan: job.id, step: 'unit' }),
  });
  const problem = scan.error ? asProblem(scan.error) : undefined;
  const units = unitsOf(typed);
  return (
    <form
      className={classes.question}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setWrong(!units);
        if (units) scan.mutate(units);
      }}
    >
      <h2>{t('commission.scan.ask')}</h2>
      <p className="muted">{t('commission.scan.help')}</p>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <TextInput label={t('commission.scan.units')} description={t('commission.scan.unitsHelp')} autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} error={wrong && !units ? t('commission.scan.unitsWrong') : undefined} />
      <div className={classes.act}>
        <Button type="submit" loading={scan.isPending}>{t('commission.scan.start', { n: units?.length ?? 0 })}</Button>
        <Link to="/commissioning" search={{ ...search, step: 'unit' }}>{t('commission.scan.known')}</Link>
      </div>
    </form>
  );
}

const deviceOf = (unit: ScannedUnit) =>
  unit.sunspec ? `${unit.sunspec.maker} ${unit.sunspec.model} ${unit.sunspec.serial}`.trim() : `${unit.identity.vendor ?? ''} ${unit.identity.product ?? ''} ${unit.identity.revision ?? ''}`.trim();

const rowsOf = (job: Job): string[][] => [
  ['endpoint', 'unit', 'meter', 'device', 'profile', 'evidence', 'values', 'power_w'],
  ...(job.scan?.units ?? []).flatMap((unit) =>
    unit.proposals.length === 0
      ? [[job.endpoint, String(unit.unit), unit.meter ?? '', deviceOf(unit), '', '', '', '']]
      : unit.proposals.map((p) => [job.endpoint, String(unit.unit), unit.meter ?? '', deviceOf(unit), p.profile, p.why.join(', '), `${p.values}/${p.of}`, String(p.power_w ?? '')]),
  ),
];

/** A unit with the profiles that fit it, the likeliest first. */
function Unit({ unit, chosen, onChoose }: { unit: ScannedUnit; chosen: string; onChoose: (value: string) => void }) {
  const { t, language } = useTexts();
  const device = deviceOf(unit);
  if (unit.meter) {
    return (
      <div className={classes.choice} data-off>
        <span />
        <span><span>{t('commission.unit.id', { unit: unit.unit })}</span><span className="small muted">{t('commission.unit.taken')} <span className="mono">{unit.meter}</span></span></span>
      </div>
    );
  }
  if (unit.proposals.length === 0) {
    return (
      <div className={classes.choice} data-off>
        <span />
        <span><span>{t('commission.unit.id', { unit: unit.unit })} {device}</span><span className="small muted">{t('commission.unit.nothing')}</span></span>
      </div>
    );
  }
  return (
    <>
      {unit.proposals.map((p, i) => {
        const value = `${unit.unit} ${p.profile}`;
        return (
          <label key={p.profile} className={classes.choice}>
            <input type="radio" name="unit" value={value} checked={chosen === value} onChange={() => onChoose(value)} />
            <span>
              <span>{t('commission.unit.id', { unit: unit.unit })} · <span className="mono">{p.profile}</span> {i === 0 ? <StateMark tone={unit.sure ? 'ok' : 'stop'} label={t(unit.sure ? 'commission.unit.sure' : 'commission.unit.unsure')} /> : null}</span>
              <span className="small muted">
                {[p.identity ? t('commission.why.identity') : '', p.why.includes('vendor') ? t('commission.why.vendor') : '', t('commission.why.values', { n: p.values, of: p.of }), p.power_w === undefined ? '' : t('commission.why.power', { kw: number(p.power_w / 1000, 2, language) }), device].filter(Boolean).join(' · ')}
              </span>
            </span>
          </label>
        );
      })}
      {unit.sure ? null : <p className="small">{t('commission.unit.ambiguous', { unit: unit.unit })}</p>}
    </>
  );
}

function ByHand({ search, onRead, busy }: { search: CommissionSearch; onRead: (unit: number, profile: string) => void; busy: boolean }) {
  const { t } = useTexts();
  const profiles = useQuery(profilesQuery);
  const [unit, setUnit] = useState(String(search.unit ?? ''));
  const [profile, setProfile] = useState(search.profile ?? '');
  const [wrong, setWrong] = useState(false);
  const number = Number(unit);
  const good = /^\d{1,3}$/.test(unit.trim()) && number >= 1 && number <= 247;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setWrong(true);
        if (good && profile.trim()) onRead(number, profile.trim());
      }}
    >
      <div className={classes.pair}>
        <TextInput label={t('commission.unit.number')} inputMode="numeric" autoComplete="off" value={unit} onChange={(event) => setUnit(event.currentTarget.value)} error={wrong && !good ? t('commission.unit.numberWrong') : undefined} />
        <TextInput label={t('commission.unit.profile')} autoComplete="off" list="commission-profiles" value={profile} onChange={(event) => setProfile(event.currentTarget.value)} error={wrong && !profile.trim() ? t('commission.choose') : undefined} />
        <datalist id="commission-profiles">{profiles.data?.items.map((p) => <option key={p.id} value={p.id}>{`${p.vendor} ${p.models.join(', ')}`}</option>)}</datalist>
      </div>
      <div><Button type="submit" loading={busy}>{t('commission.read.start')}</Button></div>
    </form>
  );
}

/** Which unit, and by which profile it is read. */
export function UnitStep({ search, onGo }: StepProps) {
  const { t } = useTexts();
  const query = useQuery({ ...jobQuery(search.scan ?? ''), enabled: search.scan !== undefined });
  const [chosen, setChosen] = useState(search.unit === undefined ? '' : `${search.unit} ${search.profile ?? ''}`);
  const [missing, setMissing] = useState(false);
  const read = useMutation({
    mutationFn: ({ unit, profile }: { unit: number; profile: string }) => askJob({ task: 'read', collector: search.collector ?? '', endpoint: search.endpoint ?? '', units: [unit], profile }),
    onSuccess: (job) => onGo({ ...search, unit: job.units[0] ?? 0, ...(job.profile ? { profile: job.profile } : {}), read: job.id, step: 'read' }),
  });
  const problem = read.error ? asProblem(read.error) : undefined;
  const ask = (unit: number, profile: string) => read.mutate({ unit, profile });
  const again = <div><Link to="/commissioning" search={{ ...search, step: 'scan' }}>{t('commission.scan.again')}</Link></div>;
  const byHand = (
    <section className={classes.question}>
      <h2>{t('commission.unit.byHand')}</h2>
      <p className="muted">{t('commission.unit.byHandHelp')}</p>
      <ByHand search={search} onRead={ask} busy={read.isPending} />
    </section>
  );
  if (!search.scan) return <>{problem ? <ProblemNotice problem={problem} /> : null}{byHand}</>;
  return (
    <>
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Loaded query={query}>
        {(job) =>
          job.state !== 'done' ? (
            <JobProgress job={job} again={again} />
          ) : job.scan?.units.length ? (
            <form
              className={classes.question}
              onSubmit={(event) => {
                event.preventDefault();
                const [unit, profile] = chosen.split(' ');
                setMissing(!profile);
                if (unit && profile) ask(Number(unit), profile);
              }}
            >
              <h2 id="commission-unit">{t('commission.unit.ask')}</h2>
              <p className="muted">{t('commission.unit.help')}</p>
              <div className={classes.choices} role="radiogroup" aria-labelledby="commission-unit">
                {job.scan.units.map((unit) => <Unit key={unit.unit} unit={unit} chosen={chosen} onChoose={setChosen} />)}
              </div>
              {missing ? <p role="alert">{t('commission.choose')}</p> : null}
              <div className={classes.act}>
                <Button type="submit" loading={read.isPending}>{t('commission.read.start')}</Button>
                <PlainButton type="button" onClick={() => void saveTable('scan', rowsOf(job), 'csv')}>{t('commission.csv')}</PlainButton>
                <Link to="/commissioning" search={{ ...search, step: 'scan' }}>{t('commission.scan.again')}</Link>
              </div>
            </form>
          ) : (
            <Empty title={t('commission.scan.none')} action={again}>{t('commission.scan.noneHelp')}</Empty>
          )
        }
      </Loaded>
      {byHand}
    </>
  );
}
