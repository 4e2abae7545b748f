import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCodeText, useTexts } from '@shared/i18n';
import { useCan } from '@shared/session';
import { Loaded } from '@ui/Loaded';
import { Page } from '@ui/Page';
import { State } from '@ui/State';
import { Empty } from '@ui/states';
import { Age, Facts, Identifier, Kw } from '@ui/values';
import { treeQuery, type TreeNode } from './api';
import { Diagram } from './Diagram';
import { ancestorOf } from './tree';
import { TreeGrid } from './TreeGrid';
import classes from './GridPage.module.css';

const route = getRouteApi('/grid');

function Details({ node }: { node: TreeNode }) {
  const { t } = useTexts();
  const text = useCodeText();
  const can = useCan();
  return (
    <section className={classes.details} aria-label={node.code}>
      <div className={classes.title}>
        <h2><Identifier value={node.code} /></h2>
        {node.kind === 'connection' ? <State noun="connection" state={node.state} /> : null}
      </div>
      {node.uncovered_kw > 0 ? (
        <p className={classes.uncovered}>
          <strong>{t('grid.uncoveredLong')} <Kw value={node.uncovered_kw} /></strong>
        </p>
      ) : null}
      <Facts
        layout="row"
        facts={[
          { label: t('grid.now'), value: <><Kw value={node.now_kw} /> {node.now_at ? <span className="muted small"><Age at={node.now_at} every={5000} /></span> : null}</> },
          { label: t(node.kind === 'connection' ? 'grid.permitted' : 'grid.limit'), value: <Kw value={node.limit_kw} /> },
          { label: t('grid.licensed'), value: <Kw value={node.licensed_kw} /> },
          node.reserved_kw > 0 ? { label: t('grid.reserved'), value: <Kw value={node.reserved_kw} /> } : null,
          node.declared_use ? { label: t('grid.use'), value: text('use', node.declared_use) } : null,
          node.consumer ? { label: t('grid.consumer'), value: node.consumer } : null,
          node.license ? { label: t('license.kind'), value: <Link to="/licenses/$number" params={{ number: node.license }} className="mono">{node.license}</Link> } : null,
        ]}
      />
      <p className={classes.links}>
        {node.meter ? <Link to="/meters/$id" params={{ id: node.meter }}>{t('grid.toMeter')}</Link> : <span className="muted">{t('grid.noMeter')}</span>}
        {node.kind === 'connection' && can('gate.check') ? <Link to="/gate" search={{ point: node.code }}>{t('grid.toGate')}</Link> : null}
        {node.kind === 'feeder' && can('finding.read') ? <Link to="/feeders/$id" params={{ id: node.id }} search={{}}>{t('grid.toBalance')}</Link> : null}
        {node.findings > 0 && can('finding.read') ? <Link to="/findings" search={{ target: node.code }}>{t('grid.toFindings', { count: node.findings })}</Link> : null}
      </p>
    </section>
  );
}

/** The grid: the tree on the left, the single-line diagram on the right, one selection. */
export function GridPage() {
  const { t } = useTexts();
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(treeQuery);
  const select = (id: string) => void navigate({ to: '/grid', search: { node: id }, replace: true });
  return (
    <Page title={t('grid.title')} lead={t('grid.lead')}>
      <Loaded query={query} rows={12}>
        {({ items }) => {
          const selected = items.find((node) => node.id === search.node || node.code === search.node) ?? items.find((node) => node.uncovered_kw > 0 && node.kind === 'connection') ?? items[0];
          if (!selected) return <Empty title={t('grid.empty')}>{t('grid.emptyHelp')}</Empty>;
          const substation = ancestorOf(items, selected.id, 'substation');
          return (
            <div className={classes.split}>
              <div className={classes.tree}>
                <TreeGrid nodes={items} selected={selected.id} onSelect={select} />
              </div>
              <div className={classes.right}>
                <Details node={selected} />
                {substation ? <Diagram nodes={items} substation={substation} selected={selected.id} onSelect={select} /> : null}
                <p className="small muted">{t('grid.legend')}</p>
              </div>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
