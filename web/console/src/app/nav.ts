/** What the console leads to, and for whom. One table; the frame draws it, the start page comes from it. */

export interface NavItem {
  to: '/applications' | '/tasks' | '/notices' | '/obligations' | '/tolling' | '/reference' | '/licenses' | '/register' | '/equipment' | '/documents' | '/gate' | '/gate/log' | '/grid' | '/findings' | '/cases' | '/inspections' | '/ledger' | '/collectors' | '/orders' | '/reconciliation' | '/standing' | '/paper' | '/access' | '/people' | '/clients';
  text: string;
  /** The action of the permission table that the page needs. */
  needs: string;
}

export interface NavSection {
  text: string;
  items: readonly NavItem[];
}

const sections: readonly NavSection[] = [
  {
    text: 'nav.licensing',
    items: [
      { to: '/applications', text: 'nav.queue', needs: 'application.read' },
      { to: '/licenses', text: 'nav.licenses', needs: 'license.read' },
      { to: '/obligations', text: 'nav.obligations', needs: 'obligation.read' },
      { to: '/tasks', text: 'nav.tasks', needs: 'task.read' },
      { to: '/notices', text: 'nav.notices', needs: 'notice.read' },
    ],
  },
  {
    text: 'nav.registers',
    items: [
      { to: '/register', text: 'nav.register', needs: 'party.read_duplicates' },
      { to: '/equipment', text: 'nav.equipment', needs: 'equipment.read' },
      { to: '/documents', text: 'nav.documents', needs: 'document.read' },
    ],
  },
  {
    text: 'nav.network',
    items: [
      { to: '/gate', text: 'nav.gate', needs: 'gate.check' },
      { to: '/gate/log', text: 'nav.gateLog', needs: 'gate.read' },
      { to: '/orders', text: 'nav.orders', needs: 'order.read' },
      { to: '/standing', text: 'nav.standing', needs: 'standing.read' },
      { to: '/paper', text: 'nav.paper', needs: 'paper.read' },
      { to: '/reconciliation', text: 'nav.reconciliation', needs: 'reconciliation.read' },
      { to: '/grid', text: 'nav.grid', needs: 'grid.read' },
      { to: '/collectors', text: 'nav.collectors', needs: 'meter.read' },
    ],
  },
  {
    text: 'nav.evidence',
    items: [
      { to: '/findings', text: 'nav.findings', needs: 'finding.read' },
      { to: '/cases', text: 'nav.cases', needs: 'case.read' },
      { to: '/inspections', text: 'nav.inspections', needs: 'inspection.read' },
      { to: '/ledger', text: 'nav.ledger', needs: 'ledger.read' },
    ],
  },
  {
    text: 'nav.law',
    items: [
      { to: '/reference', text: 'nav.reference', needs: 'reference.read' },
      { to: '/tolling', text: 'nav.tolling', needs: 'tolling.write' },
    ],
  },
  {
    text: 'nav.access',
    items: [
      { to: '/people', text: 'nav.people', needs: 'user.admin' },
      { to: '/clients', text: 'nav.clients', needs: 'user.admin' },
      { to: '/access', text: 'nav.webhooks', needs: 'webhook.read' },
    ],
  },
];

/** What somebody works with first stands first: a utility has the grid, an administrator the people. */
const first = [
  { has: 'gate.check', text: 'nav.network' },
  { has: 'user.admin', text: 'nav.access' },
];

/** The sections with at least one page that these permissions open. */
export function navigationFor(permissions: readonly string[]): NavSection[] {
  const own = first.filter((one) => permissions.includes(one.has)).map((one) => one.text);
  return [...sections]
    .sort((a, b) => Number(own.includes(b.text)) - Number(own.includes(a.text)))
    .map((section) => ({ ...section, items: section.items.filter((item) => permissions.includes(item.needs)) }))
    .filter((section) => section.items.length > 0);
}

/** Where somebody starts: at the first page of their own menu. */
export function homeFor(permissions: readonly string[]): NavItem['to'] | undefined {
  return navigationFor(permissions)[0]?.items[0]?.to;
}
