import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { kw, kwNumber, number } from '@shared/format';
import { useCodeText, useTexts } from '@shared/i18n';
import { usePages } from '@shared/pages';
import { Loaded } from '@ui/Loaded';
import { BackLabel, Columns, ObjectHeader, Section } from '@ui/Page';
import { State } from '@ui/State';
import { Callout, Loading } from '@ui/states';
import { Table } from '@ui/Table';
import { Age, Facts, Identifier, Kw } from '@ui/values';
import { balanceQuery, triagePages, type Balance } from './api';
import type { Row } from './Charts';
import { HeatStrip } from './HeatStrip';
import { spans, without } from './search';
import classes from './FeederPage.module.css';

const Charts = lazy(async () => ({ default: (await import('./Charts')).Charts }));
const route = getRouteApi('/feeders/$id');
const seconds = (at: string) => Date.parse(at) / 1000;

/** The rows of the charts: what was supplied, against what meters and physics account for. */
function rowsOf(balance: Balance): Row[] {
  const u95 = balance.u95_kw ?? 0;
  return balance.items.map((item) => {
    const expected = item.metered_kw === undefined || item.loss_kw === undefined ? undefined : item.metered_kw + item.loss_kw;
    return { at: seconds(item.at), measured: item.supplied_kw, low: expected === undefined ? undefined : expected - u95, high: expected === undefined ? undefined : expected + u95, residual: item.residual_kw };
  });
}

const mean = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
};

function Picture({ balance, id }: { balance: Balance; id: string }) {
  const { t, language } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const rows = useMemo(() => rowsOf(balance), [balance]);
  const flags = useMemo(() => balance.steps.map((step) => ({ at: seconds(step.at), label: `${step.after_kw > step.before_kw ? '+' : ''}${kw(step.after_kw - step.before_kw, language)}` })), [balance, language]);
  const range = useMemo(() => (search.from !== undefined && search.to !== undefined && search.to > search.from ? { from: search.from, to: search.to } : undefined), [search.from, search.to]);
  const samples = useMemo(() => balance.items.map((item) => ({ at: seconds(item.at), value: item.residual_kw })), [balance]);
  const kept = without(search, 'from', 'to');
  if (balance.items.length === 0) return null;
  return (
    <>
      <Charts
        name={`feeder ${balance.id}`}
        title={t('feeder.supplied')}
        residualTitle={t('feeder.residual')}
        rows={rows}
        u95={balance.u95_kw}
        flags={flags}
        range={range}
        onRange={(next) => void navigate({ to: '/feeders/$id', params: { id }, search: next ? { ...kept, from: next.from, to: next.to } : kept, replace: true, resetScroll: false })}
      />
      <p className="small muted">{t('feeder.chartHelp')}</p>
      <HeatStrip samples={samples} least={balance.u95_kw ?? 1} label={t('feeder.heat')} />
      <p className="small muted">{t('feeder.heatHelp')}</p>
    </>
  );
}

/** Which meter the residual has to do with: the nearest in its changes stand first. */
function Localise({ balance, closed }: { balance: Balance; closed: boolean }) {
  const { t, language } = useTexts();
  const text = useCodeText();
  const rows = [...balance.meters].sort((a, b) => Math.abs(b.follows) - Math.abs(a.follows));
  const first = rows[0];
  const sentence = closed ? t('feeder.closed') : !first || Math.abs(first.follows) < 0.4 ? t('feeder.nobody') : t(first.follows > 0 ? 'feeder.follows' : 'feeder.against', { point: first.point, likeness: number(first.follows, 2, language) });
  return (
    <Section title={t('feeder.where')}>
      <p style={{ marginBlockEnd: 8 }}>{sentence}</p>
      <Table label={t('feeder.where')}>
        <thead>
          <tr>
            <th>{t('finding.target')}</th>
            <th>{t('triage.use')}</th>
            <th>{t('triage.holder')}</th>
            <th data-align="end">{t('feeder.mean')}</th>
            <th data-align="end">{t('feeder.likeness')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.meter}>
              <td><Link to="/meters/$id" params={{ id: row.meter }} className="mono">{row.point}</Link></td>
              <td>{row.declared_use ? text('use', row.declared_use) : '–'}</td>
              <td>{row.holder || '–'}</td>
              <td data-align="end"><Kw value={row.mean_kw} /></td>
              <td data-align="end" className="num">{number(row.follows, 2, language)}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Section>
  );
}

function Below({ code }: { code: string }) {
  const { t } = useTexts();
  const text = useCodeText();
  const { query } = usePages(triagePages({ target: code, state: 'all' }));
  return (
    <Section title={t('findings.title')} action={<Link to="/findings" search={{ target: code, state: 'all' }}>{t('triage.list')}</Link>}>
      <Loaded query={query} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <p className="muted">{t('feeder.noFindings')}</p>
          ) : (
            <Table label={t('findings.title')}>
              <tbody>
                {data.items.map((row) => (
                  <tr key={row.id}>
                    <td><Link to="/findings/$id" params={{ id: row.id }} className="mono">{row.target}</Link></td>
                    <td>{row.tier} · {text('rule', row.rule)}</td>
                    <td data-align="end"><Kw value={row.estimated_kw} /></td>
                    <td><State noun="finding" state={row.state} /></td>
                    <td data-align="end"><Age at={row.first_seen} /></td>
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

function Body({ balance, id }: { balance: Balance; id: string }) {
  const { t, language } = useTexts();
  const search = route.useSearch();
  const span = search.span ?? '14d';
  const residual = mean(balance.items.map((item) => item.residual_kw));
  const supplied = mean(balance.items.map((item) => item.supplied_kw));
  const last = balance.items.findLast((item) => item.residual_kw !== undefined)?.residual_kw;
  return (
    <>
      <ObjectHeader
        back={<Link to="/grid" search={{ node: balance.code }}><BackLabel>{t('nav.grid')}</BackLabel></Link>}
        kind={t('feeder.kind')}
        number={<Identifier value={balance.code} />}
        title={`${t('feeder.kind')} ${balance.code}`}
        state={null}
        subtitle={<span>{balance.substation_name || balance.substation}</span>}
        facts={
          <Facts
            layout="row"
            facts={[
              { label: t('feeder.meanSupplied'), value: <Kw value={supplied} /> },
              { label: t('feeder.meanResidual'), value: <><Kw value={residual} /> {balance.u95_kw === undefined ? null : <span className="muted small num">± {kwNumber(balance.u95_kw, language)}</span>}</> },
              { label: t('feeder.now'), value: <Kw value={last} /> },
              { label: t('feeder.limit'), value: <Kw value={balance.limit_kw} /> },
            ]}
          />
        }
      />
      <nav className={`${classes.spans} no-print`} aria-label={t('meter.range')}>
        {spans.map((item) => (
          <Link key={item} to="/feeders/$id" params={{ id }} search={{ span: item }} replace aria-current={item === span ? 'true' : undefined} activeProps={{ className: '' }}>
            {t(`feeder.span.${item}`)}
          </Link>
        ))}
      </nav>
      <Columns
        facts={
          <Section title={t('feeder.model')}>
            <Facts
              facts={[
                { label: t('number.a_kw'), value: <Kw value={balance.loss_a_kw} /> },
                { label: t('number.loss_at_100_kw'), value: <Kw value={balance.loss_at_100_kw} /> },
                { label: t('number.gain_percent'), value: <span className="num">{number(balance.gain_percent, 2, language)}</span> },
                { label: t('number.u95_kw'), value: <Kw value={balance.u95_kw} /> },
              ]}
            />
            <p className="small muted" style={{ marginBlockStart: 8 }}>{t('feeder.modelHelp')}</p>
          </Section>
        }
      >
        {balance.hold ? <Callout tone="stop" title={t('feeder.hold')}>{t(`feeder.hold.${balance.hold}`)}</Callout> : null}
        <div className={classes.picture}>
          <Suspense fallback={<Loading rows={6} />}>
            <Picture balance={balance} id={id} />
          </Suspense>
        </div>
        {balance.meters.length > 0 ? <Localise balance={balance} closed={residual !== undefined && balance.u95_kw !== undefined && Math.abs(residual) <= balance.u95_kw && balance.steps.length === 0} /> : null}
        <Below code={balance.code} />
      </Columns>
    </>
  );
}

/** A feeder over time: supplied, metered, lost, what is left, and whom that has to do with. */
export function FeederPage() {
  const { id } = route.useParams();
  const search = route.useSearch();
  const query = useQuery(balanceQuery(id, search.span ?? '14d'));
  return <Loaded query={query}>{(balance) => <Body balance={balance} id={id} />}</Loaded>;
}
