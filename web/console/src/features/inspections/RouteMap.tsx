import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { centres, outline, project } from '@shared/country';
import { legalDate, legalDateOf } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Table } from '@ui/Table';
import { dayQuery, placeOf, type Inspection } from './api';
import classes from './RouteMap.module.css';
import { routeOf, type Frame, type Placed } from './route';
import { Ways } from './Ways';

const route = getRouteApi('/inspections/map');
const shifted = (day: string, days: number) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

function Mark({ stop, unit }: { stop: Placed<Inspection>; unit: number }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const { visit, order, at } = stop;
  if (!at) return null;
  const open = () => void navigate({ to: '/inspections/$id', params: { id: visit.number } });
  const name = t('inspection.map.mark', { n: order, number: visit.number, place: placeOf(visit), lead: visit.lead_name ?? '–' });
  return (
    <g
      className={classes.mark}
      role="link"
      tabIndex={0}
      aria-label={name}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key === 'Enter') open();
      }}
    >
      <title>{name}</title>
      <circle className={classes.ring} cx={at.x} cy={at.y} r={unit * 1.35} strokeWidth={unit * 0.18} />
      <circle className={classes.dot} data-exact={stop.exact || undefined} data-state={visit.state} cx={at.x} cy={at.y} r={unit} strokeWidth={unit * 0.14} />
      <text className={classes.order} x={at.x} y={at.y} fontSize={unit * 1.05}>{order}</text>
    </g>
  );
}

function Picture({ stops, frame }: { stops: readonly Placed<Inspection>[]; frame: Frame }) {
  const { t } = useTexts();
  const unit = frame.width / 48;
  const placed = stops.filter(({ at }) => at !== undefined);
  const ways = [...new Set(placed.map(({ visit }) => visit.lead))].map((lead) => ({ lead, points: placed.filter(({ visit }) => visit.lead === lead).map(({ at }) => `${at?.x ?? 0},${at?.y ?? 0}`).join(' ') }));
  return (
    <svg viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.height}`} className={classes.map} role="group" aria-label={t('inspection.map.label')}>
      <path className={classes.land} d={outline} strokeWidth={unit * 0.08} />
      {Object.entries(centres).map(([region, [longitude, latitude]]) => {
        const { x, y } = project(longitude, latitude);
        return (
          <g key={region} aria-hidden="true">
            <circle className={classes.town} cx={x} cy={y} r={unit * 0.22} />
            <text className={classes.name} x={x} y={y + unit * 4} fontSize={unit * 0.75} strokeWidth={unit * 0.2}>{t(`region.${region}`)}</text>
          </g>
        );
      })}
      {ways.map(({ lead, points }) => <polyline key={lead} className={classes.way} points={points} strokeWidth={unit * 0.16} strokeDasharray={`${unit * 0.5} ${unit * 0.35}`} />)}
      {placed.map((stop) => <Mark key={stop.visit.id} stop={stop} unit={unit} />)}
    </svg>
  );
}

/** The visits of a day on the map, in the order of each team, and the same as a table. */
export function RouteMap() {
  const { t, language } = useTexts();
  const search = route.useSearch();
  const day = search.from ?? legalDateOf(new Date());
  const query = useQuery(dayQuery({ ...search, from: day, until: day }));
  const rest = { ...search };
  delete rest.from;
  delete rest.until;
  return (
    <Page title={t('inspection.title')} lead={t('inspection.map.lead')}>
      <Ways now="map" search={search} />
      <nav className={classes.days} aria-label={t('inspection.day')}>
        <Link to="/inspections/map" search={{ ...rest, from: shifted(day, -1) }} replace>← {t('inspection.map.before')}</Link>
        <h2 className={classes.day}>{legalDate(day, language)}</h2>
        <Link to="/inspections/map" search={{ ...rest, from: shifted(day, 1) }} replace>{t('inspection.map.after')} →</Link>
      </nav>
      <Loaded query={query} rows={8}>
        {({ items }) => {
          if (items.length === 0) return <Empty title={t('inspection.map.empty')}>{t('inspection.map.emptyHelp')}</Empty>;
          const { stops, frame } = routeOf(items);
          const rough = stops.filter(({ exact, at }) => !exact && at).length;
          const nowhere = stops.filter(({ at }) => !at).length;
          return (
            <div className={classes.split}>
              <Picture stops={stops} frame={frame} />
              {rough > 0 ? <p className="small muted">{t('inspection.map.rough', { count: rough })}</p> : null}
              {nowhere > 0 ? <p className="small muted">{t('inspection.map.nowhere', { count: nowhere })}</p> : null}
              <Table label={t('inspection.map.label')}>
                <thead>
                  <tr>
                    <th scope="col">{t('inspection.route')}</th>
                    <th scope="col">{t('inspection.number')}</th>
                    <th scope="col">{t('inspection.place')}</th>
                    <th scope="col">{t('inspection.teamLead')}</th>
                    <th scope="col">{t('ui.state')}</th>
                  </tr>
                </thead>
                <tbody>
                  {stops.map(({ visit, order }) => (
                    <tr key={visit.id}>
                      <td className="num">{order}</td>
                      <td><Link to="/inspections/$id" params={{ id: visit.number }} preload={false} className="mono">{visit.number}</Link></td>
                      <td>{placeOf(visit)}</td>
                      <td>{visit.lead_name ?? '–'}</td>
                      <td><State noun="inspection" state={visit.state} /></td>
                    </tr>
                  ))}
                </tbody>
              </Table>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
