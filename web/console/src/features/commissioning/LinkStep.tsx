import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useNow } from '@shared/clock';
import { number } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { StateMark } from '@ui/StateMark';
import { Empty } from '@ui/states';
import { Age } from '@ui/values';
import { linksQuery, recentQuery, type CommissionLink, type Job } from './api';
import type { CommissionSearch } from './search';
import { JobMark } from './Job';
import classes from './Commission.module.css';

/** A collector that has not asked for work for so long is taken to be away. */
const AWAY = 120_000;

const fragment = '{"server": "…", "collector": "…", "commissioning": ["tcp://10.1.2.9:502"], "meters": []}';

/** Where a job's page goes on. */
const goOn = (job: Job): CommissionSearch =>
  job.task === 'scan'
    ? { collector: job.collector, endpoint: job.endpoint, scan: job.id, step: 'unit' }
    : { collector: job.collector, endpoint: job.endpoint, unit: job.units[0] ?? 0, ...(job.profile ? { profile: job.profile } : {}), read: job.id, step: 'read' };

function Recent() {
  const { t } = useTexts();
  const { data } = useQuery(recentQuery);
  if (!data || data.items.length === 0) return null;
  return (
    <section className={classes.question}>
      <h2>{t('commission.recent')}</h2>
      <ul className={classes.recent}>
        {data.items.map((job) => (
          <li key={job.id}>
            <Link to="/commissioning" search={goOn(job)}>{t(`commission.task.${job.task}`, { units: job.units.length > 1 ? `${job.units[0] ?? ''}–${job.units[job.units.length - 1] ?? ''}` : String(job.units[0] ?? '') })}</Link>
            <span className="mono small">{job.endpoint}</span>
            <JobMark job={job} />
            <span className="small muted"><Age at={job.asked_at} /></span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Which gateway: the links of the collectors that take such work. */
export function LinkStep({ search, onGo }: { search: CommissionSearch; onGo: (next: CommissionSearch) => void }) {
  const { t, language } = useTexts();
  const query = useQuery(linksQuery);
  const now = useNow(5_000).getTime();
  const keyOf = (link: CommissionLink) => `${link.collector} ${link.endpoint}`;
  const [chosen, setChosen] = useState(search.endpoint ? `${search.collector ?? ''} ${search.endpoint}` : '');
  const [missing, setMissing] = useState(false);
  return (
    <>
      <Loaded query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <>
              <Empty title={t('commission.noLinks')}>{t('commission.noLinksHelp')}</Empty>
              <pre className={classes.fragment} tabIndex={0}>{fragment}</pre>
            </>
          ) : (
            <form
              className={classes.question}
              onSubmit={(event) => {
                event.preventDefault();
                const link = data.items.find((one) => keyOf(one) === chosen);
                setMissing(!link);
                if (link) onGo({ collector: link.collector, endpoint: link.endpoint, step: 'scan' });
              }}
            >
              <h2 id="commission-link">{t('commission.link.ask')}</h2>
              <p className="muted">{t('commission.link.help')}</p>
              <div className={classes.choices} role="radiogroup" aria-labelledby="commission-link">
                {data.items.map((link) => {
                  const away = now - Date.parse(link.asked_at) > AWAY;
                  return (
                    <label key={keyOf(link)} className={classes.choice}>
                      <input type="radio" name="link" value={keyOf(link)} checked={chosen === keyOf(link)} onChange={() => setChosen(keyOf(link))} />
                      <span>
                        <span className="mono">{link.endpoint}</span>
                        <span className="small muted">
                          {link.codes.length > 0 ? <>{t('commission.link.meters')} <span className="mono">{link.codes.join(', ')}{link.meters > link.codes.length ? ' …' : ''}</span> · </> : <>{t('commission.link.none')} · </>}
                          {t('commission.link.load', { percent: number(link.load_pct, 1, language) })} · {t('commission.link.collector')} <span className="mono">{link.collector}</span>
                        </span>
                        {away ? <span><StateMark tone="stop" label={t('commission.link.away')} /> <Age at={link.asked_at} every={5000} /></span> : null}
                      </span>
                    </label>
                  );
                })}
              </div>
              {missing ? <p role="alert">{t('commission.choose')}</p> : null}
              <div className={classes.act}><Button type="submit">{t('commission.next')}</Button></div>
            </form>
          )
        }
      </Loaded>
      <Recent />
    </>
  );
}
