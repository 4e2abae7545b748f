import { Button, Radio, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { legalDate, legalDateOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { addMonths } from '@shared/months';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { State } from '@ui/State';
import { Callout, Empty } from '@ui/states';
import { Facts, Kw } from '@ui/values';
import { groundsQuery, licenseQuery, useAct, type Act, type License } from './api';
import classes from './ActPage.module.css';

const months = [1, 2, 3, 4, 5, 6];

function Consequences({ act, license, term }: { act: Act; license: License; term: number }) {
  const { t, language } = useTexts();
  const points = license.sites.flatMap((site) => site.connection_points);
  const until = legalDate(addMonths(legalDateOf(new Date()), term), language);
  return (
    <Callout tone={act === 'lift' ? 'ok' : act === 'revoke' ? 'refuse' : 'stop'} title={t('act.whatHappens')}>
      <ul>
        <li>{t(`act.${act}.1`, { number: license.number, until })}</li>
        <li>{t(`act.${act}.2`, { count: points.length, points: points.join(', ') || '–' })}</li>
        <li>{t(`act.${act}.3`)}</li>
        <li>{t('act.ledger')}</li>
      </ul>
    </Callout>
  );
}

function Form({ act, license }: { act: Act; license: License }) {
  const { t, language } = useTexts();
  const navigate = useNavigate();
  const [ground, setGround] = useState('');
  const [term, setTerm] = useState(3);
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const grounds = useQuery(groundsQuery(act));
  const perform = useAct(license.number, act, () => void navigate({ to: '/licenses/$number', params: { number: license.number } }));
  const problem = perform.error ? asProblem(perform.error) : undefined;
  if (!license.allowed.includes(act)) return <Empty title={t('act.impossible')}>{t('act.impossibleHelp')}</Empty>;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (ground) perform.mutate({ ground, months: term, note });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Facts
        layout="row"
        facts={[
          { label: t('license.holder'), value: license.holder_name },
          { label: t('ui.state'), value: <State noun="license" state={license.state} /> },
          { label: t('license.approved'), value: <Kw value={license.approved_kw} /> },
        ]}
      />
      <Loaded query={grounds} rows={3}>
        {(data) => (
          <Radio.Group label={t('act.ground')} description={t('act.groundHelp')} value={ground} onChange={setGround} error={problem?.field('/ground') ?? (tried && !ground ? t('act.groundMissing') : undefined)}>
            <div className={classes.options}>
              {data.items.map((item) => (
                <Radio key={item.code} value={item.code} label={{ kk: item.text_kk, ru: item.text_ru, en: item.text_en }[language]} description={item.legal_ref} />
              ))}
            </div>
          </Radio.Group>
        )}
      </Loaded>
      {act === 'suspend' ? (
        <Radio.Group label={t('act.months')} description={t('act.monthsHelp')} value={String(term)} onChange={(value) => setTerm(Number(value))} error={problem?.field('/months')}>
          <div className={classes.months}>
            {months.map((count) => (
              <Radio key={count} value={String(count)} label={t('act.monthCount', { count })} />
            ))}
          </div>
        </Radio.Group>
      ) : null}
      <Textarea label={t('act.note')} description={t('act.noteHelp')} autosize minRows={3} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} />
      <Consequences act={act} license={license} term={term} />
      <Actions>
        <Button variant="default" component={Link} to={`/licenses/${license.number}`}>
          {t('ui.cancel')}
        </Button>
        <Button type="submit" color={act === 'lift' ? undefined : 'refuse'} loading={perform.isPending}>
          {t(`act.do.${act}`)}
        </Button>
      </Actions>
    </form>
  );
}

function ActPage({ act, number }: { act: Act; number: string }) {
  const { t } = useTexts();
  const query = useQuery(licenseQuery(number));
  return (
    <Loaded query={query}>
      {(license) => (
        <Page
          width="reading"
          title={t(`act.title.${act}`, { number })}
          back={
            <Link to="/licenses/$number" params={{ number }}>
              <BackLabel>{number}</BackLabel>
            </Link>
          }
        >
          <Form act={act} license={license} />
        </Page>
      )}
    </Loaded>
  );
}

const suspendRoute = getRouteApi('/licenses/$number/suspend');
const liftRoute = getRouteApi('/licenses/$number/lift');
const revokeRoute = getRouteApi('/licenses/$number/revoke');

/** Suspending a license for one to six months. */
export function Suspend() {
  return <ActPage act="suspend" number={suspendRoute.useParams().number} />;
}

/** Lifting a suspension. */
export function Lift() {
  return <ActPage act="lift" number={liftRoute.useParams().number} />;
}

/** Revoking a license by a court's decision. */
export function Revoke() {
  return <ActPage act="revoke" number={revokeRoute.useParams().number} />;
}
