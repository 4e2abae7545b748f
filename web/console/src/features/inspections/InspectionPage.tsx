import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Instant, LegalDate, type Fact } from '@ui/values';
import { historyQuery, inspectionQuery, reviewQuery, type Inspection } from './api';
import classes from './Inspections.module.css';
import { Legal } from './Legal';
import { Live } from './Live';
import { Orders } from './Orders';
import { Photos } from './Photos';
import { PackSection, Progress } from './Progress';
import { ReviewSection } from './ReviewSection';
import { Steps } from './Steps';
import { TeamSection } from './TeamSection';

const route = getRouteApi('/inspections/$id');

function Place({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const facts: (Fact | false | undefined)[] = [
    row.site_name !== undefined && { label: t('inspection.site'), value: row.site_name },
    row.connection_point !== undefined && { label: t('inspection.point'), value: <Link to="/grid" search={{ node: row.connection_point }} className="mono">{row.connection_point}</Link> },
    row.license !== undefined && { label: t('inspection.license'), value: <Link to="/licenses/$number" params={{ number: row.license }} className="mono">{row.license}</Link> },
    row.address !== undefined && { label: t('inspection.address'), value: row.address },
    row.party_name !== undefined && { label: t('inspection.holder'), value: row.party_name },
    row.finding !== undefined && { label: t('inspection.finding'), value: <Link to="/findings/$id" params={{ id: row.finding }}>{t('inspection.findingOpen')}</Link> },
  ];
  return (
    <Section title={t('inspection.place')}>
      <Facts facts={facts} />
    </Section>
  );
}

function History({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const query = useQuery(historyQuery(row));
  return (
    <Section title={t('inspection.history')}>
      <Loaded query={query} rows={3}>{(data) => <LedgerTimeline events={data.items.filter(({ kind }) => kind !== 'inspection.event')} />}</Loaded>
    </Section>
  );
}

function Visited({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const query = useQuery(reviewQuery(row));
  return (
    <Loaded query={query} rows={4}>
      {(review) => (
        <>
          <div className={classes.buttons}>
            {(['kk', 'ru'] as const).map((language) => (
              <Button key={language} component="a" size="xs" variant="default" href={`/v1/inspections/${encodeURIComponent(row.id)}/protocol.pdf?language=${language}`} target="_blank" rel="noreferrer">{t(`inspection.pdf.${language}`)}</Button>
            ))}
          </div>
          <ReviewSection review={review} />
          <Photos photos={review.photos} />
        </>
      )}
    </Loaded>
  );
}

function Body({ row }: { row: Inspection }) {
  const { t } = useTexts();
  const ledger = useCan()('ledger.read');
  return (
    <>
      <ObjectHeader
        back={<Link to="/inspections" search={{}}><BackLabel>{t('inspection.title')}</BackLabel></Link>}
        kind={t('inspection.one')}
        number={<span className="mono">{row.number}</span>}
        title={`${row.number} ${row.title}`}
        state={<State noun="inspection" state={row.state} size="large" />}
        subtitle={<span>{row.title}</span>}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('inspection.day'), value: <LegalDate date={row.planned_on} /> },
              { label: t('inspection.kind'), value: t(`inspection.kind.${row.kind}`) },
              { label: t('inspection.teamLead'), value: row.lead_name ?? '–' },
              row.case !== undefined && { label: t('inspection.case'), value: <Link to="/cases/$id" params={{ id: row.case_number ?? row.case }} className="mono">{row.case_number ?? row.case}</Link> },
            ]}
          />
        }
      />
      <Columns
        facts={
          <>
            <Place row={row} />
            <TeamSection row={row} />
            {ledger ? <PackSection row={row} /> : null}
          </>
        }
      >
        {row.reason ? <Callout tone="unknown" title={t('inspection.cancelled')}><p className={classes.words}>{row.reason}</p></Callout> : null}
        {row.hold ? <Callout tone="stop" title={t('inspection.held')}><p className={classes.words}>{row.hold}</p></Callout> : null}
        {row.finalized_at ? <Callout tone="ok" title={t('inspection.finalized')}><p>{row.finalized_by_name ? `${row.finalized_by_name}, ` : ''}<Instant at={row.finalized_at} /></p></Callout> : null}
        <Steps row={row} />
        <Legal row={row} />
        {row.events > 0 ? <Live row={row} /> : null}
        <Progress row={row} />
        {row.events > 0 ? <Visited row={row} /> : null}
        <Orders row={row} />
        {ledger ? <History row={row} /> : null}
      </Columns>
    </>
  );
}

/** One visit: what the law demands, who goes, what comes in from the field, and how it ends. */
export function InspectionPage() {
  const { id } = route.useParams();
  const query = useQuery(inspectionQuery(id));
  return <Loaded query={query}>{(row) => <Body row={row} />}</Loaded>;
}
