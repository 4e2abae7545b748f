import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { LedgerTimeline } from '@ui/LedgerTimeline';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Table } from '@ui/Table';
import { Facts, Identifier, Instant, Kw, LegalDate } from '@ui/values';
import { licenseOrdersQuery, licenseQuery, qrAddress, timelineQuery, type License } from './api';
import type { Act } from './ActPage';
import { LicenseDocuments } from './LicenseDocuments';
import { LicenseObligations } from './LicenseObligations';
import { HostStopped, LicenseActs, Provisional, Suspended, Tenants, Versions } from './LicenseStanding';
import classes from './LicensePage.module.css';

const route = getRouteApi('/licenses/$number');
const acts: readonly Act[] = ['suspend', 'extend', 'lift', 'revoke', 'terminate', 'correct'];

/** The disconnection orders that a suspension or revocation gave rise to. */
function Orders({ number }: { number: string }) {
  const { t } = useTexts();
  const orders = useQuery(licenseOrdersQuery(number));
  const rows = orders.data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('orders.title')} action={<Link to="/orders" search={{ license: number }}>{t('license.toOrders')}</Link>}>
      <Table label={t('orders.title')}>
        <tbody>
          {rows.map((order) => (
            <tr key={order.id}>
              <td><Link to="/orders/$id" params={{ id: order.id }} className="mono" preload={false}>{order.number}</Link></td>
              <td className="mono">{order.connection_point}</td>
              <td><State noun="order" state={order.state} /></td>
              <td data-align="end"><Instant at={order.deadline} /></td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

function History({ number }: { number: string }) {
  const { t } = useTexts();
  const timeline = useQuery(timelineQuery(number));
  return (
    <Section title={t('ui.timeline.title')}>
      <Loaded query={timeline} rows={4}>
        {(data) => <LedgerTimeline events={data.items} />}
      </Loaded>
    </Section>
  );
}

/** The first act as the primary button, the others in a list that opens. */
function ActMenu({ number, acts: [first, ...others] }: { number: string; acts: readonly Act[] }) {
  const { t } = useTexts();
  if (!first) return null;
  return (
    <>
      <Button component={Link} to={`/licenses/${number}/${first}`}>
        {t(`act.open.${first}`)}
      </Button>
      {others.length > 0 ? (
        <details className={classes.menu}>
          <summary>{t('act.more')}</summary>
          <ul>
            {others.map((act) => (
              <li key={act}>
                <Link to={`/licenses/$number/${act}`} params={{ number }}>{t(`act.open.${act}`)}</Link>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

function Body({ license }: { license: License }) {
  const { t } = useTexts();
  const can = useCan();
  const { number } = license;
  const possible = acts.filter((act) => license.allowed.includes(act));
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/licenses">
            <BackLabel>{t('nav.licenses')}</BackLabel>
          </Link>
        }
        kind={t('license.kind')}
        number={<Identifier value={number} />}
        title={number}
        state={<State noun="license" state={license.state} size="large" />}
        subtitle={<span>{license.holder_name}</span>}
        aside={
          <a className={classes.qr} href={license.verification_url} target="_blank" rel="noreferrer" aria-label={t('license.verifyPage')}>
            <img src={qrAddress(number)} alt={t('license.qr')} width={96} height={96} />
          </a>
        }
        action={<ActMenu number={number} acts={possible} />}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('license.approved'), value: <Kw value={license.approved_kw} /> },
              { label: t('license.validUntil'), value: <Instant at={license.valid_until} /> },
              { label: t('application.subType'), value: t(`subType.${license.sub_type}`) },
              { label: t('license.version'), value: <span className="num">{license.version}</span> },
            ]}
          />
        }
      />
      <Columns
        facts={
          <>
            <Section title={t('license.holder')}>
              <Facts
                facts={[
                  { label: t('party.name'), value: can('party.read') ? <Link to="/parties/$id" params={{ id: license.holder }}>{license.holder_name}</Link> : license.holder_name },
                  { label: t('party.bin'), value: <Identifier value={license.holder_bin} /> },
                ]}
              />
            </Section>
            <Section title={t('license.basis')}>
              <Facts
                facts={[
                  { label: t('decision.order'), value: license.order || '–' },
                  { label: t('license.firstIssued'), value: <LegalDate date={license.first_issued_on} /> },
                  { label: t('license.issued'), value: <LegalDate date={license.issued_on} /> },
                  { label: t('license.recorded'), value: <Instant at={license.recorded_at} /> },
                  can('application.read') && license.application ? { label: t('application.kind'), value: <Link to="/applications/$id" params={{ id: license.application }}>{t('license.toApplication')}</Link> } : null,
                  license.host_license ? { label: t('application.host'), value: <Link to="/licenses/$number" params={{ number: license.host_license }} className="mono">{license.host_license}</Link> } : null,
                  { label: t('license.code'), value: <Identifier value={license.verification_code} /> },
                ]}
              />
            </Section>
          </>
        }
      >
        <Provisional license={license} />
        <Suspended license={license} />
        <HostStopped license={license} />
        <Section title={t('license.appendices')}>
          <Table label={t('license.appendices')}>
            <thead>
              <tr>
                <th scope="col">{t('license.appendix')}</th>
                <th scope="col">{t('application.site')}</th>
                <th scope="col">{t('application.points')}</th>
                <th scope="col" data-align="end">{t('license.approved')}</th>
              </tr>
            </thead>
            <tbody>
              {license.sites.map((site) => (
                <tr key={site.appendix}>
                  <td className="mono">{site.appendix}</td>
                  <td className="mono">{site.site_code || site.site}</td>
                  <td className="mono">{site.connection_points.join(', ')}</td>
                  <td data-align="end"><Kw value={site.approved_kw} /></td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Section>
        <Tenants number={number} />
        <LicenseActs number={number} />
        {can('order.read') ? <Orders number={number} /> : null}
        {can('obligation.read') ? <LicenseObligations license={number} /> : null}
        {can('document.read') ? <LicenseDocuments license={license} /> : null}
        <Versions license={license} />
        <History number={number} />
      </Columns>
    </>
  );
}

/** One license: its state, what it covers, its history. */
export function LicensePage() {
  const { number } = route.useParams();
  const query = useQuery(licenseQuery(number));
  return <Loaded query={query}>{(license) => <Body license={license} />}</Loaded>;
}
