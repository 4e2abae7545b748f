import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Table } from '@ui/Table';
import { Facts, Identifier, Instant, Kw } from '@ui/values';
import { holderLicensesQuery, ownerEquipmentQuery, partyQuery, type Party } from './api';

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
                    <td className="mono">{rig.serial}</td>
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

function Body({ party, id }: { party: Party; id: string }) {
  const { t, language } = useTexts();
  const can = useCan();
  const name = language === 'kk' ? party.name_kk : party.name_ru;
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
        {can('license.read') ? <Licenses id={id} /> : null}
        {can('equipment.read') ? <Equipment id={id} /> : null}
      </Columns>
    </>
  );
}

/** One party: who it is, its licenses and equipment. */
export function PartyPage() {
  const { id } = route.useParams();
  const query = useQuery(partyQuery(id));
  return <Loaded query={query}>{(party) => <Body party={party} id={id} />}</Loaded>;
}
