import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Table } from '@ui/Table';
import { Callout } from '@ui/states';
import { Facts, Identifier, Instant, Kw } from '@ui/values';
import { applicantApplicationsQuery, holderLicensesQuery, obstaclesQuery, ownerEquipmentQuery, ownerSitesQuery, partyDuplicatesQuery, partyMergesQuery, partyQuery, type Party } from './api';
import { nameOf } from './names';
import { Persons } from './Persons';
import classes from './Parties.module.css';

const route = getRouteApi('/parties/$id');

function Licenses({ id }: { id: string }) {
  const { t } = useTexts();
  const licenses = useQuery(holderLicensesQuery(id));
  return (
    <Section title={t('nav.licenses')}>
      <Loaded query={licenses} rows={3}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('party.noLicenses')}</p>
          ) : (
            <Table label={t('nav.licenses')}>
              <tbody>
                {data.items.map((license) => (
                  <tr key={license.number}>
                    <td><Link to="/licenses/$number" params={{ number: license.number }} className="mono">{license.number}</Link></td>
                    <td><State noun="license" state={license.state} /></td>
                    <td data-align="end"><Kw value={license.approved_kw} /></td>
                    <td data-align="end"><Instant at={license.valid_until} /></td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

function Equipment({ id }: { id: string }) {
  const { t } = useTexts();
  const equipment = useQuery(ownerEquipmentQuery(id));
  return (
    <Section title={t('party.equipment')}>
      <Loaded query={equipment} rows={3}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('party.noEquipment')}</p>
          ) : (
            <Table label={t('party.equipment')}>
              <thead>
                <tr>
                  <th scope="col">{t('party.serial')}</th>
                  <th scope="col">{t('application.model')}</th>
                  <th scope="col">{t('ui.state')}</th>
                  <th scope="col" data-align="end">{t('application.eachKw')}</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map((rig) => (
                  <tr key={rig.id}>
                    <td><Link to="/equipment/$id" params={{ id: rig.id ?? '' }} className="mono">{rig.serial}</Link></td>
                    <td>{rig.manufacturer} {rig.model}</td>
                    <td><State noun="equipment" state={rig.state} /></td>
                    <td data-align="end"><Kw value={rig.nameplate_kw} /></td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

function Sites({ id }: { id: string }) {
  const { t, language } = useTexts();
  const sites = useQuery(ownerSitesQuery(id));
  return (
    <Section title={t('party.sites')}>
      <Loaded query={sites} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('party.noSites')}</p>
          ) : (
            <Table label={t('party.sites')}>
              <tbody>
                {data.items.map((site) => (
                  <tr key={site.id}>
                    <td className="mono">{site.code}</td>
                    <td>{nameOf(site, language)}</td>
                    <td>{site.address}</td>
                    <td className="mono small">{site.connection_points.join(', ')}</td>
                    <td data-align="end"><Kw value={site.host_capacity_kw} /></td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

function Applications({ id }: { id: string }) {
  const { t } = useTexts();
  const applications = useQuery(applicantApplicationsQuery(id));
  return (
    <Section title={t('party.applications')}>
      <Loaded query={applications} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('party.noApplications')}</p>
          ) : (
            <Table label={t('party.applications')}>
              <tbody>
                {data.items.map((application) => (
                  <tr key={application.id}>
                    <td><Link to="/applications/$id" params={{ id: application.id }} className="mono">{application.number}</Link></td>
                    <td><State noun="application" state={application.state} /></td>
                    <td data-align="end">{application.submitted_at ? <Instant at={application.submitted_at} /> : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )
        }
      </Loaded>
    </Section>
  );
}

/** What stands between the party and a license, by the law of the day. */
function Fitness({ id }: { id: string }) {
  const { t } = useTexts();
  const obstacles = useQuery(obstaclesQuery(id));
  if (!obstacles.data || obstacles.data.items.length === 0) return null;
  return (
    <Callout tone="stop" title={t('party.unfit')}>
      <ul>
        {obstacles.data.items.map((obstacle) => (
          <li key={obstacle.code}>
            {t(`partyRule.${obstacle.code}`)} <span className="small muted">{obstacle.legal_ref}</span>
          </li>
        ))}
      </ul>
    </Callout>
  );
}

function Doubles({ id }: { id: string }) {
  const { t, language } = useTexts();
  const pairs = useQuery(partyDuplicatesQuery(id));
  const merges = useQuery(partyMergesQuery(id));
  const found = pairs.data?.items ?? [];
  const kept = merges.data?.items ?? [];
  if (found.length === 0 && kept.length === 0) return null;
  return (
    <Section title={t('duplicate.title')} action={found.length > 0 ? <Link to="/parties/duplicates" search={{ party: id }}>{t('duplicate.compare', { count: found.length })}</Link> : null}>
      <ul className={classes.lines}>
        {found.map((pair) => {
          const other = pair.a.id === id ? pair.b : pair.a;
          return (
            <li key={`${pair.a.id}${pair.b.id}`} className={classes.line}>
              <span>
                <span className="num">{pair.score} %</span> <Link to="/parties/$id" params={{ id: other.id ?? '' }}>{nameOf(other, language)}</Link> <span className="mono small muted">{other.bin_or_iin}</span>
              </span>
              <span className="small muted">{pair.signs.map((sign) => t(`sign.${sign}`)).join(' · ')}</span>
            </li>
          );
        })}
        {kept.map((merge) => (
          <li key={merge.id} className={classes.line}>
            <span>
              <State noun="merge" state={merge.state} /> <Link to="/parties/merges/$id" params={{ id: merge.id }}>{t('merge.of', { from: nameOf(merge.from, language), into: nameOf(merge.into, language) })}</Link>
            </span>
            <span className="small muted"><Instant at={merge.undone_at ?? merge.decided_at ?? merge.proposed_at} /> · {merge.reason}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Body({ party, id: key }: { party: Party; id: string }) {
  const { t, language } = useTexts();
  const can = useCan();
  const id = party.id ?? key;
  const name = nameOf(party, language);
  return (
    <>
      <ObjectHeader
        back={
          <Link to="/register">
            <BackLabel>{t('nav.register')}</BackLabel>
          </Link>
        }
        kind={t(`partyKind.${party.kind}`)}
        number={name}
        title={name}
        state={<State noun="party" state={party.state ?? 'active'} size="large" />}
        action={can('party.write') && !party.merged_into ? <Button variant="default" component={Link} to={`/parties/${id}/edit`}>{t('party.edit')}</Button> : undefined}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('party.bin'), value: <Identifier value={party.bin_or_iin} /> },
              { label: t('party.size'), value: t(`partySize.${party.size}`) },
              { label: t('party.resident'), value: t(party.resident ? 'ui.yes' : 'ui.no') },
            ]}
          />
        }
      />
      {party.merged_into ? (
        <Callout tone="stop" title={t('party.isMerged')}>
          {t('party.mergedInto')} <Link to="/parties/$id" params={{ id: party.merged_into }}>{t('party.survivor')}</Link>
        </Callout>
      ) : (
        <Fitness id={id} />
      )}
      <Columns
        facts={
          <Section title={t('party.contact')}>
            <Facts
              facts={[
                { label: t('party.address'), value: party.address || '–' },
                { label: t('party.kato'), value: <span className="mono">{party.kato}</span> },
                { label: t('party.email'), value: party.email || '–' },
                { label: t('party.phone'), value: party.phone || '–' },
              ]}
            />
          </Section>
        }
      >
        {can('person.read') ? <Persons party={id} merged={Boolean(party.merged_into)} /> : null}
        {can('license.read') ? <Licenses id={id} /> : null}
        {can('application.read') ? <Applications id={id} /> : null}
        {can('site.read') ? <Sites id={id} /> : null}
        {can('equipment.read') ? <Equipment id={id} /> : null}
        {can('party.read_duplicates') ? <Doubles id={id} /> : null}
      </Columns>
    </>
  );
}

/** One party: who it is, its people, licenses, applications, sites and equipment, and what it may be one with. */
export function PartyPage() {
  const { id } = route.useParams();
  const query = useQuery(partyQuery(id));
  return <Loaded query={query}>{(party) => <Body key={id} party={party} id={id} />}</Loaded>;
}
