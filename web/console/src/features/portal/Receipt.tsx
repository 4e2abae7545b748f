import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { exactInstant } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { LegalDate } from '@ui/values';
import { applicationQuery, receiptQuery, tasksQuery, type Application } from './api';
import { PortalPage } from './Layout';
import classes from './portal.module.css';

const route = getRouteApi('/applications/$id/receipt');

function Body({ application }: { application: Application }) {
  const { t, language } = useTexts();
  const receipt = useQuery(receiptQuery(application.id));
  const term = useQuery(tasksQuery(application.id)).data?.term_working_days;
  return (
    <Loaded query={receipt}>
      {(found) => (
        <PortalPage title={t('portal.receipt.title')} caption={`${t(`portal.kind.${application.kind}`)} · ${application.applicant_name}`}>
          <div className={classes.panel}>
            <span>{t('portal.receipt.reference')}</span>
            <strong className={`${classes.reference} num`}>{found.reference}</strong>
          </div>
          <dl className={classes.facts}>
            <div>
              <dt>{t('portal.receipt.filed')}</dt>
              <dd>{exactInstant(found.filed_at, language)}</dd>
            </div>
            <div>
              <dt>{t('party.bin')}</dt>
              <dd className="num">{application.applicant_bin}</dd>
            </div>
            <div>
              <dt>{t('portal.receipt.registerBy')}</dt>
              <dd>
                <LegalDate date={found.register_by} />
              </dd>
            </div>
            {term ? (
              <div>
                <dt>{t('portal.receipt.decide')}</dt>
                <dd>{t('portal.start.days', { count: term })}</dd>
              </div>
            ) : null}
          </dl>
          <section>
            <h2>{t('portal.receipt.digest')}</h2>
            <p className={classes.digest}>{found.content_digest}</p>
            <p className={classes.hint}>{t('portal.receipt.digestHelp')}</p>
          </section>
          <section>
            <h2>{t('portal.receipt.next')}</h2>
            <ol className={classes.steps}>
              <li>{t('portal.receipt.step1')}</li>
              <li>{t('portal.receipt.step2')}</li>
              <li>{t('portal.receipt.step3')}</li>
              <li>{t('portal.receipt.step4')}</li>
            </ol>
          </section>
          <div className={`${classes.foot} no-print`}>
            <Button size="md" component={Link} to={`/applications/${application.id}`}>
              {t('portal.toTrack')}
            </Button>
            <Button size="md" variant="default" onClick={() => window.print()}>
              {t('portal.receipt.print')}
            </Button>
          </div>
        </PortalPage>
      )}
    </Loaded>
  );
}

/** What the applicant gets for a filing; it prints on one page. */
export function Receipt() {
  const { id } = route.useParams();
  const application = useQuery(applicationQuery(id));
  return <Loaded query={application}>{(found) => <Body application={found} />}</Loaded>;
}
