// From the finding to the court, in a real browser: a case from what detection found, an inspection that the law does not
// let through yet, the protocol of a visit beside what is declared, the machines that were seized, a violation with its
// penalty and payment, the yearly report, and the package that proves itself from the file system and shows what broke.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { axe, browser, check, expect, faults, freshPage, pages, part, settled, signIn, tally, userOf } from './kit.mjs';

const folder = mkdtempSync(join(tmpdir(), 'court-'));
const kept = { number: '', id: '', inspection: '', file: '', page: '' };
const day = (offset = 0) => new Date(Date.now() + 5 * 3600_000 + offset * 86_400_000).toISOString().slice(0, 10);
const typedDay = (offset = 0) => day(offset).split('-').reverse().join('.');
/** The page of a person, who signs in once. */
const as = async (role) => pages.get(role) ?? (await signIn(role));
const ask = async (page, path) => (await page.context().request.get(path)).json();
const exactly = (page, label) => page.getByLabel(label, { exact: true });

/** Where the files of a package lie: they are stored as they are. */
function filesOf(content) {
  const found = new Map();
  let at = content.readUInt32LE(content.length - 6);
  for (let left = content.readUInt16LE(content.length - 12); left > 0; left--) {
    const [size, length, header] = [content.readUInt32LE(at + 24), content.readUInt16LE(at + 28), content.readUInt32LE(at + 42)];
    const from = header + 30 + content.readUInt16LE(header + 26) + content.readUInt16LE(header + 28);
    found.set(content.subarray(at + 46, at + 46 + length).toString(), { from, size });
    at += 46 + length + content.readUInt16LE(at + 30) + content.readUInt16LE(at + 32);
  }
  return found;
}

/** The case of the demonstration's story, once it was referred: it takes a minute from the start. */
async function walked(page) {
  for (let n = 0; n < 90; n++) {
    for (const { id } of (await ask(page, '/v1/cases?source=finding&limit=50')).items) {
      const row = await ask(page, `/v1/cases/${id}`);
      if ((row.acts ?? []).some(({ kind }) => kind === 'referral') && (row.seized ?? []).length > 0) return row;
    }
    await page.waitForTimeout(1000);
  }
  throw new Error('no case of the story was referred');
}

await part('a case from a finding', async () => {
  const page = await as('officer');
  await check('a finding opens a case that is about it', async () => {
    await page.goto('/app/findings');
    await page.locator('tbody tr td a').first().click();
    await page.getByRole('link', { name: 'Open a case', exact: true }).first().click();
    await exactly(page, 'What it is about').fill('Load without a license');
    await page.getByRole('button', { name: 'Open a case', exact: true }).click();
    await page.waitForURL(/\/cases\/EC-/);
    await page.getByRole('button', { name: 'Take the case' }).click();
    await page.getByRole('button', { name: 'Take the case' }).waitFor({ state: 'detached' });
    kept.own = decodeURIComponent(page.url().split('/').at(-1));
  });
  await axe(page, 'a case');
});

await part('an inspection and the law', async () => {
  const page = await as('head');
  const inspector = (await ask(page, '/v1/inspections?limit=50')).items.find((one) => one.lead)?.lead;
  await check('an inspection is planned, and what the law demands is named before it is there', async () => {
    const answer = await page.context().request.post('/v1/inspections', { headers: { 'Idempotency-Key': `court-${Date.now()}` }, data: { kind: 'unscheduled', title: 'Court walk', address: 'Pavlodar, Lomov 7', case: kept.own, planned_on: day(), lead: inspector } });
    expect(answer.ok(), `${answer.status()} ${await answer.text()}`);
    kept.inspection = (await answer.json()).number;
    await page.goto(`/app/inspections/${kept.inspection}`);
    await page.getByText(/is unlawful|void|unlawful/).first().waitFor();
  });
  await axe(page, 'an inspection that lacks what the law demands');
});

await part('the protocol of a visit', async () => {
  const page = await as('head');
  const row = await walked(page);
  Object.assign(kept, { number: row.number, id: row.id });
  const visit = (await ask(page, `/v1/inspections?case=${row.id}`)).items[0];
  await check('the protocol stands beside the declared state: what is not in the register is named first', async () => {
    await page.goto(`/app/inspections/${visit.number}`);
    const table = page.getByRole('region', { name: 'Serial numbers' }).or(page.locator('table').filter({ hasText: 'S19XP-' })).first();
    await table.waitFor();
    const first = await table.locator('tbody tr').first().innerText();
    expect(first.startsWith('S19XP-'), `the first line is ${first}`);
  });
  await axe(page, 'the protocol of a visit');
  await check('the case shows each machine that was seized, and a rig of the register says which case holds it', async () => {
    await page.goto(`/app/cases/${kept.number}`);
    const seized = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Machines seized' }) });
    await seized.locator('tbody tr').nth(5).waitFor();
    expect((await seized.getByText('Not in the register').count()) === 3, 'not three unknown machines');
    await seized.locator('tbody tr').filter({ hasText: 'Held' }).locator('a').first().click();
    await page.getByText(/^Taken by record/).waitFor();
    await page.getByRole('link', { name: kept.number }).waitFor();
  });
  await axe(page, 'a rig that a case holds');
});

await part('seizure, release and ruling', async () => {
  const page = await as('officer');
  await page.goto(`/app/cases/${kept.number}`);
  await check('a seizure of machines that names no authority and no place is refused at its fields', async () => {
    await exactly(page, 'What happened').selectOption('seizure');
    await exactly(page, 'Serial numbers').fill('Q-0001');
    await exactly(page, 'Date').first().fill(typedDay());
    await exactly(page, 'Number of the paper').first().fill('P-9');
    await page.getByRole('button', { name: 'Write down' }).click();
    await page.locator('[aria-invalid="true"]').nth(1).waitFor();
  });
  await check('a release gives machines back, and they are in storage again', async () => {
    const row = await ask(page, `/v1/cases/${kept.id}`);
    const rig = row.seized.find((one) => one.rig && one.fate === 'held');
    await exactly(page, 'What happened').selectOption('release');
    await exactly(page, 'Serial numbers').fill(rig.serial);
    await page.getByRole('button', { name: 'Write down' }).click();
    await page.getByText('Returned', { exact: true }).first().waitFor();
    expect((await ask(page, `/v1/equipment/${rig.rig}`)).state === 'stored', 'the rig is not in storage');
  });
  await axe(page, 'a case with seized machines');
});

await part('violation, penalty and payment', async () => {
  const page = await as('officer');
  await check('a protocol is drawn up with the fine of the law', async () => {
    await page.goto(`/app/cases/${kept.number}`);
    await page.getByRole('button', { name: 'Draw up a protocol' }).click();
    await exactly(page, 'Who').fill('Demo LLP');
    await exactly(page, 'Day of the offence').fill(typedDay());
    await exactly(page, 'Number of the protocol').fill('AP-1');
    await exactly(page, 'Date of the protocol').fill(typedDay());
    await page.getByRole('button', { name: 'Draw up a protocol' }).click();
    await page.getByText(/indexes ×/).first().waitFor();
  });
  await check('who did not draw it up imposes the penalty, and the payment is recorded', async () => {
    const head = await as('head');
    await head.goto(`/app/cases/${kept.number}`);
    await head.getByRole('button', { name: 'Impose the penalty' }).first().click();
    const form = head.locator('form').filter({ has: head.getByRole('button', { name: 'Save', exact: true }) });
    await form.getByLabel('Number of the paper').fill('PS-1');
    await form.getByLabel('Date').fill(typedDay());
    await form.getByRole('button', { name: 'Save', exact: true }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Record a payment' }).first().click();
    const pay = page.locator('form').filter({ has: page.getByRole('button', { name: 'Save', exact: true }) });
    await pay.getByLabel('Number of the paper').fill('PP-1');
    await pay.getByLabel('Date').fill(typedDay());
    await pay.getByLabel('Amount, KZT').fill('1000');
    await pay.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/^Paid: /).first().waitFor();
  });
});

await part('the yearly report', async () => {
  const page = await as('head');
  await check('the report of the year counts the seizure, whole on a page of 1440, as CSV and as PDF', async () => {
    await page.goto('/app/cases/report');
    await settled(page);
    await page.getByRole('table').first().waitFor();
    const over = await page.locator('[role="region"]').evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
    expect(over === 0, `${over} tables are wider than their place`);
    for (const [name, begin] of [['csv', ''], ['pdf', '%PDF']]) {
      const answer = await page.context().request.get(`/v1/enforcement/report.${name}`);
      expect(answer.ok() && (await answer.text()).startsWith(begin), `${name}: ${answer.status()}`);
    }
    const { total } = await ask(page, '/v1/enforcement/report');
    expect(total.rigs_seized >= 6 && total.blocked_kzt >= 1_250_000 && total.fines >= 1, JSON.stringify(total));
  });
  await axe(page, 'the yearly report');
});

await part('the package', async () => {
  const office = await as('head');
  await check('the package is taken out of the case and holds its verifier', async () => {
    await office.goto(`/app/cases/${kept.number}`);
    const [file] = await Promise.all([office.waitForEvent('download'), office.getByRole('link', { name: 'Take out the package' }).click()]);
    kept.file = join(folder, file.suggestedFilename());
    await file.saveAs(kept.file);
    const content = readFileSync(kept.file);
    const page = filesOf(content).get('verify.html');
    expect(page, 'no verify.html in it');
    kept.page = join(folder, 'verify.html');
    writeFileSync(kept.page, content.subarray(page.from, page.from + page.size));
  });
  const context = await browser.newContext({ locale: 'en-GB', offline: true });
  const verifier = await context.newPage();
  const judged = async (name, content) => {
    await verifier.goto(pathToFileURL(kept.page).href);
    await verifier.locator('input[type="file"]').first().setInputFiles({ name, mimeType: 'application/zip', buffer: content });
    await verifier.waitForFunction(() => /All holds|This does not hold/.test(document.body.innerText));
    return verifier.locator('body').innerText();
  };
  await check('the verifier of the package, opened from the file system with no network, finds it whole', async () => {
    const said = await judged('case.zip', readFileSync(kept.file));
    expect(said.includes('All holds') && said.includes(kept.number), said.slice(0, 400));
  });
  await axe(verifier, 'the verifier: whole');
  await check('a changed byte of a photo and of the events is refused with the name of the file', async () => {
    for (const part of ['originals/', 'field/events.jsonl']) {
      const content = Buffer.from(readFileSync(kept.file));
      const [name, file] = [...filesOf(content)].find(([path]) => path.startsWith(part));
      content[file.from + Math.floor(file.size / 2)] ^= 1;
      const said = await judged('changed.zip', content);
      expect(said.includes('This does not hold') && said.includes(name), said.slice(0, 400));
    }
  });
  await axe(verifier, 'the verifier: changed');
  await context.close();
});

await part('in Kazakh and Russian, on a phone', async () => {
  for (const [language, word] of [['kk', 'Алынған аппараттар'], ['ru', 'Изъятые аппараты']]) {
    const page = await freshPage(`court ${language}`, { language, width: 390, height: 844 });
    const { login, password } = userOf('head');
    expect((await page.context().request.post('/v1/session', { data: { login, password } })).ok(), 'not signed in');
    await check(`the case is told in ${language} and fits 390 pixels`, async () => {
      await page.goto(`/app/cases/${kept.number}`);
      await page.getByRole('heading', { name: word }).waitFor();
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over <= 0, `the page is ${over} px too wide`);
    });
    await axe(page, `a case, ${language}, 390`);
    await page.context().close();
  }
});

await check('no page threw', async () => expect(faults.length === 0, faults.slice(0, 5).join('\n')));
await browser.close();
rmSync(folder, { recursive: true, force: true });
console.log(`court: ${tally.passed} promises kept, ${tally.failed} not`);
process.exit(tally.failed === 0 ? 0 : 1);
