import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Section } from '@ui/Page';
import { State } from '@ui/State';
import { Callout } from '@ui/states';
import { Facts, Instant, Kw } from '@ui/values';
import classes from './Evidence.module.css';
import { filesQuery, sheetQuery, type Sheet } from './review';

type Point = Sheet['points'][number];

function PointFacts({ point }: { point: Point }) {
  const { t } = useTexts();
  const can = useCan();
  if (!point.known) return <Callout tone="stop" title={point.code}><p>{t('sheet.unknownPoint')}</p></Callout>;
  return (
    <div className={classes.point}>
      <h3>
        {can('grid.read') ? <Link to="/grid" search={{ node: point.code }}>{point.code}</Link> : point.code} {point.state ? <State noun="connection" state={point.state} /> : null}
      </h3>
      <Facts
        layout="row"
        facts={[
          { label: t('sheet.permitted'), value: <strong><Kw value={point.permitted_kw} /></strong> },
          { label: t('sheet.energised'), value: <Kw value={point.energised_kw} /> },
          { label: t('sheet.conditions'), value: point.technical_conditions ? <>{point.technical_conditions}, <Kw value={point.technical_conditions_kw} />{point.technical_conditions_until ? <> · <Instant at={point.technical_conditions_until} /></> : null}</> : t('sheet.no') },
          { label: t('sheet.contract'), value: point.supply_contract || t('sheet.no') },
          { label: t('sheet.act'), value: point.delineation_act || t('sheet.no') },
          { label: t('sheet.automation'), value: t(point.emergency_automation ? 'sheet.yes' : 'sheet.no') },
          point.license ? { label: t('sheet.held'), value: <Link to="/licenses/$number" params={{ number: point.license }} className="mono">{point.license}</Link> } : null,
        ]}
      />
    </div>
  );
}

/** What the register knows of the applicant, the sites and the points asked for. */
export function Evidence({ id }: { id: string }) {
  const { t, language } = useTexts();
  const sheet = useQuery(sheetQuery(id));
  return (
    <Section title={t('sheet.title')}>
      <Loaded query={sheet} rows={4}>
        {(data) => (
          <div className={classes.evidence}>
            <Facts
              layout="row"
              facts={[
                { label: t('sheet.party'), value: <><State noun="party" state={data.party_state} /> {t(`sheet.size.${data.party_size}`, { defaultValue: data.party_size })}, {t(data.party_resident ? 'sheet.resident' : 'sheet.nonResident')}</> },
                ...data.sites.map((site) => ({
                  label: site.code,
                  value: (
                    <>
                      {language === 'kk' ? site.name_kk || site.name_ru : site.name_ru || site.name_kk}, {site.address}
                      {site.own ? null : <strong> · {t('sheet.foreignSite')}</strong>}
                    </>
                  ),
                })),
              ]}
            />
            {data.points.map((point) => (
              <PointFacts key={point.code} point={point} />
            ))}
            {data.silent_agencies.length > 0 ? (
              <Callout tone="stop" title={t('sign.silent')}>
                <p>{data.silent_agencies.join(', ')}</p>
              </Callout>
            ) : null}
          </div>
        )}
      </Loaded>
    </Section>
  );
}

/** The last draft that fell, with who did it and why. */
export function Voided({ id }: { id: string }) {
  const { t } = useTexts();
  const sheet = useQuery(sheetQuery(id));
  const voided = sheet.data?.voided;
  if (!voided) return null;
  return (
    <Callout tone="stop" title={t('voided.title')}>
      <p>
        {t('voided.who', { name: voided.by_name || voided.by, why: t(`voided.${voided.why}`) })}, <Instant at={voided.at} />
      </p>
    </Callout>
  );
}

/** The files that show one requirement. */
export function Files({ id, requirement }: { id: string; requirement: string }) {
  const { t } = useTexts();
  const files = useQuery(filesQuery(id));
  const own = (files.data?.items ?? []).filter((file) => file.requirement === requirement);
  if (own.length === 0) return null;
  return (
    <div className="small">
      {t('sheet.files')}:{' '}
      {own.map((file, i) => (
        <span key={file.id}>
          {i > 0 ? ', ' : null}
          <a href={`/v1/applications/${encodeURIComponent(id)}/attachments/${encodeURIComponent(file.id)}/file`} target="_blank" rel="noopener">
            {file.name}
          </a>
        </span>
      ))}
    </div>
  );
}
