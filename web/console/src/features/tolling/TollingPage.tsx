import { Button, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { isoDate } from '@shared/parse';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Page, Section } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Refusal } from '@ui/Refusal';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Facts, Instant, LegalDate } from '@ui/values';
import { commands, tollingQuery, useTollingCommand, type Tolling } from './api';
import classes from './TollingPage.module.css';

const empty = { from: '', until: '', reason: '', legal_ref: '' };

function Propose() {
  const { t } = useTexts();
  const [period, setPeriod] = useState(empty);
  const propose = useTollingCommand(
    () => commands.propose({ ...period, from: isoDate(period.from) ?? period.from, until: isoDate(period.until) ?? period.until }),
    () => setPeriod(empty),
  );
  const problem = propose.error ? asProblem(propose.error) : undefined;
  const field = (name: keyof typeof empty) => ({
    value: period[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      const { value } = event.currentTarget;
      setPeriod((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(`/${name}`),
  });
  return (
    <Section title={t('tolling.propose')} note={t('tolling.proposeNote')}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          propose.mutate(undefined);
        }}
      >
        {problem ? <ProblemNotice problem={problem} /> : null}
        <div className={classes.row}>
          <TextInput label={t('tolling.from')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...field('from')} />
          <TextInput label={t('tolling.until')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...field('until')} />
        </div>
        <Textarea label={t('tolling.reason')} autosize minRows={2} {...field('reason')} />
        <TextInput label={t('tolling.law')} {...field('legal_ref')} />
        <div>
          <Button type="submit" loading={propose.isPending}>
            {t('tolling.send')}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function Period({ period }: { period: Tolling }) {
  const { t } = useTexts();
  const confirm = useTollingCommand(() => commands.confirm(period.id));
  const reject = useTollingCommand(() => commands.reject(period.id));
  const failed = confirm.error ?? reject.error;
  return (
    <li className={classes.period}>
      <div className={classes.row}>
        <strong>
          <LegalDate date={period.from} /> – <LegalDate date={period.until} />
        </strong>
        <State noun="tolling" state={period.state} />
      </div>
      <p>{period.reason}</p>
      <Facts
        layout="row"
        facts={[
          { label: t('tolling.law'), value: period.legal_ref },
          { label: t('tolling.proposed'), value: <>{period.proposed_by_name ? `${period.proposed_by_name}, ` : ''}<Instant at={period.proposed_at} /></> },
          period.decided_at ? { label: t('tolling.decided'), value: <>{period.decided_by_name ? `${period.decided_by_name}, ` : ''}<Instant at={period.decided_at} /></> } : null,
        ]}
      />
      {failed ? <Refusal problem={asProblem(failed)} again={() => confirm.mutate(undefined)} /> : null}
      {period.allowed.length > 0 ? (
        <div className={classes.row}>
          {period.allowed.includes('confirm') ? (
            <Button size="xs" loading={confirm.isPending} onClick={() => confirm.mutate(undefined)}>
              {t('tolling.confirm')}
            </Button>
          ) : (
            <span className="muted small">{t('tolling.another')}</span>
          )}
          <Button size="xs" variant="default" loading={reject.isPending} onClick={() => reject.mutate(undefined)}>
            {t('tolling.reject')}
          </Button>
        </div>
      ) : null}
    </li>
  );
}

/** Periods in which no statutory term runs: one person proposes, another confirms, and every clock stands. */
export function TollingPage() {
  const { t } = useTexts();
  const can = useCan();
  const periods = useQuery(tollingQuery);
  return (
    <Page width="reading" title={t('tolling.title')} lead={t('tolling.lead')}>
      <Loaded query={periods} rows={3}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t('tolling.none')}>{t('tolling.noneHelp')}</Empty>
          ) : (
            <ul className={classes.list}>
              {data.items.map((period) => (
                <Period key={period.id} period={period} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {can('tolling.write') ? <Propose /> : null}
    </Page>
  );
}
