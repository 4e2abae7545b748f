import { expect, it } from 'vitest';
import { homeFor, navigationFor } from './nav';

const pages = (permissions: string[]) => navigationFor(permissions).flatMap((section) => section.items.map((item) => item.to));

it('shows an officer the queue first and no gate', () => {
  const officer = ['application.read', 'application.review', 'license.read', 'party.read', 'party.read_duplicates', 'gate.read', 'grid.read', 'finding.read', 'ledger.read'];
  expect(homeFor(officer)).toBe('/applications');
  expect(pages(officer)).toEqual(['/applications', '/licenses', '/register', '/gate/log', '/grid', '/findings', '/ledger']);
});
it('starts a utility at the gate and shows it no applications', () => {
  const utility = ['license.read', 'grid.read', 'gate.check', 'gate.read', 'meter.read'];
  expect(homeFor(utility)).toBe('/gate');
  expect(pages(utility)).toEqual(['/gate', '/gate/log', '/grid', '/collectors', '/licenses']);
});
it('starts an administrator at the people, with the ledger beside', () => {
  const admin = ['ledger.read', 'system.read', 'user.admin'];
  expect(homeFor(admin)).toBe('/people');
  expect(pages(admin)).toEqual(['/people', '/clients', '/ledger']);
});
it('shows the orders to who may read them', () => {
  expect(pages(['gate.read', 'order.read', 'order.act'])).toEqual(['/gate/log', '/orders']);
});
it('leaves out empty sections and has no start without permissions', () => {
  expect(navigationFor(['ledger.read']).map((section) => section.text)).toEqual(['nav.evidence']);
  expect(homeFor([])).toBeUndefined();
});
