import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useNow } from '@shared/clock';
import { useGroundText } from '@shared/grounds';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Section } from '@ui/Page';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Table } from '@ui/Table';
import { Facts, Instant, Kw } from '@ui/values';
import { licenseActsQuery, tenantsQuery, versionsQuery } from './acts';
import type { License } from './api';

/** That a suspension is urgent and waits for another person, with the way there. */
export function Provisional({ license }: { license: License }) {
  const { t } = useTexts();
  const { provisional } = license;
  if (!provisional) return null;
  return (
    <Callout tone="stop" title={t('acts.urgent')}>
      <p>{t('acts.urgentHelp')}</p>
      <Facts layout="row" facts={[{ label: t('acts.confirmBy'), value: <Instant at={provisional.confirm_by} /> }]} />
      {provisional.act ? (
        <Button component={Link} to={`/acts/${provisional.act}`} variant="default" size="xs" mt={8}>
          {t('acts.urgentOpen')}
        </Button>
      ) : null}
    </Callout>
  );
}

/** A suspension with its ground and its end, and what to do once that has come. */
export function Suspended({ license }: { license: License }) {
  const { t } = useTexts();
  const ground = useGroundText();
  const now = useNow(60_000);
  const { suspension } = license;
  if (!suspension || license.state !== 'suspended') return null;
  const over = Date.parse(suspension.until) <= now.getTime();
  return (
    <Callout tone={over ? 'refuse' : 'stop'} title={t(over ? 'license.termOver' : 'license.suspendedSince')}>
      <Facts
        layout="row"
        facts={[
          { label: t('act.ground'), value: ground(suspension.ground) },
          { label: t('act.months'), value: t('act.monthCount', { count: suspension.months }) },
          { label: t('license.suspendedFrom'), value: <Instant at={suspension.from} /> },
          { label: t('license.suspendedUntil'), value: <Instant at={suspension.until} /> },
          suspension.note ? { label: t('act.note'), value: suspension.note } : null,
        ]}
      />
      <p className="small">{t(over ? 'license.termOverHelp' : 'license.notByItself')}</p>
    </Callout>
  );
}

/** That the data centre's own license is not in force, since when and on what ground. */
export function HostStopped({ license }: { license: License }) {
  const { t } = useTexts();
  const ground = useGroundText();
  if (!license.host_license || !license.host_state || license.host_state === 'active') return null;
  return (
    <Callout tone="stop" title={t('license.hostStopped')}>
      <Facts
        layout="row"
        facts={[
          { label: t('license.host'), value: <Link to="/licenses/$number" params={{ number: license.host_license }} className="mono">{license.host_license}</Link> },
          { label: t('ui.state'), value: <State noun="license" state={license.host_state} /> },
          license.host_since ? { label: t('license.hostSince'), value: <Instant at={license.host_since} /> } : null,
          license.host_ground ? { label: t('act.ground'), value: ground(license.host_ground) } : null,
        ]}
      />
      <p className="small">{t('license.hostStoppedHelp')}</p>
    </Callout>
  );
}

/** The licenses of sub-type II in the data centre of the license. */
export function Tenants({ number }: { number: string }) {
  const { t } = useTexts();
  const rows = useQuery(tenantsQuery(number)).data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('license.hosts')}>
      <Table label={t('license.hosts')}>
        <tbody>
          {rows.map((row) => (
            <tr key={row.number}>
              <td><Link to="/licenses/$number" params={{ number: row.number }} className="mono" preload={false}>{row.number}</Link></td>
              <td>{row.holder_name}</td>
              <td><State noun="license" state={row.state} /></td>
              <td data-align="end"><Kw value={row.approved_kw} /></td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

/** The acts on the license, those that wait first. */
export function LicenseActs({ number }: { number: string }) {
  const { t } = useTexts();
  const can = useCan();
  const acts = useQuery({ ...licenseActsQuery(number), enabled: can('license.read_act') });
  const rows = acts.data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <Section title={t('license.acts')} action={<Link to="/acts">{t('acts.waiting')}</Link>}>
      <Table label={t('license.acts')}>
        <tbody>
          {rows.map((act) => (
            <tr key={act.id}>
              <td><Link to="/acts/$id" params={{ id: act.id }} preload={false}>{t(`acts.kind.${act.kind}`)}</Link></td>
              <td><State noun="act" state={act.state} /></td>
              <td>{act.drafter_name}</td>
              <td data-align="end"><Instant at={act.drafted_at} /></td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

/** Every version with both of its times: from when it holds, and when it was recorded. */
export function Versions({ license }: { license: License }) {
  const { t } = useTexts();
  const ground = useGroundText();
  const versions = useQuery(versionsQuery(license.number));
  const rows = [...(versions.data?.items ?? [])].reverse();
  if (rows.length === 0) return null;
  return (
    <Section title={t('license.versions')}>
      <Table label={t('license.versions')}>
        <thead>
          <tr>
            <th scope="col">{t('license.version')}</th>
            <th scope="col">{t('ui.state')}</th>
            <th scope="col">{t('act.ground')}</th>
            <th scope="col" data-align="end">{t('license.approved')}</th>
            <th scope="col" data-align="end">{t('license.effective')}</th>
            <th scope="col" data-align="end">{t('license.recordedAt')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.version} aria-current={row.version === license.version ? 'true' : undefined}>
              <td className="num">{row.version}</td>
              <td>
                <State noun="license" state={row.state} />
                {row.corrects ? <div className="small muted">{t('license.corrects', { version: row.corrects })}</div> : null}
              </td>
              <td>{row.ground ? ground(row.ground) : '–'}</td>
              <td data-align="end"><Kw value={row.approved_kw} /></td>
              <td data-align="end"><Instant at={row.effective_at} /></td>
              <td data-align="end"><Instant at={row.recorded_at} /></td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}
