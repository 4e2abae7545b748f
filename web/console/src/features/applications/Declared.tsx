import { useTexts } from '@shared/i18n';
import { count, money } from '@shared/format';
import { Section } from '@ui/Page';
import { Table } from '@ui/Table';
import { Facts, Kw } from '@ui/values';
import type { Application } from './api';

/** What the applicant declared. */
export function Declared({ application }: { application: Application }) {
  const { t, language } = useTexts();
  return (
    <>
      <Section title={t('application.sites')}>
        {application.sites.length === 0 ? (
          <p className="muted">{t('application.noSites')}</p>
        ) : (
          <Table label={t('application.sites')}>
            <thead>
              <tr>
                <th scope="col">{t('application.site')}</th>
                <th scope="col">{t('application.points')}</th>
                <th scope="col" data-align="end">{t('application.askedKw')}</th>
              </tr>
            </thead>
            <tbody>
              {application.sites.map((site) => (
                <tr key={site.site}>
                  <td className="mono">{site.site_code || site.site}</td>
                  <td className="mono">{site.connection_points.join(', ')}</td>
                  <td data-align="end"><Kw value={site.approved_kw} /></td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      <Section title={t('application.equipment')}>
        {application.equipment.length === 0 ? (
          <p className="muted">{t('application.noEquipment')}</p>
        ) : (
          <Table label={t('application.equipment')}>
            <thead>
              <tr>
                <th scope="col">{t('application.model')}</th>
                <th scope="col" data-align="end">{t('application.units')}</th>
                <th scope="col" data-align="end">{t('application.eachKw')}</th>
                <th scope="col" data-align="end">{t('application.totalKw')}</th>
              </tr>
            </thead>
            <tbody>
              {application.equipment.map((line, index) => (
                <tr key={index}>
                  <td>{line.manufacturer} {line.model}</td>
                  <td data-align="end">{count(line.units, language)}</td>
                  <td data-align="end"><Kw value={line.nameplate_kw} /></td>
                  <td data-align="end"><Kw value={line.nameplate_kw * line.units} /></td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Section>
      <Section title={t('application.otherAnswers')}>
        <Facts
          layout="row"
          facts={[
            { label: t('application.supply'), value: t(`supply.${application.supply_basis}`) },
            { label: t('application.fee'), value: money(Math.round(application.fee_paid_kzt * 100), language) },
            { label: t('application.feeDocument'), value: application.fee_document || '–' },
            { label: t('application.language'), value: t(`language.${application.language || 'kk'}`) },
            application.host_license ? { label: t('application.host'), value: <span className="mono">{application.host_license}</span> } : null,
            application.note ? { label: t('application.note'), value: application.note } : null,
          ]}
        />
      </Section>
    </>
  );
}
