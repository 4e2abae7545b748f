// The office's side of cases and inspections, in a real browser: tasks of a case, the board and the route of the day, a
// visit that comes in while somebody looks at its page, a finalization that is refused with what the law still demands,
// and an order to put something right that stands with the license.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { axe, browser, check, enter, expect, faults, freshPage, pages, part, settled, signIn, tally } from './kit.mjs';

const kept = {};
const day = (offset = 0) => new Date(Date.now() + 5 * 3600_000 + offset * 86_400_000).toISOString().slice(0, 10);
const typedDay = (offset = 0) => day(offset).split('-').reverse().join('.');
const as = async (role) => pages.get(role) ?? (await signIn(role));
const sectionOf = (page, name) => page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });

/** Asks the API with the session of a page, and fails with what it answers. */
async function ask(page, method, path, data, headers = {}) {
  const answer = await page.context().request.fetch(path, { method, ...(data ? { data } : {}), headers: method === 'GET' ? {} : { 'Idempotency-Key': randomUUID(), ...headers } });
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${(await answer.text()).slice(0, 300)}`);
  return answer.json();
}

/** A device of the field as the API sees it: a key of its own and events in a chain. */
async function deviceOf(page) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]).toString('base64');
  const { id } = await ask(page, 'POST', '/v1/field/devices', { name: 'Phone of the walk', public_key: point });
  const chain = { id, seq: 0, hash: '0'.repeat(64) };
  return {
    chain,
    async record(inspection, ...events) {
      const signed = events.map(([kind, body]) => {
        chain.seq += 1;
        const payload = JSON.stringify({ v: 1, id: randomUUID(), device: id, inspection, seq: chain.seq, prev: chain.hash, kind, at: new Date().toISOString(), body });
        chain.hash = createHash('sha256').update(payload).digest('hex');
        return { payload, signature: sign('sha256', Buffer.from(payload), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64') };
      });
      const { refused } = await ask(page, 'POST', '/v1/field/events', { events: signed });
      expect(!refused || refused.length === 0, JSON.stringify(refused));
    },
  };
}

await part('tasks of a case', async () => {
  const page = await as('officer');
  const opened = await ask(page, 'POST', '/v1/cases', { source: 'tip', title: 'Walk of tasks', subjects: [{ kind: 'premises', label: 'Pavlodar, Lomov 7' }] });
  kept.case = opened.number;
  await ask(page, 'POST', `/v1/cases/${opened.id}/lead`, {}, { 'If-Match': `"${opened.version}"` });
  const tasks = sectionOf(page, 'Tasks');
  await check('a task is given for a step with its usual working days, and stands in the case with its person and last day', async () => {
    await page.goto(`/app/cases/${kept.case}`);
    await page.getByRole('button', { name: 'Give a task' }).click();
    await page.getByLabel('What is to be done').selectOption('ask_utility');
    await page.getByRole('button', { name: 'Give it', exact: true }).click();
    await tasks.getByText('Ask the grid company for its data and papers', { exact: true }).waitFor();
    await tasks.getByText('5 working days left').waitFor();
  });
  await check('a task in own words needs a number of days, and says so at the field', async () => {
    await page.getByRole('button', { name: 'Give a task' }).click();
    await page.getByLabel('What is to be done').selectOption('');
    await page.getByLabel('In your own words').fill('Ring the owner');
    await page.getByRole('button', { name: 'Give it', exact: true }).click();
    await page.getByLabel('Working days').and(page.locator('[aria-invalid="true"]')).waitFor();
    await page.getByLabel('Working days').fill('2');
    await page.keyboard.press('Enter');
    await tasks.locator('strong').filter({ hasText: 'Ring the owner' }).waitFor();
  });
  await axe(page, 'a case with tasks');
  await check('it stands among the tasks of its person and leads to its place in the case', async () => {
    await page.goto('/app/tasks');
    const row = page.locator('tbody tr').filter({ hasText: kept.case }).filter({ hasText: 'Ring the owner' });
    await row.getByRole('link', { name: 'Ring the owner' }).click();
    await page.waitForURL(/\/cases\/EC-[^#]+#task-/);
    await page.locator('li[data-here]').getByText('Ring the owner', { exact: true }).waitFor();
  });
  await check('it ends with a word on what was done', async () => {
    const line = page.locator('li[data-here]');
    await line.getByRole('button', { name: 'Done', exact: true }).click();
    await line.getByLabel('What was done').fill('The owner came by');
    await line.getByRole('button', { name: 'Done', exact: true }).click();
    await tasks.getByText('1 that has ended').waitFor();
    const { tasks: list } = await ask(page, 'GET', `/v1/cases/${opened.id}`);
    expect(list.some(({ state, outcome }) => state === 'done' && outcome === 'The owner came by'), JSON.stringify(list));
  });
  await check('who may not know of cases sees no task of one', async () => {
    const clerk = await as('clerk');
    const { items } = await ask(clerk, 'GET', '/v1/tasks?limit=500');
    expect(items.every((one) => !one.case), 'a clerk sees a task of a case');
  });
});

await part('the board and the route', async () => {
  const head = await as('head');
  const inspector = await as('inspector');
  const { user } = await ask(inspector, 'GET', '/v1/session');
  const licensed = (await ask(head, 'GET', '/v1/connection-points?limit=500')).items.find((one) => one.license);
  kept.visit = await ask(head, 'POST', '/v1/inspections', { kind: 'unscheduled', title: 'Walk of the board', connection_point: licensed.code, planned_on: day(), lead: user.id, route: 1, lat: 52.29, lon: 76.97 });
  const card = (state) => head.getByRole('region', { name: state, exact: true }).getByRole('listitem').filter({ hasText: kept.visit.number });
  await check('a planned visit stands in its column with its day, its lead and what the law still demands', async () => {
    await head.goto('/app/inspections');
    await head.getByRole('link', { name: 'Board', exact: true }).click();
    await card('Planned').getByText(/^The law demands \d+ things more$/).waitFor();
  });
  await axe(head, 'the board of inspections');
  await check('the route of the day has it on the map and in the table, and Enter on the mark opens it', async () => {
    await head.getByRole('link', { name: 'Route of the day', exact: true }).click();
    await head.getByRole('region', { name: 'Route of the day' }).getByRole('link', { name: kept.visit.number }).waitFor();
    const mark = head.getByRole('link', { name: new RegExp(`^\\d+\\. ${kept.visit.number}, `) });
    await mark.focus();
    await head.keyboard.press('Enter');
    await head.waitForURL(new RegExp(`/inspections/${kept.visit.number}$`));
    await head.goBack();
    await mark.waitFor();
  });
  await axe(head, 'the route of the day');
  kept.device = await deviceOf(inspector);
  await check('what comes in moves the card and its numbers while somebody looks', async () => {
    await head.goto('/app/inspections/board');
    await card('Planned').waitFor();
    await kept.device.record(kept.visit.id, ['visit.started', {}], ['serial.scanned', { serial: 'WALK-1' }], ['serial.scanned', { serial: 'WALK-2' }]);
    await card('In progress').getByText('2 serials').waitFor();
  });
  await check('the page of the visit counts answers and serials by itself', async () => {
    await head.goto(`/app/inspections/${kept.visit.number}`);
    const live = sectionOf(head, 'How far the visit is');
    await live.getByText(/^0 of \d+$/).first().waitFor();
    const { answers } = await ask(head, 'GET', `/v1/inspections/${kept.visit.id}/review`);
    await kept.device.record(kept.visit.id, ['answer.set', { question: answers[0].question, value: 'yes' }]);
    await live.getByText(`1 of ${answers.length}`, { exact: true }).first().waitFor();
  });
  await axe(head, 'a visit under way');
});

await part('the end of a visit', async () => {
  const head = await as('head');
  const inspector = await as('inspector');
  const { chain } = kept.device;
  await kept.device.record(kept.visit.id, ['reading.taken', { meter: '4711', how: 'clamp', quantity: 'power', value: 99_999, unit: 'kW', phase: 'L1' }], ['visit.finished', { summary: 'Done', language: 'kk' }]);
  await ask(inspector, 'POST', `/v1/inspections/${kept.visit.id}/submission`, { device: chain.id, last_seq: chain.seq, last_hash: chain.hash });
  await check('what was measured stands beside what is allowed, and what is more is marked', async () => {
    await head.goto(`/app/inspections/${kept.visit.number}`);
    const power = sectionOf(head, 'Power: allowed, declared, found');
    await power.getByRole('row').filter({ hasText: 'By the acts of the connections' }).waitFor();
    await power.getByRole('row').filter({ hasText: 'Measured by clamp' }).getByText('More than allowed', { exact: true }).waitFor();
  });
  await check('it is not finalized while the law demands more: each field is named with why it matters', async () => {
    await head.goto(`/app/inspections/${kept.visit.number}`);
    await head.getByRole('button', { name: 'Finalize the inspection' }).click();
    const alert = head.getByRole('alert').filter({ hasText: 'It cannot be finalized' });
    await alert.getByText('Number of the act of appointment', { exact: true }).waitFor();
    expect(/unlawful/.test(await alert.innerText()), 'why the act matters is not said');
  });
  await axe(head, 'a finalization that was refused');
  await check('an order to put something right stands with its last day, and the license has the duty that the gate looks at', async () => {
    await head.getByRole('button', { name: 'Give an order', exact: true }).click();
    const form = head.locator('form').filter({ has: head.getByLabel('What to put right') });
    await form.getByLabel('What to put right').fill('Take the rigs that are not declared off');
    await form.getByLabel('Article of the law').fill('Art. 8');
    await form.getByLabel('Last day').fill(typedDay(30));
    await form.getByRole('button', { name: 'Give an order', exact: true }).click();
    await head.getByText('Once overdue it stands in the way at the gate.', { exact: true }).waitFor();
    const { remedy_orders: orders } = await ask(head, 'GET', `/v1/inspections/${kept.visit.id}`);
    const duty = await ask(head, 'GET', `/v1/obligations/${orders[0].obligation}`);
    expect(duty.license === kept.visit.license && duty.due === day(30), JSON.stringify(duty).slice(0, 300));
  });
  await check('with what the law demands it is finalized, and stands on the board as such', async () => {
    const row = await ask(head, 'GET', `/v1/inspections/${kept.visit.id}`);
    await ask(head, 'PUT', `/v1/inspections/${kept.visit.id}/legal`, { legal: { act_number: 'A-1', act_date: day(), registration_number: 'R-1', registration_date: day(), notice_exception: 'Hidden load', inspector_card: 'C-7', entry_power: 'Art. 152' } }, { 'If-Match': `"${row.version}"` });
    await head.reload();
    await head.getByRole('button', { name: 'Finalize the inspection' }).click();
    await head.getByRole('button', { name: 'Finalize the inspection' }).waitFor({ state: 'detached' });
    await head.goto('/app/inspections/board');
    await head.getByRole('region', { name: 'Finalized', exact: true }).getByRole('link', { name: kept.visit.number }).waitFor();
  });
});

await part('in Kazakh and Russian, on a phone', async () => {
  for (const [language, board, tasks] of [['kk', 'Тақта', 'Тапсырмалар'], ['ru', 'Доска', 'Задачи']]) {
    const page = await freshPage(`inspections ${language}`, { language, width: 390, height: 844 });
    await enter(page, 'head');
    const fits = async () => {
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over <= 0, `the page is ${over} px too wide`);
    };
    await check(`board, route and tasks are told in ${language} and fit 390 pixels`, async () => {
      await page.goto('/app/inspections/board');
      await page.getByRole('link', { name: board, exact: true }).waitFor();
      await settled(page);
      await fits();
      await page.goto('/app/inspections/map');
      await page.getByRole('table').waitFor();
      await fits();
      await page.goto(`/app/cases/${kept.case}`);
      await page.getByRole('heading', { name: tasks, exact: true }).waitFor();
      await fits();
    });
    await page.context().close();
  }
});

await check('no page threw', async () => expect(faults.length === 0, faults.slice(0, 5).join('\n')));
await browser.close();
console.log(`inspections: ${tally.passed} promises kept, ${tally.failed} not`);
process.exit(tally.failed === 0 ? 0 : 1);
