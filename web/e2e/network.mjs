// What a utility lives with, walked in a browser: a permit that is confirmed and printed, an order by keyboard alone,
// its list against the register and the meters, the change of its key; and a case that begins with a finding.
import { axe, check, expect, pages, settled, signIn } from './kit.mjs';

const of = async (role) => pages.get(role) ?? (await signIn(role));
const now = Date.now();
/** A code that is not in the register. */
const UNKNOWN = `PS77-F${now % 1_000_000}`;
/** A bakery: no license is needed, and there is room at its point. */
const BAKERY = { point: 'PS12-F01-CP003', bin: '100340002017' };

/** The serial number of the meter at a point. */
async function meterOf(page, point) {
  const { items } = await (await page.context().request.get('/v1/meters?limit=500')).json();
  return items.find((meter) => meter.node_code === point)?.serial ?? '';
}

async function permit() {
  await check('the utility asks for other use and is permitted; a question that changed is not answered by it', async () => {
    const page = await of('utility');
    await page.goto('/app/gate');
    await page.getByLabel('Work order').fill(`NET-${now}`);
    await page.getByLabel('Connection point').fill(BAKERY.point);
    await page.getByLabel("Consumer's BIN / IIN").fill(BAKERY.bin);
    await page.getByLabel('Requested, kW').fill('2');
    await page.getByLabel('Purpose').selectOption('other');
    await page.getByLabel('What is done').selectOption('uprate');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    const answer = page.getByRole('region', { name: 'Answer' });
    await answer.getByText('Permit', { exact: true }).waitFor();
    await page.getByText('This answers the question before').waitFor({ state: 'detached' });
    await page.getByLabel('Requested, kW').fill('900');
    await page.getByText('This answers the question before').waitFor();
    await page.getByLabel('Requested, kW').fill('2');
    await page.getByText('This answers the question before').waitFor({ state: 'detached' });
  });
  await check('the permit is one sheet of paper, with a QR code and without the console', async () => {
    const page = await of('utility');
    await page.getByRole('link', { name: 'Print', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Permit to print' }).waitFor();
    await page.waitForFunction(() => [...document.images].some((image) => image.complete && image.naturalWidth > 0));
    await page.emulateMedia({ media: 'print' });
    expect(!(await page.getByRole('heading', { level: 1 }).isVisible()), 'the heading of the page is printed');
    const sheet = await page.pdf({ format: 'A5', margin: { top: '10mm', bottom: '10mm', left: '10mm', right: '10mm' } });
    const count = (sheet.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
    await page.emulateMedia({ media: null });
    expect(count === 1, `${count} pages`);
  });
  await axe(await of('utility'), 'permit to print');
  await check('the energisation is confirmed, and the permit holds no power any more', async () => {
    const page = await of('utility');
    await page.locator('main nav a').first().click();
    await page.getByRole('heading', { name: 'Confirm the energisation' }).waitFor();
    await page.getByLabel('Serial number of the meter').fill(await meterOf(page, BAKERY.point));
    await page.getByLabel('Number of the switching order').fill('SO-1');
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByRole('heading', { name: 'Confirm the energisation' }).waitFor({ state: 'detached' });
  });
}

async function keyboardOrder() {
  let number = '';
  await check('an officer records a restriction, and an order comes of it', async () => {
    const page = await of('officer');
    await page.goto('/app/standing');
    await page.getByRole('button', { name: 'Record a fact' }).click();
    await page.getByLabel('Code, number, or BIN / IIN').fill('PS12-F03-CP002');
    await page.getByLabel('What may still be taken').fill('100');
    await page.getByLabel('Document').fill('Order of the dispatcher 7');
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.getByRole('row').filter({ hasText: 'PS12-F03-CP002' }).first().waitFor();
  });
  await axe(await of('officer'), 'standing facts');
  await check('the utility takes the order by keyboard alone', async () => {
    const page = await of('utility');
    await page.goto('/app/orders?state=issued');
    // The order is made by the next round of the gate, some seconds later.
    const waited = page.getByRole('row').filter({ hasText: 'PS12-F03-CP002' });
    for (let i = 0; i < 10 && (await waited.count()) === 0; i++) {
      await page.reload();
      await waited.waitFor({ timeout: 5000 }).catch(() => undefined);
    }
    await waited.waitFor();
    await page.keyboard.press('j');
    const row = page.locator('tr[data-cursor]');
    for (let i = 0; i < 10 && !(await row.innerText()).includes('PS12-F03-CP002'); i++) await page.keyboard.press('j');
    number = (await row.locator('a').first().innerText()).trim();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: number }).waitFor();
    await page.getByRole('button', { name: /^Acknowledge/ }).waitFor();
    await page.keyboard.press('a');
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    await page.keyboard.press('Enter');
    await page.getByText('Acknowledged', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: /^Report that it is executed/ }).waitFor();
    await page.keyboard.press('e');
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    await page.keyboard.press('Enter');
    await page.getByText('Executed', { exact: true }).first().waitFor();
  });
}

async function reconciliation() {
  await check('a list from a spreadsheet is matched with the register and the meters', async () => {
    const page = await of('utility');
    await page.goto('/app/reconciliation');
    await page.getByRole('button', { name: 'Send a list' }).click();
    await page.getByLabel('Or paste from a spreadsheet').fill(`code\tkW\tBIN\n${BAKERY.point}\t40\t${BAKERY.bin}\n${UNKNOWN}\t25\t\n`);
    await page.getByRole('button', { name: 'Match 2 points' }).click();
    await page.getByText('Matched: there are mismatches').waitFor();
    await page.locator('tr[role="row"]').filter({ hasText: UNKNOWN }).waitFor();
  });
  await axe(await of('utility'), 'reconciliation');
  await check('a mismatch is explained, and leaves the open ones', async () => {
    const page = await of('officer');
    await page.goto('/app/reconciliation');
    await page.getByRole('row').filter({ hasText: UNKNOWN }).getByRole('link').first().click();
    await page.getByRole('radio', { name: 'Explained' }).check();
    await page.getByLabel('Reason').fill('The point belongs to the neighbouring network.');
    await page.getByRole('button', { name: 'Record the decision' }).click();
    await page.getByRole('heading', { name: 'What was decided' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'List, register and meters' }).waitFor();
    await page.getByRole('row').filter({ hasText: UNKNOWN }).waitFor({ state: 'detached' });
  });
}

async function caseOfFinding() {
  await check('a finding becomes a case with what is known filled in, and the case is taken and written in', async () => {
    const page = await of('officer');
    await page.goto('/app/findings');
    await page.locator('tbody a').first().click();
    await page.getByRole('link', { name: 'Open a case' }).click();
    await page.getByRole('heading', { level: 1, name: 'Open a case' }).waitFor();
    expect((await page.getByLabel('What it is about').inputValue()).length > 5, 'the title is not filled in');
    // From 100 kW on a dismissal always waits for a second person; below it a lot decides.
    await page.getByLabel('Estimated power, kW').fill('150');
    await page.getByRole('button', { name: 'Open a case' }).click();
    await page.getByRole('heading', { level: 1, name: /^EC-/ }).waitFor();
    // What is typed stays when the case changes meanwhile.
    await page.getByLabel('Note', { exact: true }).fill('A van with a meter goes there on Monday.');
    await page.getByRole('button', { name: 'Take the case' }).click();
    await page.getByText('Investigating', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Write down' }).click();
    await page.locator('li').getByText('A van with a meter goes there on Monday.').waitFor();
  });
  await axe(await of('officer'), 'case');
  await check('a dismissal waits for a second look, and its writer cannot give it', async () => {
    const page = await of('officer');
    await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
    await page.getByLabel('Reason').selectOption('other_load');
    await page.getByLabel('What the dismissal rests on').fill('A pumping station.');
    await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
    await page.getByText('Dismissal to be confirmed', { exact: true }).first().waitFor();
    expect((await page.getByRole('button', { name: 'Agree with the dismissal' }).count()) === 0, 'its writer may agree with it');
    const address = page.url();
    const head = await of('head');
    await head.goto(address);
    await head.getByRole('button', { name: 'Agree with the dismissal' }).click();
    await head.getByText('Dismissed', { exact: true }).first().waitFor();
  });
}

async function access() {
  await check('a key is made in the browser, and is not registered before its private half is saved', async () => {
    const page = await of('utility');
    await page.goto('/app/access');
    await page.getByRole('button', { name: 'Add a key' }).first().click();
    await page.getByLabel('3. One-time code of the registry').fill('WRNG-CODE');
    expect(await page.getByRole('button', { name: 'Register the key' }).isDisabled(), 'it can be registered without a key');
    await page.getByRole('button', { name: '1. Make a key' }).click();
    const saving = page.waitForEvent('download');
    await page.getByRole('link', { name: '2. Save the private half' }).click();
    expect(/\.jwk\.json$/.test((await saving).suggestedFilename()), 'the private half is not a file');
    await page.getByRole('button', { name: 'Register the key' }).click();
    await page.getByRole('alert').first().waitFor();
  });
  await axe(await of('utility'), 'access, a wrong code');
  await check('with a code of the registry the key is registered, and stopped again', async () => {
    const page = await of('utility');
    const { items } = await (await page.context().request.get('/v1/access/clients')).json();
    const given = await (await of('head')).context().request.post(`/v1/access/clients/${items[0].id}/code`, { data: {}, headers: { 'Idempotency-Key': `code-${now}` } });
    expect(given.ok(), `no code: ${given.status()}`);
    await page.getByLabel('3. One-time code of the registry').fill((await given.json()).code);
    await page.getByRole('button', { name: 'Register the key' }).click();
    await page.getByText('The key is registered').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Stop', exact: true }).last().click();
    await page.getByRole('button', { name: 'Yes, stop it now' }).click();
    await page.getByText(/^(Stopped|Ending)$/).first().waitFor();
  });
}

/** The pages that the walks above do not pass. */
async function others() {
  const seen = [
    ['utility', '/app/gate/bulk', 'many checks'],
    ['officer', '/app/paper', 'checks by phone'],
    ['officer', '/app/cases', 'cases'],
    ['officer', '/app/cases/new', 'a new case'],
    ['admin', '/app/access', 'webhooks of all'],
  ];
  for (const [role, address, name] of seen) {
    const page = await of(role);
    await check(`${name} opens`, async () => {
      await page.goto(address);
      await settled(page);
    });
    await axe(page, name);
  }
}

/** All walks of the network, one after another. */
export async function network() {
  await permit();
  await keyboardOrder();
  await reconciliation();
  await caseOfFinding();
  await access();
  await others();
}
