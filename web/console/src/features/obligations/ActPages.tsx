import { Button, Radio, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { useTexts } from '@shared/i18n';
import { isoDate, toKilowatts } from '@shared/parse';
import { usePeriodText } from '@shared/period';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Page } from '@ui/Page';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Callout, Empty } from '@ui/states';
import { Facts, LegalDate } from '@ui/values';
import { kindsQuery, obligationQuery, useObligationAct, type Handed, type Obligation } from './api';
import { useKindText } from './names';
import classes from './Obligation.module.css';

const sources = ['auction', 'import', 'own_generation', 'own_res', 'ppa_res'] as const;
const empty = { auction: '', import: '', own_generation: '', own_res: '', ppa_res: '', amount: '', document: '', certified: '', until: '', note: '' };
type Typed = typeof empty;

const asksEnergy = (kind: string) => kind === 'QUARTERLY_REPORT' || kind === 'DIGITAL_MINING_FEE';
const asksMoney = (kind: string) => kind === 'DIGITAL_MINING_FEE' || kind === 'LICENSE_FEE';

function bodyOf(kind: string, typed: Typed): Handed {
  const energy = sources.filter((source) => typed[source].trim() !== '').map((source) => ({ source, kwh: toKilowatts(typed[source]) }));
  return {
    document: typed.document.trim(),
    ...(asksEnergy(kind) ? { energy } : {}),
    ...(asksMoney(kind) ? { amount_kzt: toKilowatts(typed.amount) } : {}),
    ...(kind === 'METER_VERIFICATION' ? { certified_on: isoDate(typed.certified) ?? typed.certified, valid_until: isoDate(typed.until) ?? typed.until } : {}),
    ...(typed.note.trim() ? { note: typed.note.trim() } : {}),
  };
}

function Head({ obligation, title, children }: { obligation: Obligation; title: string; children: React.ReactNode }) {
  const { t } = useTexts();
  const name = `${useKindText()(obligation)}, ${usePeriodText()(obligation)}`;
  return (
    <Page width="reading" title={title} back={<Link to="/obligations/$id" params={{ id: obligation.id }}><BackLabel>{name}</BackLabel></Link>}>
      <Facts
        layout="row"
        facts={[
          { label: t('license.holder'), value: obligation.holder_name },
          { label: t('license.kind'), value: <span className="mono">{obligation.license}</span> },
          { label: t('obligation.due'), value: <LegalDate date={obligation.due} /> },
        ]}
      />
      {children}
    </Page>
  );
}

function FulfilForm({ obligation }: { obligation: Obligation }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(empty);
  const { id, kind } = obligation;
  const act = useObligationAct(obligation, () => void navigate({ to: '/obligations/$id', params: { id } }));
  const problem = act.error ? asProblem(act.error) : undefined;
  const field = (name: keyof Typed, pointer: string) => ({
    value: typed[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    error: problem?.field(pointer),
  });
  const given = sources.filter((source) => typed[source].trim() !== '');
  if (!obligation.allowed.includes('fulfil')) return <Empty title={t('obligation.cannotFulfil')}>{t('obligation.cannotFulfilHelp')}</Empty>;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({ act: 'fulfil', body: bodyOf(kind, typed) });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      {asksEnergy(kind) ? (
        <fieldset className={classes.sources}>
          <legend>{t('obligation.bySource')}</legend>
          {sources.map((source) => (
            <TextInput key={source} label={t(`obligation.source.${source}`)} description={t('obligation.inKwh')} inputMode="decimal" autoComplete="off" {...field(source, `/energy/${given.indexOf(source)}/kwh`)} />
          ))}
          {problem?.field('/energy') ? <p role="alert" className="small">{problem.field('/energy')}</p> : null}
        </fieldset>
      ) : null}
      {asksMoney(kind) ? <TextInput label={t('obligation.paid')} description={t('obligation.inTenge')} inputMode="decimal" autoComplete="off" {...field('amount', '/amount_kzt')} /> : null}
      {kind === 'METER_VERIFICATION' ? (
        <div className={classes.row}>
          <TextInput label={t('obligation.certifiedOn')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...field('certified', '/certified_on')} />
          <TextInput label={t('obligation.validUntil')} placeholder={t('date.pattern')} inputMode="numeric" autoComplete="off" {...field('until', '/valid_until')} />
        </div>
      ) : null}
      <TextInput label={t('obligation.document')} description={t('obligation.documentHelp')} autoComplete="off" {...field('document', '/document')} />
      <Textarea label={t('obligation.word')} autosize minRows={2} {...field('note', '/note')} />
      <Callout tone="wait" title={t('act.whatHappens')}>{t('obligation.fulfilWhat')}</Callout>
      <Actions>
        <Button variant="default" component={Link} to={`/obligations/${id}`}>{t('ui.cancel')}</Button>
        <Button type="submit" loading={act.isPending}>{t('obligation.send')}</Button>
      </Actions>
    </form>
  );
}

function WaiveForm({ obligation }: { obligation: Obligation }) {
  const { t } = useTexts();
  const text = useKindText();
  const navigate = useNavigate();
  const kinds = useQuery(kindsQuery);
  const [ground, setGround] = useState('');
  const [note, setNote] = useState('');
  const { id } = obligation;
  const act = useObligationAct(obligation, () => void navigate({ to: '/obligations/$id', params: { id } }));
  const problem = act.error ? asProblem(act.error) : undefined;
  if (!obligation.allowed.includes('propose_waiver')) return <Empty title={t('obligation.cannotWaive')}>{t('obligation.cannotWaiveHelp')}</Empty>;
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({ act: 'propose_waiver', ground, note });
      }}
    >
      {problem ? <ProblemNotice problem={problem} /> : null}
      <Loaded query={kinds} rows={3}>
        {(data) => (
          <Radio.Group label={t('act.ground')} value={ground} onChange={setGround} error={problem?.field('/ground')}>
            <div className={classes.options}>
              {data.waiver_grounds.map((item) => <Radio key={item.code} value={item.code} label={text(item)} description={item.legal_ref} />)}
            </div>
          </Radio.Group>
        )}
      </Loaded>
      <Textarea label={t('obligation.why')} autosize minRows={3} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} />
      <Callout tone="wait" title={t('act.whatHappens')}>{t('obligation.waiveWhat')}</Callout>
      <Actions>
        <Button variant="default" component={Link} to={`/obligations/${id}`}>{t('ui.cancel')}</Button>
        <Button type="submit" loading={act.isPending}>{t('obligation.proposeWaiver')}</Button>
      </Actions>
    </form>
  );
}

const fulfilRoute = getRouteApi('/obligations/$id/fulfil');
const waiveRoute = getRouteApi('/obligations/$id/waive');

/** Handing in a report, a payment, a certificate or a notice. */
export function Fulfil() {
  const { t } = useTexts();
  const query = useQuery(obligationQuery(fulfilRoute.useParams().id));
  return <Loaded query={query}>{(obligation) => <Head obligation={obligation} title={t('obligation.fulfilTitle')}><FulfilForm obligation={obligation} /></Head>}</Loaded>;
}

/** Proposing to let an obligation go; a second person decides. */
export function Waive() {
  const { t } = useTexts();
  const query = useQuery(obligationQuery(waiveRoute.useParams().id));
  return <Loaded query={query}>{(obligation) => <Head obligation={obligation} title={t('obligation.waiveTitle')}><WaiveForm obligation={obligation} /></Head>}</Loaded>;
}
