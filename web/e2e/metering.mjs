// What has to do with meters and numbers, in a real browser: a meter that nobody knows is commissioned from its gateway
// to its first good reading, mostly by keyboard; intervals are put right by two people, the second of them with a fresh
// password; other numbers of detection are tried on the past, proposed, and put in force by another person; and the
// devices of the field fit a phone. Every screen is checked by axe, themes and languages in turn. Needs a running server
// with fresh demonstration data.
import { axeIn, browser, check, expect, faults, freshPage, enter, pages, part, settled, signIn, tally, userOf } from './kit.mjs';

const now = Date.now();
const CODE = `M-WALK-${now % 1_000_000}`;
const PLACE = 'PS12-F01-CP003';
const reasons = 'The plate was read twice and is right';
const as = async (role) => pages.get(role) ?? (await signIn(role));
const ask = async (page, path) => (await page.context().request.get(path)).json();
/** The day in Almaty, so many days from today, as people type it. */
const typedDay = (offset) => new Date(now + 5 * 3600_000 + offset * 86_400_000).toISOString().slice(0, 10).split('-').reverse().join('.');

const languages = { kk: 'Қазақша', ru: 'Русский', en: 'English' };
let turn = 0;
/** Axe in the theme and the language whose turn it is; the page is in English afterwards. */
async function look(page, name) {
  const scheme = turn % 2 === 0 ? 'light' : 'dark';
  const language = Object.keys(languages)[turn++ % 3];
  const change = async (to) => {
    if ((await page.locator('html').getAttribute('lang')) === to) return;
    await page.getByRole('button', { name: languages[to], exact: true }).click();
    await page.locator(`html[lang="${to}"]`).waitFor({ state: 'attached' });
  };
  await change(language);
  await axeIn(scheme, page, `${name}, ${language}`);
  await page.emulateMedia({ colorScheme: 'light' });
  await change('en');
}
/** Whether a page fits a phone. */
async function lookOnPhone(page, name) {
  await page.setViewportSize({ width: 390, height: 844 });
  await check(`${name} fits a phone`, async () => {
    const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
    expect(over <= 0, `${over} px too wide`);
  });
  await page.setViewportSize({ width: 1440, height: 900 });
}
/** Goes on to the next step with the Enter key in a field, and waits for its question. */
async function enterOn(page, field, question) {
  await field.press('Enter');
  await page.getByRole('heading', { level: 2, name: question }).waitFor();
}

await part('commissioning', async () => {
  const page = await as('utility');
  const question = (name) => page.getByRole('heading', { level: 2, name }).waitFor();
  const exactly = (label) => page.getByLabel(label, { exact: true });
  await check('the gateways lead to a search, without a pointer', async () => {
    await page.goto('/app/commissioning');
    await question('Behind which gateway is the meter?');
    const gateway = page.getByRole('radio', { name: /M-PS12, M-PS12-F01/ });
    await gateway.focus();
    await page.keyboard.press('Space');
    await enterOn(page, gateway, 'Which unit ids may it have?');
    expect(await page.evaluate(() => document.activeElement?.querySelector('h2') !== null), 'the focus is not at the new question');
  });
  await look(page, 'the search of a gateway');
  await check('ids that are none are refused in words', async () => {
    await exactly('Unit ids').fill('300');
    await exactly('Unit ids').press('Enter');
    await page.getByText('Write ids from 1 to 247, such as 1-31, 100.').waitFor();
  });
  await check('a search finds the unit that nobody knows, and names the meter that is known', async () => {
    await exactly('Unit ids').fill('5-7');
    await exactly('Unit ids').press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Which unit is it?' }).waitFor({ timeout: 60_000 });
    await page.getByText('is the meter', { exact: false }).first().waitFor();
    const found = page.getByRole('radio', { name: /^Unit 6 · .*fits best/ });
    expect((await found.count()) === 1, `${await found.count()} profiles of unit 6 fit best`);
    await found.focus();
    await page.keyboard.press('Space');
  });
  await look(page, 'the units of a gateway');
  await lookOnPhone(page, 'the units of a gateway');
  await check('the unit is read once and shows its values', async () => {
    await page.getByRole('radio', { name: /^Unit 6 · .*fits best/ }).press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Is this what the meter shows?' }).waitFor({ timeout: 45_000 });
    expect((await page.getByRole('region', { name: 'Values' }).getByRole('row').count()) > 3, 'there are no values');
  });
  await look(page, 'a reading');
  await lookOnPhone(page, 'a reading');
  await check('the address alone leads back to the reading', async () => {
    await page.reload();
    await question('Is this what the meter shows?');
    await page.getByRole('button', { name: 'Continue' }).press('Enter');
    await question('What is written on the meter?');
  });
  await check('a plate without a serial number is refused in words', async () => {
    await exactly('Maker').press('Enter');
    await page.getByText('This is needed.').first().waitFor();
  });
  await look(page, 'an empty plate');
  await check('the plate, its transformers and its place are typed', async () => {
    await exactly('Serial number').fill(`W-${now}`);
    await exactly('Verified on').fill(typedDay(-30));
    await exactly('Verified until').fill(typedDay(1400));
    await enterOn(page, exactly('Verified until'), 'Is it connected through transformers?');
    await enterOn(page, page.getByRole('textbox').first(), 'What does it measure?');
    await exactly('Its code').fill(PLACE);
    await exactly('Role').selectOption('check');
    await exactly('Name of the meter').fill(CODE);
  });
  await look(page, 'the place of a meter');
  await check('what differs needs a reason, and stays on this device when the page is loaded again', async () => {
    await exactly('Name of the meter').press('Enter');
    await page.getByRole('heading', { level: 2, name: /^(Why do they differ\?|The meter and its plate fit)$/ }).waitFor();
    const fields = page.getByLabel('Why it is right all the same');
    const count = await fields.count();
    for (let i = 0; i < count; i++) await fields.nth(i).fill(reasons);
    await page.reload();
    await page.getByRole('heading', { level: 2, name: /^(Why do they differ\?|The meter and its plate fit)$/ }).waitFor();
    for (let i = 0; i < count; i++) expect((await fields.nth(i).inputValue()) === reasons, 'a reason was lost');
  });
  await look(page, 'what differs');
  await lookOnPhone(page, 'what differs');
  await check('the act is not bound without its seals', async () => {
    await page.getByRole('button', { name: 'Continue' }).press('Enter');
    await question('Seals and act');
    await exactly('Number of the act').fill('A-17');
    await exactly('Number of the act').press('Enter');
    await page.getByText('This is needed.').first().waitFor();
  });
  await look(page, 'an act');
  await check('the meter is bound, and commissioned by its first good reading', async () => {
    await exactly('Numbers of the seals').fill('778120, 778121');
    await exactly('Installed by').fill('Crew 4');
    await exactly('Installed by').press('Enter');
    await page.getByRole('heading', { level: 2, name: `${CODE} is commissioned` }).waitFor({ timeout: 60_000 });
  });
  await look(page, 'a commissioned meter');
  await check("the meter's page keeps who installed it, when, and what differed", async () => {
    await page.getByRole('link', { name: 'Open the meter' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: CODE }).waitFor();
    const record = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Commissioning', exact: true }) });
    for (const text of ['Commissioned', 'Crew 4', 'A-17', '778120, 778121']) await record.getByText(text, { exact: true }).waitFor();
  });
  await look(page, 'the page of a commissioned meter');
  await lookOnPhone(page, 'the page of a commissioned meter');
});

/** Answers the next confirmation as the server does when the password was given too long ago, and only that one. */
async function stale(page) {
  await page.route('**/confirmation', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ status: 403, code: 'step_up_required', title: 'Forbidden', detail: 'A signature needs your password again.' }) }), { times: 1 });
}
/** Gives the password that is asked for in the page. */
async function prove(page, role) {
  await page.getByText('Confirm your password').waitFor();
  const field = page.locator('input[autocomplete="current-password"]');
  await field.fill(userOf(role).password);
  await field.press('Enter');
}

await part('a correction', async () => {
  const officer = await as('officer');
  const { items } = await ask(officer, '/v1/meters?limit=500');
  const meter = items.find((one) => one.code === 'M-PS12-F04-CP005') ?? items[0];
  const address = `/app/meters/${meter.id}/correction`;
  await check('an officer compares four quarter hours with what is put in their place, and proposes it', async () => {
    await officer.goto(address);
    await settled(officer);
    await officer.getByLabel('Reason', { exact: true }).selectOption('meter_fault');
    const rows = [0, 15, 30, 45].map((minute) => `${typedDay(-1).replace(/^(..)\.(..)\.(....)$/, '$3-$2-$1')} 10:${String(minute).padStart(2, '0')}\t1.25`);
    await officer.getByLabel('Or paste from a spreadsheet').fill(['start\tkwh', ...rows].join('\n'));
    await officer.getByLabel('Number of the paper that it rests on').fill('P-1');
    await officer.getByRole('button', { name: 'Compare' }).click();
    await officer.getByRole('region', { name: 'Before and after' }).waitFor();
  });
  await look(officer, 'a comparison of intervals');
  await lookOnPhone(officer, 'a comparison of intervals');
  await check('who proposed it cannot confirm it', async () => {
    await officer.getByRole('button', { name: 'Propose', exact: true }).click();
    await officer.getByText('You proposed it: another person confirms.').waitFor();
    expect((await officer.getByRole('button', { name: 'Confirm', exact: true }).count()) === 0, 'there is a button to confirm');
  });
  const head = await as('head');
  await check('another person is asked for the password and confirms', async () => {
    await head.goto(address);
    await stale(head);
    await head.getByRole('button', { name: 'Confirm', exact: true }).click();
    await head.getByText('Confirm your password').waitFor();
  });
  await look(head, 'a password for a correction');
  await check('the correction counts', async () => {
    await prove(head, 'head');
    await head.getByText('Confirm your password').waitFor({ state: 'detached' });
    await head.goto(`/app/meters/${meter.id}`);
    await head.getByText('Counts', { exact: true }).first().waitFor();
  });
  await look(head, 'the page of a meter that was put right');
});

await part('the numbers of detection', async () => {
  const officer = await as('officer');
  const { items } = await ask(officer, '/v1/detection/parameters');
  const one = items.find((of) => of.name === 'loss_b_spread') ?? items[0];
  const tried = String((one.value + one.max) / 2);
  const note = `Walk ${now}`;
  await check('other numbers are tried on the past', async () => {
    await officer.goto('/app/findings/parameters');
    await officer.getByRole('button', { name: 'Try other numbers' }).click();
    const field = officer.getByLabel(new RegExp(`^${one.name}, `));
    await field.fill('9999999');
    await officer.getByText(/^From .+ to .+/).first().waitFor();
    await field.fill(tried);
    await officer.getByLabel('Which past').selectOption('35');
  });
  await look(officer, 'numbers to try');
  await check('what they would have found is told', async () => {
    await officer.getByRole('button', { name: 'Show what they would find (1)' }).click();
    await officer.waitForURL(/\/what-ifs\//);
    await officer.getByRole('heading', { level: 2, name: 'Propose these numbers' }).waitFor({ timeout: 60_000 });
  });
  await look(officer, 'a what-if');
  await lookOnPhone(officer, 'a what-if');
  await check('they are proposed from a day to come, and a wrong day is refused in words', async () => {
    await officer.getByLabel('In force from').fill('31.02.2027');
    await officer.getByLabel('What changes and why').fill(note);
    await officer.getByRole('button', { name: 'Send to a second person' }).click();
    await officer.getByText('Write the date as 22.11.2026').waitFor();
    await officer.getByLabel('In force from').fill(typedDay(60));
    await officer.getByRole('button', { name: 'Send to a second person' }).click();
    await officer.waitForURL(/\/parameters\/[^/]+$/);
    await officer.getByText('Another officer or head has to confirm it.').waitFor();
    expect((await officer.getByRole('button', { name: 'Put in force' }).count()) === 0, 'the proposer may put it in force');
  });
  await look(officer, 'a change that waits');
  await lookOnPhone(officer, 'a change that waits');
  await check('a second person puts them in force with a fresh password', async () => {
    const head = await as('head');
    await head.goto('/app/findings/parameters');
    await head.getByRole('link', { name: note }).first().click();
    await head.getByLabel('Reason of the decision').fill('Looked at what it would find.');
    await stale(head);
    await head.getByRole('button', { name: 'Put in force' }).click();
    await prove(head, 'head');
    await head.getByText('Confirmed', { exact: true }).first().waitFor();
  });
  await look(await as('head'), 'a change in force');
});

await part('devices', async () => {
  const phone = await freshPage('a phone', { width: 390 });
  await enter(phone, 'head');
  await check('every device fits a phone with the button that locks it', async () => {
    await phone.goto('/app/devices');
    await phone.getByRole('heading', { level: 1, name: 'Field devices' }).waitFor();
    await phone.getByRole('list', { name: 'Field devices' }).waitFor();
    const buttons = await phone.getByRole('button', { name: /^(Lock|Unlock)/ }).all();
    expect(buttons.length > 0, 'no device can be locked');
    for (const button of buttons) {
      const { x, width } = await button.boundingBox();
      expect(x >= 0 && x + width <= 390, `a button ends at ${x + width}`);
    }
  });
  for (const scheme of ['light', 'dark']) await axeIn(scheme, phone, 'devices on a phone');
});

await check('nothing was thrown on the way', async () => {
  // A confirmation without a fresh password was meant to be refused.
  const meant = /status of 403.*\/confirmation\)$/;
  const thrown = faults.filter((one) => !meant.test(one));
  expect(thrown.length === 0, thrown.join('\n'));
});
await browser.close();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
