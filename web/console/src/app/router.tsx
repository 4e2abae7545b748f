import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link, Navigate, retainSearchParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { loadPageTexts, useTexts, withTexts } from '@shared/i18n';
import { momentSearch, setMoment } from '@shared/moment';
import { useSession } from '@shared/session';
import { queueSearch } from '@features/applications/search';
import { fleetSearch } from '@features/collectors/search';
import { commissionSearch } from '@features/commissioning/search';
import { alarmsSearch, equipmentSearch } from '@features/equipment/search';
import { weatherSearch } from '@features/detection-rules/search';
import { allowancesSearch, feederSearch, findingSearch, findingsSearch, regionsSearch } from '@features/findings/search';
import { gateSearch, logSearch } from '@features/gate/search';
import { gridSearch } from '@features/grid/search';
import { ledgerSearch } from '@features/ledger/search';
import { actsSearch, licensesSearch } from '@features/licenses/search';
import { meterSearch } from '@features/meters/span';
import { casesSearch, newCaseSearch, reportSearch } from '@features/cases/search';
import { inspectionsSearch, newInspectionSearch } from '@features/inspections/search';
import { obligationsSearch } from '@features/obligations/search';
import { ordersSearch } from '@features/orders/search';
import { duplicatesSearch, mergeSearch, registerSearch } from '@features/parties/search';
import { reconciliationSearch } from '@features/reconciliation/search';
import { referenceSearch } from '@features/reference/search';
import { paperSearch } from '@features/paper/search';
import { standingSearch } from '@features/standing/search';
import { questionSearch, startSearch } from '@features/portal/search';
import { tasksSearch } from '@features/tasks/search';
import { ProblemNotice } from '@ui/ProblemNotice';
import { Empty, Loading } from '@ui/states';
import { Frame } from './Frame';
import { homeFor } from './nav';

function Home() {
  const { t } = useTexts();
  const { permissions } = useSession();
  const home = homeFor(permissions);
  return home ? <Navigate to={home} replace /> : <Empty heading="h1" title={t('home.nothing')}>{t('home.nothingHelp')}</Empty>;
}

function NotFound() {
  const { t } = useTexts();
  const title = t('home.notFound');
  useEffect(() => {
    document.title = `${title} · Rigistry`;
  }, [title]);
  return (
    <Empty heading="h1" title={title} action={<Link to="/">{t('home.back')}</Link>}>
      {t('home.notFoundHelp')}
    </Empty>
  );
}

function Broken({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTexts();
  return <ProblemNotice problem={{ status: 599, code: 'page', detail: error instanceof Error ? error.message : '', requestId: '', fields: [] }} title={t('home.broken')} onRetry={reset} />;
}

const root = createRootRoute({
  // The moment stands in every address and goes along with every link.
  validateSearch: momentSearch,
  search: { middlewares: [retainSearchParams(['as_at', 'known_at'])] },
  beforeLoad: ({ search, preload }) => {
    if (!preload) setMoment(search);
    return loadPageTexts();
  },
  component: Frame,
  notFoundComponent: NotFound,
});
const at = <P extends string>(path: P) => ({ getParentRoute: () => root, path });

const portal = withTexts('portal', () => import('@features/portal/pages'));
const partyForm = withTexts('merge', () => import('@features/parties/PartyForm'));
const merge = withTexts('merge', () => import('@features/parties/MergePage'));
const acts = () => import('@features/licenses/ActPage');
const duties = () => import('@features/obligations/ActPages');

const routeTree = root.addChildren([
  createRoute({ ...at('/'), component: Home }),
  createRoute({ ...at('/applications'), validateSearch: queueSearch, component: lazyRouteComponent(() => import('./ApplicationsPage'), 'Applications') }),
  createRoute({ ...at('/applications/new'), validateSearch: startSearch, component: lazyRouteComponent(withTexts('portal', () => import('@features/portal/Start')), 'Start') }),
  createRoute({ ...at('/applications/$id'), component: lazyRouteComponent(() => import('./ApplicationPage'), 'Application') }),
  createRoute({ ...at('/applications/$id/tasks'), component: lazyRouteComponent(portal, 'TaskList') }),
  createRoute({ ...at('/applications/$id/questions/$code'), validateSearch: questionSearch, component: lazyRouteComponent(portal, 'Question') }),
  createRoute({ ...at('/applications/$id/check'), component: lazyRouteComponent(portal, 'Check') }),
  createRoute({ ...at('/applications/$id/receipt'), component: lazyRouteComponent(portal, 'Receipt') }),
  createRoute({ ...at('/applications/$id/correct'), component: lazyRouteComponent(withTexts('portal', () => import('@features/portal/Correct')), 'Correct') }),
  createRoute({ ...at('/applications/$id/decide'), component: lazyRouteComponent(() => import('@features/applications/Decide'), 'Decide') }),
  createRoute({ ...at('/applications/$id/sign'), component: lazyRouteComponent(() => import('@features/applications/Sign'), 'Sign') }),
  createRoute({ ...at('/tasks'), validateSearch: tasksSearch, component: lazyRouteComponent(withTexts('tasks', () => import('@features/tasks/Tasks')), 'Tasks') }),
  createRoute({ ...at('/notices'), component: lazyRouteComponent(() => import('@features/notices/Notices'), 'Notices') }),
  createRoute({ ...at('/obligations'), validateSearch: obligationsSearch, component: lazyRouteComponent(() => import('@features/obligations/Obligations'), 'Obligations') }),
  createRoute({ ...at('/obligations/$id'), component: lazyRouteComponent(() => import('@features/obligations/ObligationPage'), 'ObligationPage') }),
  createRoute({ ...at('/obligations/$id/fulfil'), component: lazyRouteComponent(duties, 'Fulfil') }),
  createRoute({ ...at('/obligations/$id/waive'), component: lazyRouteComponent(duties, 'Waive') }),
  createRoute({ ...at('/reference'), validateSearch: referenceSearch, component: lazyRouteComponent(withTexts('reference', () => import('@features/reference/ReferencePage')), 'ReferencePage') }),
  createRoute({ ...at('/reference/propose'), validateSearch: referenceSearch, component: lazyRouteComponent(withTexts('reference', () => import('@features/reference/ProposePage')), 'ProposePage') }),
  createRoute({ ...at('/reference/changes'), component: lazyRouteComponent(withTexts('reference', () => import('@features/reference/Changes')), 'Changes') }),
  createRoute({ ...at('/reference/changes/$id'), component: lazyRouteComponent(withTexts('reference', () => import('@features/reference/Changes')), 'ChangePage') }),
  createRoute({ ...at('/tolling'), component: lazyRouteComponent(() => import('@features/tolling/TollingPage'), 'TollingPage') }),
  createRoute({ ...at('/licenses'), validateSearch: licensesSearch, component: lazyRouteComponent(() => import('@features/licenses/Licenses'), 'Licenses') }),
  createRoute({ ...at('/licenses/$number'), component: lazyRouteComponent(() => import('@features/licenses/LicensePage'), 'LicensePage') }),
  createRoute({ ...at('/licenses/$number/suspend'), component: lazyRouteComponent(acts, 'Suspend') }),
  createRoute({ ...at('/licenses/$number/lift'), component: lazyRouteComponent(acts, 'Lift') }),
  createRoute({ ...at('/licenses/$number/revoke'), component: lazyRouteComponent(acts, 'Revoke') }),
  createRoute({ ...at('/licenses/$number/extend'), component: lazyRouteComponent(acts, 'Extend') }),
  createRoute({ ...at('/licenses/$number/terminate'), component: lazyRouteComponent(acts, 'Terminate') }),
  createRoute({ ...at('/licenses/$number/correct'), component: lazyRouteComponent(acts, 'Correct') }),
  createRoute({ ...at('/acts'), validateSearch: actsSearch, component: lazyRouteComponent(() => import('@features/licenses/Acts'), 'Acts') }),
  createRoute({ ...at('/acts/$id'), component: lazyRouteComponent(() => import('@features/licenses/ActView'), 'ActView') }),
  createRoute({ ...at('/documents'), component: lazyRouteComponent(() => import('@features/documents/Documents'), 'Documents') }),
  createRoute({ ...at('/documents/new'), component: lazyRouteComponent(() => import('@features/documents/IssuePage'), 'IssuePage') }),
  createRoute({ ...at('/register'), validateSearch: registerSearch, component: lazyRouteComponent(withTexts('merge', () => import('@features/parties/Register')), 'Register') }),
  createRoute({ ...at('/parties/new'), component: lazyRouteComponent(partyForm, 'NewParty') }),
  createRoute({ ...at('/parties/duplicates'), validateSearch: duplicatesSearch, component: lazyRouteComponent(withTexts('merge', () => import('@features/parties/Duplicates')), 'Duplicates') }),
  createRoute({ ...at('/parties/merge'), validateSearch: mergeSearch, component: lazyRouteComponent(merge, 'ProposeMerge') }),
  createRoute({ ...at('/parties/merges/$id'), component: lazyRouteComponent(merge, 'MergePage') }),
  createRoute({ ...at('/parties/$id'), component: lazyRouteComponent(withTexts('merge', () => import('@features/parties/PartyPage')), 'PartyPage') }),
  createRoute({ ...at('/parties/$id/edit'), component: lazyRouteComponent(partyForm, 'EditParty') }),
  createRoute({ ...at('/equipment'), validateSearch: equipmentSearch, component: lazyRouteComponent(withTexts('equipment', () => import('@features/equipment/Equipment')), 'Equipment') }),
  createRoute({ ...at('/equipment/alarms'), validateSearch: alarmsSearch, component: lazyRouteComponent(withTexts('equipment', () => import('@features/equipment/Alarms')), 'Alarms') }),
  createRoute({ ...at('/equipment/alarms/$id'), component: lazyRouteComponent(withTexts('equipment', () => import('@features/equipment/AlarmPage')), 'AlarmPage') }),
  createRoute({ ...at('/equipment/imports'), component: lazyRouteComponent(withTexts('equipment', () => import('@features/equipment/Imports')), 'Imports') }),
  createRoute({ ...at('/equipment/imports/$id'), component: lazyRouteComponent(withTexts('equipment', () => import('@features/equipment/ImportPage')), 'ImportPage') }),
  createRoute({ ...at('/equipment/$id'), component: lazyRouteComponent(withTexts('equipment', () => import('@features/equipment/RigPage')), 'RigPage') }),
  createRoute({ ...at('/equipment/$id/$act'), component: lazyRouteComponent(withTexts('equipment', () => import('@features/equipment/RigAct')), 'RigAct') }),
  createRoute({ ...at('/gate'), validateSearch: gateSearch, component: lazyRouteComponent(() => import('@features/gate/GateConsole'), 'GateConsole') }),
  createRoute({ ...at('/gate/log'), validateSearch: logSearch, component: lazyRouteComponent(() => import('@features/gate/GateLog'), 'GateLog') }),
  createRoute({ ...at('/gate/checks/$id'), component: lazyRouteComponent(() => import('@features/gate/Explanation'), 'Explanation') }),
  createRoute({ ...at('/gate/checks/$id/print'), component: lazyRouteComponent(() => import('@features/gate/PrintPermit'), 'PrintPermit') }),
  createRoute({ ...at('/gate/bulk'), component: lazyRouteComponent(() => import('@features/gate/Bulk'), 'Bulk') }),
  createRoute({ ...at('/standing'), validateSearch: standingSearch, component: lazyRouteComponent(withTexts('standing', () => import('@features/standing/StandingFacts')), 'StandingFacts') }),
  createRoute({ ...at('/standing/$id'), component: lazyRouteComponent(withTexts('standing', () => import('@features/standing/StandingFacts')), 'StandingPage') }),
  createRoute({ ...at('/paper'), validateSearch: paperSearch, component: lazyRouteComponent(withTexts('reconciliation', () => import('@features/paper/PaperChecks')), 'PaperChecks') }),
  createRoute({ ...at('/paper/$number'), component: lazyRouteComponent(withTexts('reconciliation', () => import('@features/paper/PaperPage')), 'PaperPage') }),
  createRoute({ ...at('/paper/sheets/$id'), component: lazyRouteComponent(withTexts('reconciliation', () => import('@features/paper/PaperPage')), 'PaperSheet') }),
  createRoute({ ...at('/reconciliation'), validateSearch: reconciliationSearch, component: lazyRouteComponent(withTexts('reconciliation', () => import('@features/reconciliation/Reconciliation')), 'Reconciliation') }),
  createRoute({ ...at('/reconciliation/$id'), component: lazyRouteComponent(withTexts('reconciliation', () => import('@features/reconciliation/MismatchPage')), 'MismatchPage') }),
  createRoute({ ...at('/grid'), validateSearch: gridSearch, component: lazyRouteComponent(() => import('@features/grid/GridPage'), 'GridPage') }),
  createRoute({ ...at('/meters/$id'), validateSearch: meterSearch, component: lazyRouteComponent(withTexts('metering', () => import('@features/meters/MeterPage')), 'MeterPage') }),
  createRoute({ ...at('/meters/$id/exchange'), component: lazyRouteComponent(withTexts('metering', () => import('@features/meters/ExchangePage')), 'ExchangePage') }),
  createRoute({ ...at('/meters/$id/correction'), component: lazyRouteComponent(withTexts('metering', () => import('@features/meters/CorrectionPage')), 'CorrectionPage') }),
  createRoute({ ...at('/orders'), validateSearch: ordersSearch, component: lazyRouteComponent(() => import('@features/orders/Orders'), 'Orders') }),
  createRoute({ ...at('/orders/$id'), component: lazyRouteComponent(() => import('@features/orders/OrderPage'), 'OrderPage') }),
  createRoute({ ...at('/access'), component: lazyRouteComponent(withTexts('access', () => import('@features/access/Access')), 'Access') }),
  createRoute({ ...at('/people'), component: lazyRouteComponent(withTexts('people', () => import('@features/people/People')), 'People') }),
  createRoute({ ...at('/people/new'), component: lazyRouteComponent(withTexts('people', () => import('@features/people/NewPerson')), 'NewPerson') }),
  createRoute({ ...at('/clients'), component: lazyRouteComponent(withTexts('people', () => import('@features/people/Clients')), 'Clients') }),
  createRoute({ ...at('/clients/new'), component: lazyRouteComponent(withTexts('people', () => import('@features/people/NewClient')), 'NewClient') }),
  createRoute({ ...at('/cases'), validateSearch: casesSearch, component: lazyRouteComponent(withTexts('cases', () => import('@features/cases/Cases')), 'Cases') }),
  createRoute({ ...at('/cases/new'), validateSearch: newCaseSearch, component: lazyRouteComponent(() => import('@features/cases/NewCase'), 'NewCase') }),
  createRoute({ ...at('/cases/report'), validateSearch: reportSearch, component: lazyRouteComponent(withTexts('cases', () => import('@features/cases/Report')), 'Report') }),
  createRoute({ ...at('/cases/$id'), component: lazyRouteComponent(withTexts('cases', () => import('@features/cases/CasePage')), 'CasePage') }),
  createRoute({ ...at('/inspections'), validateSearch: inspectionsSearch, component: lazyRouteComponent(withTexts('inspections', () => import('@features/inspections/Inspections')), 'Inspections') }),
  createRoute({ ...at('/devices'), component: lazyRouteComponent(withTexts('inspections', () => import('@features/devices/Devices')), 'Devices') }),
  createRoute({ ...at('/inspections/new'), validateSearch: newInspectionSearch, component: lazyRouteComponent(withTexts('inspections', () => import('@features/inspections/NewInspection')), 'NewInspection') }),
  createRoute({ ...at('/inspections/board'), validateSearch: inspectionsSearch, component: lazyRouteComponent(withTexts('inspections', () => import('@features/inspections/Board')), 'Board') }),
  createRoute({ ...at('/inspections/map'), validateSearch: inspectionsSearch, component: lazyRouteComponent(withTexts('inspections', () => import('@features/inspections/RouteMap')), 'RouteMap') }),
  createRoute({ ...at('/inspections/$id'), component: lazyRouteComponent(withTexts('inspections', () => import('@features/inspections/InspectionPage')), 'InspectionPage') }),
  createRoute({ ...at('/findings'), validateSearch: findingsSearch, component: lazyRouteComponent(withTexts('findings', () => import('@features/findings/Findings')), 'Findings') }),
  createRoute({ ...at('/findings/map'), validateSearch: regionsSearch, component: lazyRouteComponent(withTexts('findings', () => import('@features/findings/MapPage')), 'MapPage') }),
  createRoute({ ...at('/findings/allowances'), validateSearch: allowancesSearch, component: lazyRouteComponent(withTexts('findings', () => import('@features/findings/Allowances')), 'Allowances') }),
  createRoute({ ...at('/findings/rules'), component: lazyRouteComponent(withTexts('findings', () => import('@features/findings/Rules')), 'Rules') }),
  createRoute({ ...at('/findings/parameters'), component: lazyRouteComponent(withTexts('findings', () => import('@features/detection-rules/ParametersPage')), 'ParametersPage') }),
  createRoute({ ...at('/findings/parameters/$id'), component: lazyRouteComponent(withTexts('findings', () => import('@features/detection-rules/ChangePage')), 'ChangePage') }),
  createRoute({ ...at('/findings/weather'), validateSearch: weatherSearch, component: lazyRouteComponent(withTexts('findings', () => import('@features/detection-rules/WeatherPage')), 'WeatherPage') }),
  createRoute({ ...at('/findings/what-ifs/$id'), component: lazyRouteComponent(withTexts('findings', () => import('@features/detection-rules/WhatIfPage')), 'WhatIfPage') }),
  createRoute({ ...at('/findings/$id'), validateSearch: findingSearch, component: lazyRouteComponent(withTexts('findings', () => import('@features/findings/FindingPage')), 'FindingPage') }),
  createRoute({ ...at('/findings/$id/print'), component: lazyRouteComponent(withTexts('findings', () => import('@features/findings/PrintFinding')), 'PrintFinding') }),
  createRoute({ ...at('/feeders/$id'), validateSearch: feederSearch, component: lazyRouteComponent(withTexts('findings', () => import('@features/findings/FeederPage')), 'FeederPage') }),
  createRoute({ ...at('/ledger'), validateSearch: ledgerSearch, component: lazyRouteComponent(() => import('@features/ledger/LedgerPage'), 'LedgerPage') }),
  createRoute({ ...at('/ledger/$index'), component: lazyRouteComponent(() => import('@features/ledger/ProofPage'), 'ProofPage') }),
  createRoute({ ...at('/commissioning'), validateSearch: commissionSearch, component: lazyRouteComponent(withTexts('metering', () => import('@features/commissioning/Commission')), 'Commission') }),
  createRoute({ ...at('/collectors'), validateSearch: fleetSearch, component: lazyRouteComponent(withTexts('metering', () => import('@features/collectors/Collectors')), 'Collectors') }),
]);

/** All pages of the console by address. */
export const router = createRouter({
  routeTree,
  basepath: '/app',
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingComponent: Loading,
  defaultErrorComponent: Broken,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
