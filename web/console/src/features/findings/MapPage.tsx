import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { kw, kwNumber, kwUnit } from '@shared/format';
import { useTexts } from '@shared/i18n';
import { ViewLabel, Views, viewLink } from '@ui/Filters';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Page, Section } from '@ui/Page';
import { Table } from '@ui/Table';
import { Empty } from '@ui/states';
import { Kw } from '@ui/values';
import { countsQuery, type Counts } from './api';
import { centres, mapSize, outline, project } from '@shared/country';
import { clustersOf, type Cluster } from './regions';
import { findingStates, tiers, without, type RegionsSearch } from './search';
import classes from './MapPage.module.css';

const route = getRouteApi('/findings/map');

/** The area of a mark grows with the power at stake. */
const radius = (power: number) => Math.min(46, 15 + Math.sqrt(power) * 0.9);

function Mark({ cluster, current, onChoose }: { cluster: Cluster; current: boolean; onChoose: () => void }) {
  const { t, language } = useTexts();
  const at = centres[cluster.region];
  if (!at) return null;
  const { x, y } = project(at[0], at[1]);
  const size = radius(cluster.kw);
  const name = t(`region.${cluster.region}`);
  return (
    <g
      className={classes.place}
      role="button"
      tabIndex={0}
      aria-pressed={current}
      data-current={current || undefined}
      aria-label={t('map.mark', { name, count: cluster.count, kw: kw(cluster.kw, language) })}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onChoose();
      }}
    >
      <title>{t('map.mark', { name, count: cluster.count, kw: kw(cluster.kw, language) })}</title>
      <circle className={classes.ring} cx={x} cy={y} r={size + 5} />
      <circle className={classes.bubble} data-tier={cluster.worst} cx={x} cy={y} r={size} />
      <text className={classes.count} x={x} y={y}>{cluster.count}</text>
      <text className={classes.name} x={x} y={y + size + 17}>{kwNumber(cluster.kw, language)} {kwUnit(language)}</text>
    </g>
  );
}

function Picture({ clusters, search }: { clusters: readonly Cluster[]; search: RegionsSearch }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const known = new Set(clusters.map((cluster) => cluster.region));
  const others = without(search, 'region');
  return (
    <svg viewBox={`-10 -10 ${mapSize.width + 20} ${mapSize.height + 20}`} className={classes.map} role="group" aria-label={t('map.label')}>
      <path className={classes.land} d={outline} />
      {Object.entries(centres).map(([region, [longitude, latitude]]) => {
        if (known.has(region)) return null;
        const { x, y } = project(longitude, latitude);
        return (
          <circle key={region} className={classes.dot} cx={x} cy={y} r={3}>
            <title>{t(`region.${region}`)}</title>
          </circle>
        );
      })}
      {[...clusters].sort((a, b) => b.kw - a.kw).map((cluster) => (
        <Mark key={cluster.region} cluster={cluster} current={search.region === cluster.region} onChoose={() => void navigate({ to: '/findings/map', search: search.region === cluster.region ? others : { ...search, region: cluster.region }, replace: true })} />
      ))}
    </svg>
  );
}

/** The same as the map, as rows: regions, and the substations of the one that is chosen. */
function Twin({ counts, clusters, search }: { counts: Counts; clusters: readonly Cluster[]; search: RegionsSearch }) {
  const { t } = useTexts();
  const substations = clustersOf(counts.items.filter((item) => !search.region || item.region === search.region), (item) => item.substation);
  const { tier, state } = search;
  const kept = { ...(tier ? { tier } : {}), ...(state ? { state } : {}) };
  const head = (first: string) => (
    <thead>
      <tr>
        <th>{first}</th>
        {tiers.map((one) => <th key={one} data-align="end">{one}</th>)}
        <th data-align="end">{t('map.all')}</th>
        <th data-align="end">{t('finding.estimated')}</th>
      </tr>
    </thead>
  );
  return (
    <>
      <Section title={t('map.regions')}>
        <Table label={t('map.regions')}>
          {head(t('triage.region'))}
          <tbody>
            {clusters.map((row) => (
              <tr key={row.region}>
                <td><Link to="/findings/map" search={{ ...search, region: row.region }} replace>{row.region ? t(`region.${row.region}`) : t('map.unknown')}</Link></td>
                {tiers.map((one) => <td key={one} data-align="end" className="num">{row.byTier[one]}</td>)}
                <td data-align="end" className="num">{row.count}</td>
                <td data-align="end"><Kw value={row.kw} /></td>
              </tr>
            ))}
          </tbody>
        </Table>
      </Section>
      <Section title={search.region ? t('map.substationsOf', { name: t(`region.${search.region}`) }) : t('map.substations')} action={search.region ? <Link to="/findings" search={{ ...kept, region: search.region }}>{t('triage.list')}</Link> : undefined}>
        <Table label={t('map.substations')}>
          {head(t('triage.substation'))}
          <tbody>
            {substations.map((row) => (
              <tr key={row.region}>
                <td><Link to="/findings" search={{ ...kept, target: row.region }}>{row.name || row.region}</Link></td>
                {tiers.map((one) => <td key={one} data-align="end" className="num">{row.byTier[one]}</td>)}
                <td data-align="end" className="num">{row.count}</td>
                <td data-align="end"><Kw value={row.kw} /></td>
              </tr>
            ))}
          </tbody>
        </Table>
      </Section>
    </>
  );
}

/** Where the findings are: regions on an outline of the country, and the same as tables. */
export function MapPage() {
  const { t } = useTexts();
  const search = route.useSearch();
  const query = useQuery(countsQuery(without(search, 'region')));
  const state = search.state ?? 'open';
  return (
    <Page title={t('map.title')} lead={t('map.lead')} back={<Link to="/findings" search={{}}><BackLabel>{t('nav.findings')}</BackLabel></Link>}>
      <Views label={t('ui.views')}>
        {[...findingStates, 'all' as const].map((item) => (
          <Link key={item} to="/findings/map" search={{ ...search, state: item }} aria-current={state === item ? 'page' : undefined} {...viewLink}>
            <ViewLabel text={t(item === 'all' ? 'ui.all' : `state.finding.${item}`)} />
          </Link>
        ))}
      </Views>
      <Views label={t('triage.byTier')}>
        {[undefined, ...tiers].map((tier) => {
          const others = without(search, 'tier');
          return (
            <Link key={tier ?? 'all'} to="/findings/map" search={tier ? { ...search, tier } : others} aria-current={search.tier === tier ? 'page' : undefined} {...viewLink}>
              <ViewLabel text={tier ? `${tier} · ${t(`finding.tier.${tier}`)}` : t('ui.all')} />
            </Link>
          );
        })}
      </Views>
      <Loaded query={query} rows={8}>
        {(counts) => {
          const clusters = clustersOf(counts.items, (item) => item.region ?? '');
          if (clusters.length === 0) return <Empty title={t('ui.nothingFound')}>{t('findings.emptyHelp')}</Empty>;
          return (
            <div className={classes.split}>
              <div>
                <Picture clusters={clusters.filter((cluster) => cluster.region !== '')} search={search} />
                <p className={`${classes.key} small muted`}>
                  {tiers.map((tier) => <span key={tier}><i data-tier={tier} />{tier} · {t(`finding.tier.${tier}`)}</span>)}
                  <span>{t('map.note')}</span>
                </p>
              </div>
              <Twin counts={counts} clusters={clusters} search={search} />
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
