import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { asProblem } from '@shared/api/problem';
import { number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { PlainButton } from '@ui/Buttons';
import { Loaded } from '@ui/Loaded';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout } from '@ui/states';
import { Table } from '@ui/Table';
import { Facts, Instant } from '@ui/values';
import { askJob, jobQuery, type Job } from './api';
import { JobProgress } from './Job';
import type { CommissionSearch } from './search';
import classes from './Commission.module.css';

function Values({ job }: { job: Job }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const read = job.read;
  if (!read) return null;
  const says = read.sunspec ? `${read.sunspec.maker} ${read.sunspec.model}` : `${read.identity.vendor ?? ''} ${read.identity.product ?? ''} ${read.identity.revision ?? ''}`;
  return (
    <>
      <Facts
        facts={[
          { label: t('commission.read.at'), value: <Instant at={read.at} /> },
          { label: t('meter.profile'), value: <span className="mono">{job.profile}</span> },
          { label: t('commission.read.says'), value: says.trim() || t('commission.read.saysNothing') },
          read.sunspec ? { label: t('meter.serial'), value: <span className="mono">{read.sunspec.serial || '–'}</span> } : null,
          { label: t('meter.quality'), value: text('quality', read.quality) },
        ]}
      />
      {read.quality === 'good' ? null : <Callout tone="stop">{t('commission.read.notGood')}</Callout>}
      <Table label={t('commission.read.values')}>
        <thead><tr><th>{t('polling.quantity')}</th><th>{t('polling.value')}</th><th>{t('meter.quality')}</th><th>{t('polling.words')}</th></tr></thead>
        <tbody>
          {read.registers.map((row) => (
            <tr key={row.quantity}>
              <td className="mono">{row.quantity}</td>
              <td className="num">{row.value === undefined ? '–' : `${number(row.value, 2, language)}${row.unit === '1' ? '' : `\u202f${row.unit}`}`}</td>
              <td>{text('quality', row.quality)}</td>
              <td className="mono small">{row.words}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <details className={classes.raw}>
        <summary>{t('commission.read.raw')}</summary>
        <Table label={t('commission.read.raw')}>
          <tbody>
            {read.raw.map((row) => (
              <tr key={`${row.function} ${row.address}`}>
                <td className="mono">{row.function}/{row.address}+{row.count}</td>
                <td className="mono small">{row.words}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </details>
    </>
  );
}

/** What the unit says when it is read once. */
export function ReadStep({ search, onGo }: { search: CommissionSearch; onGo: (next: CommissionSearch) => void }) {
  const { t } = useTexts();
  const query = useQuery({ ...jobQuery(search.read ?? ''), enabled: search.read !== undefined });
  const again = useMutation({
    mutationFn: () => askJob({ task: 'read', collector: search.collector ?? '', endpoint: search.endpoint ?? '', units: [search.unit ?? 0], profile: search.profile ?? '' }),
    onSuccess: (job) => onGo({ ...search, read: job.id, step: 'read' }),
  });
  const acts = (
    <div className={classes.act}>
      <PlainButton type="button" onClick={() => again.mutate()} disabled={again.isPending}>{t('commission.read.again')}</PlainButton>
      <Link to="/commissioning" search={{ ...search, step: 'unit' }}>{t('commission.unit.other')}</Link>
    </div>
  );
  if (!search.read) return acts;
  return (
    <Loaded query={query}>
      {(job) =>
        job.state !== 'done' ? (
          <JobProgress job={job} again={acts} />
        ) : (
          <form
            className={classes.question}
            onSubmit={(event) => {
              event.preventDefault();
              onGo({ ...search, step: 'plate' });
            }}
          >
            <h2>{t('commission.read.ask')}</h2>
            <p className="muted">{t('commission.read.help')}</p>
            {again.error ? <ProblemNotice problem={asProblem(again.error)} /> : null}
            <Values job={job} />
            <div className={classes.act}><Button type="submit">{t('commission.next')}</Button>{acts}</div>
          </form>
        )
      }
    </Loaded>
  );
}
