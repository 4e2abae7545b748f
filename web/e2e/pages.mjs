// The pages beside the main walk: orders, accounts, the rest, the keyboard alone, and narrow screens in Kazakh and Russian.
import { axe, axeIn, check, enter, expect, freshPage, pages, settled, signIn, userOf } from './kit.mjs';

/** The page of somebody who is signed in. */
const of = async (role) => pages.get(role) ?? (await signIn(role));

/** A utility takes a disconnection order, objects, and reports that it is executed; an officer sees it. */
export async function orders() {
  await check('the utility acknowledges a disconnection order and reports its execution', async () => {
    const page = await of('utility');
    await page.goto('/app/orders');
    await page.getByRole('link', { name: /^DO-/ }).first().click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByLabel('Who takes it').fill('A. Dispatcher');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Acknowledged', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Report that it is executed' }).click();
    await page.getByLabel('Date', { exact: true }).fill('31.02.2026');
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await page.getByText('Write the date as 22.11.2026').waitFor();
  });
  await axe(await of('utility'), 'order, a wrong date');
  await check('the order counts as executed, with an objection beside it', async () => {
    const page = await of('utility');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Report that it is executed' }).click();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await page.getByText('Executed', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Object' }).click();
    await page.getByLabel('Objection').fill('A pump of the settlement hangs on the same line.');
    await page.getByRole('button', { name: 'Send the objection' }).click();
    await page.getByText('Safety. A pump of the settlement').waitFor();
  });
  await check('an officer reads the same order and can do nothing to it', async () => {
    const page = await of('officer');
    await page.goto('/app/orders');
    await page.getByText('objected to').first().waitFor();
    await page.getByRole('link', { name: /^DO-/ }).first().click();
    await page.getByText('Order executed', { exact: true }).waitFor();
    expect((await page.getByRole('button', { name: 'Object' }).count()) === 0, 'the officer may object');
  });
  await axe(await of('officer'), 'order');
}

/** An administrator adds a person and an API client, sees each secret once, and stops them again. */
export async function accounts() {
  const login = `e2e-${Date.now()}`;
  let password = '';
  await check('the administrator starts at the people and adds one', async () => {
    const page = await of('admin');
    await page.goto('/app');
    await page.waitForURL(/\/people$/);
    await page.getByRole('link', { name: 'Add a person' }).click();
    await page.getByLabel('Name').fill('New Inspector');
    await page.getByLabel('Login').fill(login);
    await page.getByRole('checkbox', { name: 'Inspector' }).check();
  });
  await axe(await of('admin'), 'new person');
  await check('the first password is shown once and opens the account', async () => {
    const page = await of('admin');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByText('Added: New Inspector').waitFor();
    password = (await page.getByText(/^([a-z0-9]{4}-){4}[a-z0-9]{4}$/).innerText()).trim();
    const fresh = await freshPage('new person');
    const answer = await fresh.context().request.post('/v1/session', { data: { login, password } });
    expect(answer.ok(), `the new person could not sign in: ${answer.status()}`);
    await fresh.context().close();
    await page.getByRole('link', { name: 'To the list' }).click();
    await page.getByText(login).waitFor();
    expect((await page.getByText(password).count()) === 0, 'the password is still shown');
  });
  await check('a new password replaces it, and a disabled account is closed', async () => {
    const page = await of('admin');
    await page.getByRole('button', { name: 'New password for New Inspector' }).first().click();
    await page.getByText('A new password for New Inspector').waitFor();
    const row = page.getByRole('row').filter({ hasText: login });
    await row.getByRole('button', { name: 'Disable New Inspector' }).click();
    await row.getByRole('button', { name: 'Yes, disable New Inspector' }).click();
    await row.getByText('Disabled').waitFor();
  });
  await axe(await of('admin'), 'people');
  await check('a new API client shows its secret once', async () => {
    const page = await of('admin');
    await page.goto('/app/clients');
    await page.getByRole('link', { name: 'Add a client' }).click();
    await page.getByLabel('Name').fill('Collector of the test');
    await page.getByRole('radio', { name: 'Collector' }).check();
    await page.getByLabel('Collector id').fill(login);
    await page.getByRole('button', { name: 'Create the client' }).click();
    await page.getByText('Client secret').waitFor();
  });
  await axe(await of('admin'), 'new API client');
  await check('the client is in the list', async () => {
    const page = await of('admin');
    await page.getByRole('link', { name: 'To the list' }).click();
    await page.getByText(login).waitFor();
  });
  await axe(await of('admin'), 'API clients');
}

/** The pages that the walk does not pass. */
export async function rest(license) {
  const seen = [
    ['head', `/app/licenses/${license}/lift`, 'lift'],
    ['head', `/app/licenses/${license}/revoke`, 'revocation'],
    ['officer', `/app/licenses/${license}/correct`, 'correction'],
    ['officer', '/app/acts', 'acts'],
    ['head', '/app/licenses', 'licenses'],
    ['officer', '/app/register?q=a', 'register'],
    ['officer', '/app/ledger', 'ledger'],
    ['officer', '/app/ledger/3', 'proof'],
    ['officer', '/app/collectors', 'collection'],
    ['officer', '/app/orders', 'orders'],
    ['officer', '/app/findings', 'findings'],
    ['officer', '/app/gate/log', 'gate log'],
    ['officer', '/app/documents', 'documents'],
    ['officer', '/app/documents/new', 'a new document'],
    ['head', '/app/tolling', 'tolling'],
    ['officer', '/app/obligations', 'obligations'],
    ['officer', '/app/tasks', 'tasks'],
    ['officer', '/app/parties/duplicates', 'duplicates'],
    ['officer', '/app/equipment', 'rigs'],
    ['officer', '/app/equipment/alarms', 'alarms of rigs'],
    ['clerk', '/app/equipment/imports', 'imports of rigs'],
    ['clerk', '/app/parties/new', 'a new party'],
    ['head', '/app/reference', 'reference data'],
    ['head', '/app/reference/propose', 'a change of reference data'],
    ['head', '/app/reference/changes', 'changes of reference data'],
    ['applicant', '/app/notices', 'notices'],
    ['applicant', '/app/obligations', 'own obligations'],
    ['officer', '/app/nowhere', 'an address that leads nowhere'],
  ];
  for (const [role, address, name] of seen) {
    const page = await of(role);
    await check(`${name} opens`, async () => {
      await page.goto(address);
      await settled(page);
    });
    await axe(page, name);
  }
  await check('the register leads to a party', async () => {
    const page = await of('officer');
    await page.goto('/app/register');
    await page.locator('tbody a').first().click();
    await page.waitForURL(/\/parties\//);
    await settled(page);
  });
  await axe(await of('officer'), 'party');
  const visitor = await freshPage('visitor of the public pages');
  await visitor.goto('/');
  const code = await publicCode(await of('head'), license);
  for (const address of ['/', `/v/${code}`, '/register', '/help']) {
    const answer = await visitor.goto(address);
    await check(`${address.replace(code, 'CODE')} answers, with an icon`, async () => {
      expect(answer.ok(), `status ${answer.status()}`);
      const icon = await visitor.locator('link[rel="icon"]').getAttribute('href');
      expect((await visitor.context().request.get(new URL(icon, visitor.url()).href)).ok(), `no icon at ${icon}`);
    });
    await axe(visitor, `public ${address.replace(code, 'CODE')}`);
  }
}
async function publicCode(page, license) {
  const answer = await page.context().request.get(`/v1/licenses/${license}`);
  return (await answer.json()).verification_code;
}

/** Presses Tab until the focus is on what the selector names. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never comes to ${selector}`);
}

/** Signing in, the queue, an application and back, without a pointer. */
export async function keyboardOnly() {
  await check('everything from the sign-in to an application and back works by keyboard alone', async () => {
    const { login, password } = userOf('officer');
    const page = await freshPage('keyboard');
    await page.goto('/app/');
    await page.getByLabel('Login').waitFor();
    await tabTo(page, 'input[name="login"]');
    await page.keyboard.type(login);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.locator('tbody tr a').first().waitFor();
    await page.keyboard.press('j');
    await page.locator('tr[data-cursor]').waitFor();
    const number = await page.locator('tr[data-cursor] a').first().innerText();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: number }).waitFor();
    await tabTo(page, 'main nav a');
    await page.keyboard.press('Enter');
    await page.locator('tbody tr a').first().waitFor();
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type') === 'search'), 'the slash does not go to the search');
    await page.keyboard.type(number);
    await page.waitForURL(/q=/);
    await page.waitForFunction(() => document.querySelectorAll('tbody tr a').length === 1);
    await page.context().close();
  });
}

const everyPage = {
  officer: ['/app/applications', '/app/applications?view=all', '/app/licenses', '/app/acts', '/app/obligations', '/app/tasks', '/app/register', '/app/parties/duplicates', '/app/equipment', '/app/equipment/alarms', '/app/reference', '/app/reference/propose', '/app/reference/changes', '/app/gate/log', '/app/orders', '/app/grid', '/app/collectors', '/app/findings', '/app/findings/map', '/app/feeders/PS12-F03', '/app/ledger', '/app/ledger/3', '/app/documents', '/app/documents/new', '/app/tolling', '/app/standing', '/app/paper', '/app/cases', '/app/cases/new', '/app/cases/report', '/app/findings/allowances', '/app/findings/rules', '/app/findings/parameters', '/app/meters/METER', '/app/meters/METER/correction', '/app/inspections', '/app/reconciliation'],
  clerk: ['/app/applications', '/app/equipment/imports', '/app/parties/new'],
  head: ['LICENSE', 'LICENSE/revoke', '/app/tolling', '/app/inspections/new', '/app/inspections/board', '/app/inspections/map', '/app/devices'],
  inspector: ['/app/findings'],
  auditor: ['/app/ledger'],
  applicant: ['/app/applications', '/app/applications/new', '/app/notices', '/app/obligations'],
  utility: ['/app/gate', '/app/gate/bulk', '/app/orders', '/app/reconciliation', '/app/access', '/app/paper', '/app/commissioning'],
  admin: ['/app/people', '/app/people/new', '/app/clients', '/app/clients/new'],
};

/** Where a list of rows leads to, so that object pages are looked at as well. */
const objects = { officer: ['/app/applications', '/app/licenses', '/app/acts', '/app/obligations', '/app/register', '/app/equipment', '/app/equipment/alarms', '/app/orders', '/app/findings', '/app/collectors'] };

/** Each language has one of the two themes, so that both are seen in both on what the pages share. */
const look = (page, language, address) => axeIn(language === 'kk' ? 'light' : 'dark', page, `${address} in ${language} on a phone`);

/** Whether a page says its language and its name, and fits the screen at 390 and at 320 pixels. */
async function fits(page, language, address) {
  await check(`${address} in ${language} fits narrow screens and says its name and language`, async () => {
    await settled(page);
    const wide = [];
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
      if (over > 0) {
        const who = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('[role="region"]')).map((one) => `${one.tagName}.${one.className}`).slice(0, 4).join(' '));
        wide.push(`${over} px too wide at ${width}: ${who}`);
      }
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(wide.length === 0, wide.join('; '));
    const { lang, title } = await page.evaluate(() => ({ lang: document.documentElement.lang, title: document.title }));
    expect(lang === language, `lang is ${lang}`);
    expect(/\S.* · Rigistry$/.test(title), `the title is ${title}`);
  });
  await look(page, language, address);
}

/** No page scrolls sideways on a phone, in Kazakh or Russian. */
export async function narrow(license) {
  await Promise.all(['kk', 'ru'].map((language) => narrowIn(language, license)));
}
async function narrowIn(language, license) {
  const visitor = await freshPage(`narrow visitor in ${language}`, { language, width: 390, height: 844 });
  await visitor.goto('/app/');
  await visitor.locator('input[name="login"]').waitFor();
  await fits(visitor, language, 'sign-in');
  await visitor.goto(`/lang/${language}?back=/`);
  for (const address of ['/', `/v/${license}`, '/register', '/help']) {
    await visitor.goto(address);
    await fits(visitor, language, address.replace(license, 'LICENSE'));
  }
  await visitor.context().close();
  for (const [role, addresses] of Object.entries(everyPage)) {
    const page = await freshPage(`narrow ${role} in ${language}`, { language, width: 390, height: 844 });
    await enter(page, role);
    const [meter] = addresses.some((one) => one.includes('METER')) ? (await (await page.context().request.get('/v1/meters?limit=1')).json()).items : [];
    for (const address of addresses) {
      await page.goto(address.replace('LICENSE', `/app/licenses/${license}`).replace('METER', meter?.id));
      await settled(page);
      await fits(page, language, address);
      if (!objects[role]?.includes(address)) continue;
      const list = await page.locator('h1').first().textContent();
      // A table above the list may lead to the list itself, narrowed.
      const row = `tbody a:not([href^="${address}?"])`;
      await check(`the first of ${address} opens on a phone in ${language}`, async () => {
        await page.locator(row).first().click();
        await page.waitForURL((url) => url.pathname !== address);
        await page.waitForFunction((before) => (document.querySelector('h1')?.textContent ?? before) !== before, list);
      });
      await fits(page, language, `the first of ${address}`);
    }
    await page.context().close();
  }
}
