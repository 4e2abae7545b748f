// Walks the console in a real browser: apply > register > check > draft > (own signature refused) > sign >
// license > gate permits > suspend > gate denies; then a meter's chart and a finding, a disconnection order, accounts,
// the other pages, the keyboard alone, and narrow screens. Every page is checked by axe in light and dark. Needs a
// running server with fresh demonstration data:
//   RIGISTRY_BASE_URL=http://127.0.0.1:8080 RIGISTRY_CREDENTIALS=data/demo/credentials.json node e2e/walk.mjs
import { axe, browser, check, credentials, expect, faults, open, pages, part, signIn, tally } from './kit.mjs';
import { answer, begin, documents, fee, file, place, rigs, start, wordsOf } from './apply.mjs';
import { network } from './network.mjs';
import { findings } from './findings.mjs';
import { keyboardOnly, narrow, orders, accounts, rest } from './pages.mjs';

const POINT = process.env.RIGISTRY_E2E_POINT ?? 'PS12-F05-CP001';

let number = '';
let license = '';

await check('a wrong password is refused in words', async () => {
  const page = await open('visitor');
  await page.goto('/app/applications');
  await page.getByLabel('Login').fill('officer');
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('You could not be signed in').waitFor();
});
await axe(await open('visitor'), 'sign-in');

const t = wordsOf('en');
await check('the applicant answers the questions one page after another', async () => {
  const page = await signIn('applicant');
  await begin(page, t);
  await start(page, t);
  await page.getByRole('link', { name: t('portal.tasks.go') }).click();
  await page.getByRole('checkbox', { name: /S-/ }).first().check();
  await answer(page, t, 'points');
  await place(page, t, { point: POINT, kw: '600' });
  await rigs(page, t, { units: '170', each: '3.5' });
  await fee(page, t, 'PP-2026-0401');
  await documents(page, t, 'deed');
});
await axe(await open('applicant'), 'check your answers');
await check('the filed application has a number on its receipt', async () => {
  number = await file(await open('applicant'), t);
});

/** Opens the application from the queue, as a person would. */
async function fromQueue(role) {
  const page = pages.get(role) ?? (await signIn(role));
  await page.goto('/app/applications');
  await page.getByRole('link', { name: number }).click();
  await page.getByRole('heading', { level: 1, name: number }).waitFor();
  return page;
}

await check('the clerk registers it and the clock starts', async () => {
  const page = await fromQueue('clerk');
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('Registered', { exact: true }).first().waitFor();
  await page.getByText('running', { exact: true }).waitFor();
});
await check('the queue answers to j, k and /', async () => {
  const page = await signIn('officer');
  await page.goto('/app/applications');
  await page.getByRole('link', { name: number }).waitFor();
  await page.keyboard.press('j');
  await page.locator('tr[data-cursor]').waitFor();
  const first = await page.locator('tr[data-cursor]').innerText();
  await page.keyboard.press('j');
  expect((await page.locator('tr[data-cursor]').innerText()) !== first, 'the cursor did not move');
  await page.keyboard.press(' ');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  expect(await page.getByLabel('Number, name or BIN').evaluate((field) => field === document.activeElement), 'the search has no focus');
});
await axe(await open('officer'), 'queue');
await check('the officer finds the documents complete and every requirement met', async () => {
  const page = await fromQueue('officer');
  await page.getByRole('button', { name: 'Documents are complete' }).click();
  const met = page.getByRole('button', { name: 'Met', exact: true });
  await met.first().waitFor();
  const count = await met.count();
  expect(count > 3, `${count} requirements`);
  for (let i = 0; i < count; i++) {
    await met.nth(i).click();
    await page.locator('button[aria-pressed="true"]', { hasText: /^Met$/ }).nth(i).waitFor();
  }
});
await axe(await open('officer'), 'application review');
await check('the officer drafts the decision', async () => {
  const page = await open('officer');
  await page.getByRole('link', { name: 'Draft a decision' }).click();
  await page.getByRole('radio', { name: 'Grant the license' }).check();
  await page.getByLabel('Reasoning').fill('Every requirement is met.');
});
await axe(await open('officer'), 'decision draft');
await check('the draft waits for a signature', async () => {
  const page = await open('officer');
  await page.getByRole('button', { name: 'Send for signature' }).click();
  await page.getByText('Awaits signature', { exact: true }).first().waitFor();
});
await check("the drafter's own signature is refused in words", async () => {
  const page = await open('officer');
  await page.getByRole('link', { name: 'Go to signing' }).click();
  await page.getByRole('button', { name: 'Sign and issue the license' }).click();
  await page.getByRole('alert').getByText('You drafted this decision').waitFor();
});
await axe(await open('officer'), 'signature refused');
await check('another person signs and the license is there', async () => {
  const page = await fromQueue('head');
  await page.getByRole('link', { name: 'Go to signing' }).click();
  await page.getByRole('button', { name: 'Sign and issue the license' }).click();
  await page.waitForURL(/\/licenses\/KZ/);
  await page.getByText('In force', { exact: true }).first().waitFor();
  license = (await page.getByRole('heading', { level: 1 }).innerText()).trim();
  expect(/^KZ\d{2}[A-Z]{3}\d{8}$/.test(license), `the license is ${license}`);
});
await check('the license shows its QR code and its history from the ledger', async () => {
  const page = await open('head');
  await page.waitForFunction(() => [...document.images].some((image) => image.complete && image.naturalWidth > 0));
  await page.getByText('License issued', { exact: true }).waitFor();
});
await axe(await open('head'), 'license');
await check('an entry of the history is proven in the browser', async () => {
  const page = await open('head');
  await page.getByRole('link', { name: /^proof no\./ }).first().click();
  await page.getByText('Proven: the entry is in the ledger').waitFor();
  await page.goBack();
});

/** Asks the gate about the point and gives the word of the answer. */
async function askGate(reference) {
  const page = pages.get('utility') ?? (await signIn('utility'));
  await page.goto('/app/gate');
  await page.getByLabel('Work order').fill(reference);
  await page.getByLabel('Connection point').fill(POINT);
  const applicant = credentials.e2e?.applicant ?? process.env.RIGISTRY_E2E_APPLICANT ?? '210440038887';
  await page.getByLabel("Consumer's BIN / IIN").fill(applicant);
  await page.getByLabel('License number').fill(license);
  await page.getByLabel('Requested, kW').fill('500');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const answer = page.getByRole('region', { name: 'Answer' });
  await answer.waitFor();
  return answer.innerText();
}
await check('the gate permits, with a cap, a time and a signed permit', async () => {
  const text = await askGate(`E2E-${Date.now()}-1`);
  expect(/^Permit/.test(text) && /500.*kW/.test(text) && /Signed permit/.test(text), text.slice(0, 300));
});
await axe(await open('utility'), 'gate permit');
await check('the head suspends the license on a page of its own', async () => {
  const page = await open('head');
  await page.goto(`/app/licenses/${license}`);
  await page.getByRole('link', { name: 'Suspend', exact: true }).click();
  await page.getByRole('radiogroup', { name: 'Ground' }).getByRole('radio').first().check();
  await page.getByRole('radio', { name: '3 months' }).check();
  await page.getByRole('button', { name: 'See what will happen' }).click();
  await page.getByRole('heading', { name: 'Letters and notices' }).waitFor();
});
await axe(await open('head'), 'suspension');
await check('the license is suspended', async () => {
  const page = await open('head');
  await page.getByRole('button', { name: 'Suspend at once' }).click();
  await page.getByText('An urgent suspension waits to be confirmed').waitFor();
});
await check('another person confirms the urgent suspension', async () => {
  const page = await open('officer');
  await page.goto('/app/acts');
  await page.getByRole('link', { name: 'Suspension', exact: true }).first().click();
  await page.getByText('An urgent suspension waits to be confirmed').waitFor();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Signed', { exact: true }).first().waitFor();
});
await axe(await open('officer'), 'act');
await check('the gate denies with LICENSE_SUSPENDED', async () => {
  const text = await askGate(`E2E-${Date.now()}-2`);
  expect(/^Deny/.test(text) && /LICENSE_SUSPENDED/.test(text), text.slice(0, 300));
});
await axe(await open('utility'), 'gate denial');
await check('the log explains the answer', async () => {
  const page = await open('utility');
  await page.getByRole('link', { name: 'Why this answer' }).click();
  await page.getByRole('heading', { name: 'Rules' }).waitFor();
  await page.getByRole('cell', { name: 'Failed' }).first().waitFor();
});
await axe(await open('utility'), 'explanation');

await check('the grid leads to a meter whose chart has a line', async () => {
  const page = await open('officer');
  await page.goto('/app/grid');
  await page.getByRole('treegrid').waitFor();
  await page.getByRole('row', { name: /PS12-F03/ }).first().click();
});
await axe(await open('officer'), 'grid');
await check('the meter page draws its readings and shows them as a table', async () => {
  const page = await open('officer');
  await page.getByRole('link', { name: 'To the meter and its chart' }).click();
  await page.getByRole('link', { name: '7 days' }).click();
  await page.waitForURL(/window=7d/);
  await page.waitForFunction(() => {
    const canvas = document.querySelector('.uplot canvas');
    if (!canvas) return false;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colour = getComputedStyle(document.documentElement).getPropertyValue('--ink').trim();
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    let ink = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] > 200) ink++;
    return ink > 100;
  });
});
await axe(await open('officer'), 'meter');
await check('the chart turns into a table of the same numbers', async () => {
  const page = await open('officer');
  await page.getByRole('button', { name: 'Table' }).click();
  await page.getByRole('columnheader', { name: 'Time (UTC+5)' }).waitFor();
  expect((await page.getByRole('row').count()) > 20, 'the table is short');
});
await check('a finding argues: a sentence with kW, a chart, refutations', async () => {
  const page = await open('officer');
  await page.goto('/app/findings');
  await page.locator('tbody a').first().click();
  await page.getByRole('heading', { name: 'What would refute it' }).waitFor();
  await page.getByText(/\d\s?kW/).first().waitFor();
  await page.locator('.uplot canvas').first().waitFor();
});
await axe(await open('officer'), 'finding');
await check('the language changes on the same page', async () => {
  const page = await open('officer');
  const address = page.url();
  await page.getByRole('button', { name: 'Қазақша' }).click();
  await page.getByRole('heading', { name: 'Не теріске шығарады' }).waitFor();
  expect(page.url() === address, 'the address changed');
  expect((await page.locator('html').getAttribute('lang')) === 'kk', 'the page does not say that it is Kazakh');
  await page.getByRole('button', { name: 'English' }).click();
});
await part('findings', () => findings());
await part('orders', () => orders());
await part('network', () => network());
await part('accounts', () => accounts());
await part('the other pages', () => rest(license));
await part('the keyboard alone', () => keyboardOnly());
await part('narrow screens', () => narrow(license));
await check('nothing was thrown on the way', async () => expect(faults.length === 0, faults.join('\n')));
await check('signing out ends the session', async () => {
  const page = await open('officer');
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Password', { exact: true }).waitFor();
});

await browser.close();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
