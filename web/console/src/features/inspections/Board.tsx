import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { legalDateOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age, LegalDate, ShareBar } from '@ui/values';
import { boardQuery, placeOf, type Inspection } from './api';
import classes from './Board.module.css';
import { Ways } from './Ways';

const route = getRouteApi('/inspections/board');
const columns = ['planned', 'ready', 'in_progress', 'submitted', 'finalized'] as const;

/** What has come in of a visit under way. */
function Come({ row }: { row: Inspection }) {
  const { t } = useTexts();
  return (
    <>
      <span className={classes.line}>
        <span className="num">{t('inspection.board.records', { count: row.events })}</span>
        <span className="num">{t('inspection.board.serials', { count: row.serials })}</span>
      </span>
      {row.files > 0 ? (
        <span className={classes.line}>
          <span className="num">{t('inspection.board.files', { n: row.files_received, of: row.files })}</span>
          <ShareBar value={row.files_received} of={row.files} {...(row.files_received < row.files ? { tone: 'wait' as const } : {})} />
        </span>
      ) : null}
      <span className="small muted">{t('inspection.lastRecord')}: <Age at={row.last_event_at} /></span>
    </>
  );
}

function Card({ row, today }: { row: Inspection; today: string }) {
  const { t } = useTexts();
  const waits = row.state === 'planned' || row.state === 'ready';
  const others = row.team_size - 1 + row.agencies.length;
  return (
    <li className={classes.card}>
      <Link to="/inspections/$id" params={{ id: row.number }} preload={false} className={classes.open}>
        <span className="mono small">{row.number}</span>
        <strong>{row.title}</strong>
      </Link>
      <span>{placeOf(row)}</span>
      <span className={classes.line}>
        <span className={waits && row.planned_on < today ? classes.late : undefined}><LegalDate date={row.planned_on} /></span>
        <span>{row.lead_name ?? '–'}{others > 0 ? <span className="muted"> {t('inspection.board.others', { count: others })}</span> : null}</span>
      </span>
      {waits && row.notice_by ? <span className={row.notice_by < today ? classes.late : 'small'}>{t('inspection.board.notice')}: <LegalDate date={row.notice_by} /></span> : null}
      {row.state !== 'finalized' && row.missing_count > 0 ? <span className={`small ${classes.late}`}>{t('inspection.board.missing', { count: row.missing_count })}</span> : null}
      {row.events > 0 && row.state !== 'finalized' ? <Come row={row} /> : null}
    </li>
  );
}

/** The inspections by where they are; what comes in from the field stands on their cards within seconds. */
export function Board() {
  const { t } = useTexts();
  const can = useCan();
  const search = route.useSearch();
  const query = useQuery(boardQuery(search));
  const today = legalDateOf(new Date());
  const mine = search.view === 'mine';
  const rest = { ...search };
  delete rest.view;
  return (
    <Page title={t('inspection.title')} lead={t('inspection.board.lead')} action={can('inspection.plan') ? <Button component={Link} to="/inspections/new">{t('inspection.make')}</Button> : null}>
      <Ways now="board" search={search} />
      <Views label={t('ui.views')}>
        <Link to="/inspections/board" search={rest} aria-current={mine ? undefined : 'page'} {...viewLink}><ViewLabel text={t('inspection.view.all')} /></Link>
        <Link to="/inspections/board" search={{ ...rest, view: 'mine' }} aria-current={mine ? 'page' : undefined} {...viewLink}><ViewLabel text={t('inspection.view.mine')} /></Link>
      </Views>
      <Loaded query={query} rows={8}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={t('inspection.empty')}>{t(can('inspection.plan') ? 'inspection.emptyPlan' : 'inspection.emptyHelp')}</Empty>
          ) : (
            <div className={classes.board}>
              {columns.map((state) => {
                const here = rows.filter((row) => row.state === state);
                return (
                  <section key={state} className={classes.column} aria-label={t(`inspection.view.${state}`)}>
                    <h2 className={classes.head}><State noun="inspection" state={state} /> <span className="num muted">{here.length}</span></h2>
                    {here.length === 0 ? <p className="small muted">{t('inspection.board.none')}</p> : <ul className={classes.cards}>{here.map((row) => <Card key={row.id} row={row} today={today} />)}</ul>}
                  </section>
                );
              })}
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}
