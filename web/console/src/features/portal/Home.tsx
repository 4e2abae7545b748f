import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { instant } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { useSession } from '@shared/session';
import { Deadline } from '@ui/Deadline';
import { Loaded } from '@ui/Loaded';
import { State } from '@ui/State';
import { Age, Kw } from '@ui/values';
import { ownPages, type Application } from './api';
import { keptAt } from './useDraft';
import { PortalPage } from './Layout';
import { needOf, sections } from './home';
import classes from './portal.module.css';

function Card({ application }: { application: Application }) {
  const { t, language } = useTexts();
  const { user } = useSession();
  const need = needOf(application);
  const { id } = application;
  const kept = keptAt(user.id, id);
  return (
    <li className={classes.card} data-needs={need || undefined}>
      <div className={classes.cardHead}>
        <h3>
          <Link to="/applications/$id" params={{ id }}>
            {application.number}
          </Link>{' '}
          {t(`portal.kind.${application.kind}`)}
        </h3>
        <State noun="application" state={application.state} />
      </div>
      <div className={classes.row}>
        {application.declared_kw > 0 ? <Kw value={application.declared_kw} /> : null}
        {application.base_license ? <span className="mono">{application.base_license}</span> : null}
        {application.clock.due && !application.decision?.signed_at ? <Deadline due={application.clock.due} left={application.clock.working_days_left} total={application.clock.term_days} paused={application.clock.standing} layout="stack" /> : null}
        <span className={classes.hint}>
          {t('ui.updated')} <Age at={application.updated_at} />
        </span>
      </div>
      {kept ? <p>{t('portal.home.kept', { time: instant(kept, new Date(), language) })}</p> : null}
      {need ? (
        <div>
          <Button component={Link} to={`/applications/${id}${need === 'correct' ? '/correct' : '/tasks'}`}>
            {t(`portal.need.${need}`)}
          </Button>
        </div>
      ) : null}
      {application.license ? (
        <p>
          {t('application.license')}:{' '}
          <Link to="/licenses/$number" params={{ number: application.license }} className="mono">
            {application.license}
          </Link>
        </p>
      ) : null}
    </li>
  );
}

/** The applicant's applications, by what is needed of them now. */
export function Home() {
  const { t } = useTexts();
  const { query, more } = usePages(ownPages(['draft', 'submitted', 'registered', 'returned', 'in_review', 'decision_drafted', 'granted', 'refused', 'withdrawn']));
  return (
    <PortalPage title={t('portal.home.title')}>
      <div>
        <Button size="md" component={Link} to="/applications/new">
          {t('queue.new')}
        </Button>
      </div>
      <Loaded query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <p>{t('portal.home.empty')}</p>
          ) : (
            <>
              {sections(data.items).map(({ name, rows }) =>
                rows.length === 0 ? null : (
                  <section key={name}>
                    <h2>{t(`portal.home.${name}`)}</h2>
                    <ul className={classes.cards}>
                      {rows.map((application) => (
                        <Card key={application.id} application={application} />
                      ))}
                    </ul>
                  </section>
                ),
              )}
              {more ? (
                <div>
                  <Button variant="default" onClick={more}>
                    {t('ui.list.more')}
                  </Button>
                </div>
              ) : null}
            </>
          )
        }
      </Loaded>
    </PortalPage>
  );
}
