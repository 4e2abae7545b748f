import { Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useCan } from '@shared/session';
import { ListFoot } from '@ui/DataList';
import { Loaded } from '@ui/Loaded';
import { BackLabel, ObjectHeader, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Table } from '@ui/Table';
import { Facts, Instant } from '@ui/values';
import { commands, errorsAddress, importErrorPages, importQuery, isMoving, useCommand, type Import } from './api';
import { useCount } from './count';
import { duration, fields, problemKey } from './importing';
import classes from './equipment.module.css';

const route = getRouteApi('/equipment/imports/$id');

/** How far a phase is, with its rate and what is left. It goes on without this page. */
function Progress({ job }: { job: Import }) {
  const { t } = useTexts();
  const count = useCount();
  const { rows, checked, rate_per_second: rate, eta_seconds: eta, undone } = job.progress;
  const done = job.state === 'undoing' ? undone : checked;
  const of = job.state === 'undoing' ? job.progress.imported : rows;
  const share = of > 0 ? Math.min(100, (done / of) * 100) : 0;
  const left = duration(eta);
  return (
    <Section title={t(`imports.doing.${job.state}`)}>
      <div className={classes.bar} role="progressbar" aria-label={t(`imports.doing.${job.state}`)} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share)}>
        <span style={{ inlineSize: `${share}%` }} />
      </div>
      <p className="num">
        {t('imports.of', { done: count(done), rows: count(of) })}
        {rate > 0 && job.state !== 'undoing' ? <> · {t('imports.rate', { rate: count(rate) })}</> : null}
        {left ? <> · {t(`imports.left.${left.unit}`, { count: left.value })}</> : null}
      </p>
      <p className="muted small">{t('imports.leave')}</p>
    </Section>
  );
}

function Numbers({ job }: { job: Import }) {
  const { t } = useTexts();
  const count = useCount();
  const p = job.progress;
  const undone = job.state === 'undone' || job.state === 'undoing';
  const shown: [string, number][] = undone
    ? [['imports.undone', p.undone], ['imports.kept', p.kept]]
    : [[job.dry_run ? 'imports.would' : 'imports.imported', p.imported], ['imports.known', p.known], ['imports.refused', p.refused], ...(p.alarms > 0 ? [['imports.alarms', p.alarms] as [string, number]] : [])];
  return (
    <dl className={classes.numbers}>
      {shown.map(([key, n]) => (
        <div key={key}>
          <dt>{t(key)}</dt>
          <dd>{count(n)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Which column is read as what, with the first rows of the file. */
function Mapping({ job }: { job: Import }) {
  const { t } = useTexts();
  const can = useCan();
  const [changed, setChanged] = useState<Record<number, string>>({});
  const map = useCommand((chosen: string[]) => commands.map(job.id, chosen), () => setChanged({}));
  const chosen = job.columns.map((column, i) => changed[i] ?? column.field);
  const open = job.allowed.includes('map') && can('import.run');
  const twice = chosen.some((field, i) => field !== '' && chosen.indexOf(field) !== i);
  return (
    <Section title={t('imports.columns')} note={t('imports.columnsNote', { encoding: job.encoding ?? '' })}>
      {map.error ? <ProblemNotice problem={asProblem(map.error)} /> : null}
      <div className={classes.mapping}>
        <Table label={t('imports.columns')}>
          <thead>
            <tr>
              {job.columns.map((column, i) => (
                <th key={i} scope="col">
                  {column.heading || '–'}
                  {open ? (
                    <NativeSelect
                      size="xs"
                      aria-label={t('imports.readAs', { heading: column.heading || String(i + 1) })}
                      value={chosen[i] ?? ''}
                      data={[{ value: '', label: t('imports.leaveOut') }, ...fields.map((field) => ({ value: field, label: t(`imports.field.${field}`) }))]}
                      onChange={(event) => {
                        const { value } = event.currentTarget;
                        setChanged((before) => ({ ...before, [i]: value }));
                      }}
                    />
                  ) : (
                    <div className="muted small">{column.field ? t(`imports.field.${column.field}`) : t('imports.leftOut')}</div>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {job.sample.map((row, n) => (
              <tr key={n}>
                {job.columns.map((_, i) => (
                  <td key={i} className={chosen[i] ? undefined : 'muted'}>{row?.[i] ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      {twice ? <p role="alert">{t('imports.twice')}</p> : null}
      {open && Object.keys(changed).length > 0 ? (
        <div style={{ marginBlockStart: 12 }}>
          <Button variant="default" disabled={twice} loading={map.isPending} onClick={() => map.mutate(chosen)}>
            {t('imports.checkAgain')}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}

function Errors({ job }: { job: Import }) {
  const { t } = useTexts();
  const count = useCount();
  const phase = `${job.state}/${job.progress.checked}`;
  const { query, more, busy } = usePages(importErrorPages(job.id, phase));
  const undone = job.state === 'undone';
  return (
    <Section
      title={t(undone ? 'imports.keptTitle' : 'imports.errors')}
      action={
        <Button variant="default" size="xs" component="a" href={errorsAddress(job.id)} download={`${job.name.replace(/\.[^.]*$/, '')}-errors.csv`}>
          {t('imports.download')}
        </Button>
      }
    >
      <Table label={t('imports.errorKinds')}>
        <thead>
          <tr>
            <th scope="col">{t('imports.why')}</th>
            <th scope="col">{t('imports.field')}</th>
            <th scope="col" data-align="end">{t('imports.rows')}</th>
          </tr>
        </thead>
        <tbody>
          {job.errors.map((kind) => (
            <tr key={`${kind.field} ${kind.code}`}>
              <td>{kind.text}</td>
              <td>{fields.includes(kind.field) ? t(`imports.field.${kind.field}`) : '–'}</td>
              <td data-align="end" className="num">{count(kind.rows)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="muted small" style={{ marginBlock: 8 }}>{undone ? t('imports.keptHelp') : t('imports.downloadHelp')}</p>
      <Loaded query={query} rows={4}>
        {(data) => (
          <>
            <Table label={t('imports.errorRows')}>
              <thead>
                <tr>
                  <th scope="col" data-align="end">{t('imports.row')}</th>
                  <th scope="col">{t('imports.field')}</th>
                  <th scope="col">{t('imports.value')}</th>
                  <th scope="col">{t('imports.why')}</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((error) => (
                  <tr key={`${error.row} ${error.field} ${error.code}`}>
                    <td data-align="end" className="num">{error.row}</td>
                    <td>{fields.includes(error.field) ? t(`imports.field.${error.field}`) : '–'}</td>
                    <td className="mono">{undone ? <Link to="/equipment/$id" params={{ id: error.cells[0] ?? '' }}>{error.value}</Link> : error.value || '–'}</td>
                    <td title={error.detail}>{error.text}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
            <ListFoot shown={data.items.length} onMore={more} busy={busy} />
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Steps({ job }: { job: Import }) {
  const { t } = useTexts();
  const can = useCan();
  const count = useCount();
  const [sure, setSure] = useState<'undo'>();
  const start = useCommand(() => commands.start(job.id));
  const cancel = useCommand(() => commands.cancel(job.id));
  const undo = useCommand(() => commands.undo(job.id), () => setSure(undefined));
  const failed = start.error ?? cancel.error ?? undo.error;
  if (!can('import.run')) return null;
  return (
    <>
      {failed ? <ProblemNotice problem={asProblem(failed)} /> : null}
      {sure ? (
        <Callout tone="stop" title={t('imports.undoSure', { count: count(job.progress.imported) })}>
          <p>{t('imports.undoWill')}</p>
          <div className={classes.acts} style={{ marginBlockStart: 8 }}>
            <Button color="red" size="xs" loading={undo.isPending} onClick={() => undo.mutate(undefined)}>
              {t('imports.undo')}
            </Button>
            <Button variant="default" size="xs" onClick={() => setSure(undefined)}>
              {t('ui.cancel')}
            </Button>
          </div>
        </Callout>
      ) : null}
      <div className={classes.acts}>
        {job.allowed.includes('start') ? (
          <Button loading={start.isPending} onClick={() => start.mutate(undefined)}>
            {t('imports.start', { rigs: count(job.progress.imported) })}
          </Button>
        ) : null}
        {job.progress.imported > 0 && !job.dry_run && job.state !== 'undone' && job.state !== 'undoing' ? (
          <Button variant="default" component={Link} to={`/equipment?import=${job.id}`}>
            {t('imports.showRigs')}
          </Button>
        ) : null}
        {job.allowed.includes('cancel') ? (
          <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
            {t(job.state === 'checked' ? 'imports.discard' : 'imports.stop')}
          </Button>
        ) : null}
        {job.allowed.includes('undo') && !sure ? (
          <Button variant="default" onClick={() => setSure('undo')}>
            {t('imports.undo')}
          </Button>
        ) : null}
      </div>
    </>
  );
}

function Body({ job }: { job: Import }) {
  const { t, has } = useTexts();
  const count = useCount();
  const problem = problemKey(job.problem);
  const mapping = job.columns.length > 0 ? <Mapping key={job.columns.map((column) => column.field).join()} job={job} /> : null;
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/equipment/imports">
            <BackLabel>{t('imports.title')}</BackLabel>
          </Link>
        }
        kind={t('imports.kind')}
        number={job.name}
        title={job.name}
        state={<State noun="import" state={job.state} size="large" />}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('imports.rows'), value: job.progress.rows ? count(job.progress.rows) : '–' },
              { label: t('imports.by'), value: job.by_name ?? '–' },
              { label: t('imports.sent'), value: <Instant at={job.created_at} /> },
              job.finished_at ? { label: t('imports.finished'), value: <Instant at={job.finished_at} /> } : null,
            ]}
          />
        }
      />
      <div style={{ display: 'grid', gap: 28, gridTemplateColumns: 'minmax(0, 1fr)' }}>
        {problem ? (
          <Callout tone="refuse" title={t('imports.failed')}>
            {has(`imports.problem.${problem.key}`) ? t(`imports.problem.${problem.key}`, { fields: problem.fields.map((field) => t(`imports.field.${field}`)).join(', ') }) : job.problem}
          </Callout>
        ) : null}
        {isMoving(job) ? <Progress job={job} /> : null}
        {job.progress.rows > 0 ? <Numbers job={job} /> : null}
        <Steps job={job} />
        {job.allowed.includes('map') ? mapping : null}
        {job.errors.length > 0 ? <Errors job={job} /> : null}
        {job.allowed.includes('map') ? null : mapping}
      </div>
    </>
  );
}

/** One import from its file to its rigs: columns, what a dry run found, progress, and undo. */
export function ImportPage() {
  const { id } = route.useParams();
  const query = useQuery(importQuery(id));
  return <Loaded query={query}>{(job) => <Body job={job} />}</Loaded>;
}
