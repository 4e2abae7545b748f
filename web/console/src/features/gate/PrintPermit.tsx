import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { exactWall, kw } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page } from '@ui/Page';
import { Empty } from '@ui/states';
import { checkQuery } from './api';
import classes from './PrintPermit.module.css';

const route = getRouteApi('/gate/checks/$id/print');
/** A sheet goes to people who did not choose the language of the screen, so it speaks all three. */
const languages = ['kk', 'ru', 'en'] as const;

/** A permit on a sheet that fits A4 and A5, with the signed permit as a QR code that is checked without a network. */
export function PrintPermit() {
  const { t } = useTexts();
  const { id } = route.useParams();
  const query = useQuery(checkQuery(id));
  return (
    <Loaded query={query}>
      {(answer) => (
        <Page title={t('permit.title')} back={<Link to="/gate/checks/$id" params={{ id }}><BackLabel>{answer.reference}</BackLabel></Link>} action={<Button className="no-print" onClick={() => window.print()}>{t('gate.print')}</Button>}>
          {answer.permit && answer.valid_until ? (
            <article className={classes.sheet}>
              <div className={classes.head}>
                <p>РҰҚСАТ · ДОПУСК · PERMIT</p>
                <span>{kw(answer.max_kw ?? 0, 'ru')} · {answer.connection_point}</span>
              </div>
              <div className={classes.until}>
                {languages.map((language) => t(`permit.until.${language}`)).join(' · ')}
                <strong>{exactWall(answer.valid_until)}</strong>
              </div>
              <img className={classes.qr} src={`/v1/gate/checks/${encodeURIComponent(id)}/permit.svg`} alt={t('permit.qr')} />
              <dl className={classes.facts}>
                <dt>№</dt><dd>{answer.reference}</dd>
                {answer.license ? <><dt>{t('license.kind')}</dt><dd>{answer.license}</dd></> : null}
                <dt>{t('gate.decidedAt')}</dt><dd>{exactWall(answer.decided_at)}</dd>
                <dt>ID</dt><dd>{answer.id}</dd>
              </dl>
              <ul className={classes.three}>
                {languages.map((language) => <li key={language} lang={language}>{t(`permit.how.${language}`)}</li>)}
              </ul>
            </article>
          ) : (
            <Empty title={t('permit.none')}>{t('permit.noneHelp')}</Empty>
          )}
        </Page>
      )}
    </Loaded>
  );
}
