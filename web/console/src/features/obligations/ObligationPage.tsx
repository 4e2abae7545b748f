import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { asProblem } from '@shared/api/problem';
import { kwh, money } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { usePeriodText } from '@shared/period';
import { Loaded } from '@ui/Loaded';
import { Actions, BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { Refusal } from '@ui/Refusal';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Identifier, Instant, LegalDate } from '@ui/values';
import { kindsQuery, obligationQuery, useObligationAct, type Obligation } from './api';
import { Evidence } from './Evidence';
import { useKindText } from './names';
import classes from './Obligation.module.css';

const route = getRouteApi('/obligations/$id');

function HandedIn({ obligation }: { obligation: Obligation }) {
  const { t, language } = useTexts();
  const { handed } = obligation;
  if (!handed) return null;
  return (
    <Section title={t('obligation.handedIn')}>
      <Facts
        layout="row"
        facts={[
          { label: t('obligation.handedOn'), value: <LegalDate date={obligation.handed_on} /> },
          { label: t('obligation.document'), value: handed.document },
          handed.amount_kzt ? { label: t('obligation.paid'), value: <span className="num">{money(Math.round(handed.amount_kzt * 100), language)}</span> } : null,
          handed.certified_on ? { label: t('obligation.certifiedOn'), value: <LegalDate date={handed.certified_on} /> } : null,
          handed.valid_until ? { label: t('obligation.validUntil'), value: <LegalDate date={handed.valid_until} /> } : null,
          obligation.handed_by_name ? { label: t('obligation.handedBy'), value: obligation.handed_by_name } : null,
          ...(handed.energy ?? []).map((line) => ({ label: t(`obligation.source.${line.source}`), value: <span className="num">{kwh(line.kwh, language)}</span> })),
        ]}
      />
      {handed.note ? <p>{handed.note}</p> : null}
    </Section>
  );
}

function Waiver({ obligation }: { obligation: Obligation }) {
  const { t } = useTexts();
  const text = useKindText();
  const kinds = useQuery(kindsQuery);
  if (!obligation.waiver_ground) return null;
  const ground = kinds.data?.waiver_grounds.find((item) => item.code === obligation.waiver_ground);
  return (
    <Callout tone={obligation.state === 'waived' ? 'unknown' : 'wait'} title={t(obligation.state === 'waived' ? 'obligation.waived' : 'obligation.waiverProposed')}>
      <p>{ground ? text(ground) : obligation.waiver_ground}</p>
      <p>{obligation.waiver_note}</p>
      {obligation.waiver_by_name ? <p className="small muted">{obligation.waiver_by_name}</p> : null}
    </Callout>
  );
}

/** What an officer decides about what was handed in, and the second person about a waiver. */
function Decide({ obligation }: { obligation: Obligation }) {
  const { t } = useTexts();
  const [note, setNote] = useState('');
  const act = useObligationAct(obligation, () => setNote(''));
  const can = (name: string) => obligation.allowed.includes(name);
  const problem = act.error ? asProblem(act.error) : undefined;
  const words = can('return') || can('reject_waiver');
  if (!words && !can('accept') && !can('confirm_waiver')) return null;
  return (
    <Section title={t('obligation.decide')}>
      <div className={classes.form}>
        {problem ? <Refusal problem={problem} again={() => act.mutate({ act: 'confirm_waiver' })} /> : null}
        {words ? <Textarea label={t('obligation.note')} description={t('obligation.noteHelp')} autosize minRows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} error={problem?.field('/note')} /> : null}
        <div className={classes.acts}>
          {can('accept') ? <Button loading={act.isPending} onClick={() => act.mutate({ act: 'accept' })}>{t('obligation.accept')}</Button> : null}
          {can('return') ? <Button variant="default" loading={act.isPending} onClick={() => act.mutate({ act: 'return', note })}>{t('obligation.return')}</Button> : null}
          {can('confirm_waiver') ? <Button loading={act.isPending} onClick={() => act.mutate({ act: 'confirm_waiver' })}>{t('obligation.confirmWaiver')}</Button> : null}
          {can('reject_waiver') ? <Button variant="default" loading={act.isPending} onClick={() => act.mutate({ act: 'reject_waiver', note })}>{t('obligation.rejectWaiver')}</Button> : null}
        </div>
      </div>
    </Section>
  );
}

function Body({ obligation }: { obligation: Obligation }) {
  const { t } = useTexts();
  const can = useCan();
  const kind = useKindText()(obligation);
  const period = usePeriodText()(obligation);
  const { id } = obligation;
  const energy = obligation.kind === 'QUARTERLY_REPORT' || obligation.kind === 'DIGITAL_MINING_FEE';
  return (
    <>
      <ObjectHeader
        back={<Link to="/obligations"><BackLabel>{t('obligation.title')}</BackLabel></Link>}
        kind={t('obligation.one')}
        number={`${kind}, ${period}`}
        title={`${kind} ${period}`}
        state={<State noun="obligation" state={obligation.state} size="large" />}
        subtitle={<span>{obligation.holder_name}</span>}
        action={obligation.allowed.includes('fulfil') ? <Button component={Link} to={`/obligations/${id}/fulfil`}>{t('obligation.fulfil')}</Button> : null}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('obligation.due'), value: <LegalDate date={obligation.due} /> },
              obligation.law_due === obligation.due ? null : { label: t('obligation.lawDue'), value: <LegalDate date={obligation.law_due} /> },
              { label: t('license.kind'), value: <Link to="/licenses/$number" params={{ number: obligation.license }} className="mono">{obligation.license}</Link> },
            ]}
          />
        }
      />
      <Columns
        facts={
          <>
            <Section title={t('license.holder')}>
              <Facts facts={[{ label: t('party.name'), value: can('party.read') ? <Link to="/parties/$id" params={{ id: obligation.party }}>{obligation.holder_name}</Link> : obligation.holder_name }]} />
            </Section>
            <Section title={t('obligation.law')}>
              <p className="small">{obligation.legal_ref}</p>
              {obligation.grade === 'R' ? <p className="small muted">{t('obligation.gradeR')}</p> : null}
              {obligation.meter ? <Facts facts={[{ label: t('obligation.meter'), value: <Identifier value={obligation.meter} /> }]} /> : null}
              {obligation.decided_at ? <Facts facts={[{ label: t('obligation.decided'), value: <>{obligation.decided_by_name ? `${obligation.decided_by_name}, ` : ''}<Instant at={obligation.decided_at} /></> }]} /> : null}
            </Section>
          </>
        }
      >
        {obligation.blocks_now ? <Callout tone="stop" title={t('obligation.blocksTitle')}>{t('obligation.blocksHelp')}</Callout> : null}
        {obligation.note && obligation.state !== 'ended' ? <Callout tone="stop" title={t('obligation.returned')}>{obligation.note}</Callout> : null}
        <Waiver obligation={obligation} />
        <HandedIn obligation={obligation} />
        <Decide obligation={obligation} />
        {energy ? <Evidence id={id} fee={obligation.kind === 'DIGITAL_MINING_FEE'} /> : null}
        {obligation.allowed.includes('propose_waiver') ? (
          <Actions>
            <Button variant="default" component={Link} to={`/obligations/${id}/waive`}>{t('obligation.waive')}</Button>
          </Actions>
        ) : null}
      </Columns>
    </>
  );
}

/** One obligation: what is asked, what was handed in, what the meters say. */
export function ObligationPage() {
  const { id } = route.useParams();
  const query = useQuery(obligationQuery(id));
  return <Loaded query={query}>{(obligation) => <Body obligation={obligation} />}</Loaded>;
}
