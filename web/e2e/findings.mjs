// The findings as an officer works with them: the list by keyboard, the argument and its charts, the feeder, the map, the sheet.
import { axe, check, expect, pages, settled, signIn } from './kit.mjs';

/** The page of the officer. */
const officer = async () => pages.get('officer') ?? (await signIn('officer'));

async function list() {
  await check('the list of findings is sorted and narrowed in the address, and the tiers add up', async () => {
    const page = await officer();
    await page.goto('/app/findings');
    await page.locator('tbody tr td a').first().waitFor();
    await page.getByRole('radio', { name: 'Power', exact: true }).check();
    await page.waitForURL(/sort=kw/);
    await page.locator('tbody tr td a').first().waitFor();
    const rows = await page.locator('tbody tr').filter({ has: page.locator('td') }).count();
    const tiers = await page.getByRole('navigation', { name: 'By tier' }).locator('strong').allInnerTexts();
    expect(tiers.reduce((sum, text) => sum + Number(text), 0) === rows, `${tiers.join('+')} in the tiers, ${rows} rows`);
    await page.keyboard.press('/');
    await page.keyboard.type('PS12-F03');
    await page.waitForURL(/q=PS12-F03/);
    await page.waitForFunction(() => [...document.querySelectorAll('tbody td a')].length > 0 && [...document.querySelectorAll('tbody td a')].every((link) => link.textContent.startsWith('PS12-F03')));
  });
  await check('an empty view says why it is empty and how to leave it', async () => {
    const page = await officer();
    await page.goto('/app/findings?q=nothing-has-this-name');
    await page.getByText('Nothing matches these filters').waitFor();
    await page.getByRole('link', { name: 'Take the filters away' }).click();
    await page.locator('tbody tr td a').first().waitFor();
  });
  await check('j and d lead to the dismissal of a finding, and Escape out of it', async () => {
    const page = await officer();
    await page.keyboard.press('j');
    await page.locator('tr[data-cursor]').waitFor();
    await page.keyboard.press('d');
    await page.waitForURL(/act=dismissal/);
    await page.getByLabel('Why it is dismissed').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Dismiss', exact: true }).waitFor();
  });
  await check('the view is a file', async () => {
    const page = await officer();
    await page.goto('/app/findings');
    await page.locator('tbody tr td a').first().waitFor();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV file' }).click()]);
    expect(file.suggestedFilename() === 'findings.csv', file.suggestedFilename());
  });
}

async function argument() {
  await check('a finding shows measured and residual, turns them into tables, and compares its neighbours', async () => {
    const page = await officer();
    await page.locator('tbody tr td a').first().click();
    await page.locator('.uplot canvas').nth(1).waitFor();
    await page.locator('figure').first().getByRole('button', { name: 'Table' }).click();
    await page.getByRole('columnheader', { name: 'Expected' }).waitFor();
    const section = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Other meters on the same feeder' }) });
    await section.getByRole('listitem').first().waitFor();
    await section.getByRole('button', { name: 'Table' }).click();
    expect((await section.getByRole('row').count()) > 1, 'no neighbours in the table');
    await page.getByText('Finding raised', { exact: true }).first().waitFor();
  });
  await check('a finding has a sheet for paper with its charts as lines', async () => {
    const page = await officer();
    await page.getByRole('link', { name: 'Print', exact: true }).click();
    await page.getByRole('heading', { name: 'Finding, on paper' }).waitFor();
    await page.locator('article svg path').nth(3).waitFor({ state: 'attached' });
    expect((await page.locator('article svg').count()) === 2, 'not two charts');
  });
  await axe(await officer(), 'finding on paper');
}

async function places() {
  await check('the grid leads to the balance of a feeder with its heat strip and its table', async () => {
    const page = await officer();
    await page.goto('/app/grid?node=PS12-F03');
    await page.getByRole('link', { name: 'Balance over time' }).click();
    await page.getByRole('heading', { name: 'Where the residual is' }).waitFor();
    await page.locator('.uplot canvas').nth(1).waitFor();
    await page.locator('figure').filter({ has: page.locator('svg rect') }).getByRole('button', { name: 'Table' }).click();
    await page.getByRole('columnheader', { name: '23' }).waitFor();
  });
  await axe(await officer(), 'feeder');
  await check('the map is worked by keyboard and says the same as its table', async () => {
    const page = await officer();
    await page.goto('/app/findings/map');
    await settled(page);
    const mark = page.getByRole('button', { name: /^Pavlodar Region: / });
    await mark.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/region=/);
    const said = /: (\d+) finding/.exec((await mark.getAttribute('aria-label')) ?? '')?.[1];
    const row = await page.getByRole('row').filter({ has: page.getByRole('link', { name: 'Pavlodar Region' }) }).first().getByRole('cell').allInnerTexts();
    expect(row[4]?.trim() === said, `${said} on the map, ${row.join(' | ')} in the table`);
    await page.getByRole('link', { name: 'As a list' }).click();
    await page.waitForURL(/\/findings\?.*region=/);
    await page.locator('tbody tr td a').first().waitFor();
  });
  const page = await officer();
  await page.goto('/app/findings/map');
  await settled(page);
  await axe(page, 'map');
}

/** The temperatures that tell heating from rigs: what is known, and a file of a head's. */
async function weather() {
  await check('temperatures of a file are taken in once, and a row that cannot be read is named', async () => {
    const page = pages.get('head') ?? (await signIn('head'));
    await page.goto('/app/findings/weather');
    await page.getByRole('link', { name: 'Pavlodar Region (55)' }).waitFor();
    const hour = new Date(Date.now() - 7_200_000).toISOString().slice(0, 13);
    const rows = (last) => `timestamp,temp_c\n${hour}:10:00Z,-7.5\n${hour}:20:00Z,${last}\n`;
    const table = page.getByLabel('Or paste from a spreadsheet');
    await page.getByLabel('Place of rows without one').fill('10');
    await page.getByLabel('Source', { exact: true }).fill('Walk');
    await table.fill(rows('cold'));
    await page.getByText('Rows that cannot be read: 1 (3).').waitFor();
    await table.fill(rows('-8'));
    await page.getByRole('button', { name: 'Tell (2)' }).click();
    await page.getByRole('status').getByText(/^Taken in: [02] new, 0 corrected, [02] known already\.$/).waitFor();
    await page.getByRole('link', { name: /\(10\)$/ }).waitFor();
  });
  await axe(pages.get('head'), 'weather');
}

/** Findings from the list to the paper. */
export async function findings() {
  await list();
  await argument();
  await places();
  await weather();
}
