// An inspector's day without a signal, in a real browser: 100 visits with 3 photos each, the tab killed ten times, a full
// device, an expired session, and then a link that drops one request in twenty. Everything arrives exactly once, with
// equal hashes. Needs a running server with demonstration data.
import { createHash } from 'node:crypto';
import { coreOf } from './fieldkit.mjs';
import { browser, check, expect, tally, userOf } from './kit.mjs';

const VISITS = Number(process.env.RIGISTRY_E2E_VISITS ?? 100);
const KILLS = 10;
const base = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';
const began = Date.now();
const since = () => `${((Date.now() - began) / 1000).toFixed(0)} s`;
const core = await coreOf(base);
const today = new Date(Date.now() + 5 * 3600_000).toISOString().slice(0, 10);

const office = await browser.newContext({ baseURL: base });
const phone = await browser.newContext({ baseURL: base, viewport: { width: 360, height: 800 }, hasTouch: true, geolocation: { latitude: 52.287, longitude: 76.967, accuracy: 8 }, permissions: ['geolocation'] });
await phone.addInitScript(() => localStorage.getItem('rigistry.language') ?? localStorage.setItem('rigistry.language', 'en'));
const inspector = userOf('inspector');
const thrown = [];
const visits = [];
let page;

/** A new tab of the phone. */
async function openTab(path = '/field/') {
  page = await phone.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => thrown.push(error.message));
  await page.goto(path);
  await page.locator('h1').waitFor();
}
const screen = async (hash) => {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.locator('h1').waitFor();
};
const inPage = (run, arg) => page.evaluate(run, { core, ...arg });
const countsOf = () => inPage(async ({ core }) => (await import(core)).store.counts());

/** A real picture; what is put behind its end makes it another one. */
let pictureOf;

async function signInHere() {
  await page.getByLabel('Login').fill(inspector.login);
  await page.getByLabel('Password').fill(inspector.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
}

await check('the head plans the visits', async () => {
  const { login, password } = userOf('head');
  expect((await office.request.post('/v1/session', { data: { login, password } })).ok(), 'the head is not signed in');
  const other = await browser.newContext({ baseURL: base });
  const { user } = await (await other.request.post('/v1/session', { data: { login: inspector.login, password: inspector.password } })).json();
  await other.close();
  const plan = async (n) => {
    const data = { kind: 'unscheduled', title: `Hall ${n}`, address: `Pavlodar, Lomov 1/${n}`, planned_on: today, lead: user.id, route: (n % 1000) + 1 };
    const answer = await office.request.post('/v1/inspections', { data, headers: { 'Idempotency-Key': `field-${began}-${n}` } });
    expect(answer.ok(), `${answer.status()} ${await answer.text()}`);
    visits.push((await answer.json()).id);
  };
  for (let n = 0; n < VISITS; n += 10) await Promise.all(Array.from({ length: Math.min(10, VISITS - n) }, (_, i) => plan(n + i)));
});
console.log(`      ${since()}`);

await check('the inspector signs in in the morning and prepares the trip', async () => {
  await openTab();
  await signInHere();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.getByRole('button', { name: /^Prepare for the trip/ }).click();
  await page.getByRole('button', { name: /^(Prepare|Downloading)/ }).waitFor({ state: 'detached', timeout: 60_000 });
  const held = await inPage(async ({ core }) => [...(await (await import(core)).packs.held()).keys()]);
  expect(visits.every((id) => held.includes(id)), `${held.length} packs are here`);
});
console.log(`      ${since()}`);

await check('without a signal the app opens from its service worker within a second', async () => {
  await phone.setOffline(true);
  let best = Infinity;
  for (let i = 0; i < 3; i++) {
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    best = Math.min(best, await page.evaluate(() => Math.max(...performance.getEntriesByType('paint').map((one) => one.startTime))));
  }
  console.log(`      first paint after ${best.toFixed(0)} ms`);
  expect(best < 1000, `${best} ms`);
  await page.getByText('No signal').first().waitFor();
});

const first = () => visits[0];
await check('a whole visit by hand: start, checklist, ten serials, three photos, a reading, a seal, signatures, finish', async () => {
  const from = Date.now();
  pictureOf = await page.screenshot({ type: 'jpeg' });
  const id = first();
  await screen(`#/visit/${id}`);
  await page.getByRole('link', { name: 'Start the visit' }).click();
  await page.getByRole('button', { name: 'Start the visit' }).click();
  await page.getByText(/^Section 1 of/).waitFor();
  const pack = await inPage(async ({ core, id }) => (await import(core)).packs.pack(id), { id });
  for (const section of pack.checklist.sections) {
    for (const q of section.questions) await answer(q);
    await page.getByRole('link', { name: 'Next' }).click();
    await page.locator('h1').waitFor();
  }
  await page.getByRole('heading', { level: 1, name: 'Serial numbers' }).waitFor();
  for (let i = 0; i < 10; i++) {
    await page.getByLabel('Serial number', { exact: true }).fill(`sn ${began} ${i}`);
    await page.getByRole('button', { name: 'Add the serial' }).click();
    await page.locator('.note h2', { hasText: `SN${began}${i}` }).waitFor();
  }
  await page.getByLabel('Serial number', { exact: true }).fill(`SN${began}0`);
  await page.getByRole('button', { name: 'Add the serial' }).click();
  await page.locator('.note h2', { hasText: 'Duplicate' }).waitFor();
  await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
  await page.locator('.toast').waitFor({ state: 'detached' });
  await screen(`#/visit/${id}/photos`);
  const inputs = page.locator('input[capture]');
  for (let i = 0; i < Math.max(3, pack.shots.length); i++) {
    const input = inputs.nth(Math.min(i, (await inputs.count()) - 1));
    await input.setInputFiles({ name: `${i}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.concat([pictureOf, Buffer.from(`${began} ${i}`)]) });
    await page.waitForFunction((n) => document.querySelectorAll('.shots img').length > n, i);
  }
  await screen(`#/visit/${id}/readings`);
  await page.getByLabel('Meter or cable').fill('M-1');
  await page.getByLabel('Value, kWh').fill('18 204,5');
  await page.getByRole('button', { name: 'Save the reading' }).click();
  await page.locator('.item').filter({ hasText: 'M-1' }).waitFor();
  await screen(`#/visit/${id}/seals`);
  await page.getByLabel('Seal number').fill('P-77');
  await page.getByLabel('Where').fill('meter box');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('.item').filter({ hasText: 'P-77' }).waitFor();
  await screen(`#/visit/${id}/sign/inspector`);
  const glass = await page.locator('canvas').boundingBox();
  await page.mouse.move(glass.x + 40, glass.y + 120);
  await page.mouse.down();
  for (let i = 1; i < 12; i++) await page.mouse.move(glass.x + 40 + i * 18, glass.y + 120 + (i % 2 ? -50 : 40));
  await page.mouse.up();
  await page.getByRole('button', { name: 'Save the signature' }).click();
  await page.getByRole('heading', { level: 1, name: 'Protocol and signatures' }).waitFor();
  await screen(`#/visit/${id}/sign/subject`);
  await page.getByRole('button', { name: 'Refuses' }).click();
  await page.getByLabel('Reason of the refusal').fill('Will not sign without a lawyer');
  await page.getByRole('button', { name: 'Save the refusal' }).click();
  // With both signatures there the way leads on by itself.
  await page.getByRole('heading', { level: 1, name: 'Finish', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Finish the visit' }).click();
  await page.getByText('Saved on this device', { exact: true }).waitFor();
  console.log(`      in ${((Date.now() - from) / 1000).toFixed(0)} s`);
});

/** Answers a question of the checklist on the screen. */
async function answer(q) {
  const group = page.locator('fieldset').filter({ hasText: q.text.en }).first();
  if (q.kind === 'yes_no') await group.getByRole('button', { name: 'Yes' }).click();
  else if (q.kind === 'choice') await group.locator('.choices button').first().click();
  else if (q.kind === 'photo') {
    await group.locator('input[capture]').setInputFiles({ name: 'q.jpg', mimeType: 'image/jpeg', buffer: Buffer.concat([pictureOf, Buffer.from(`${began} ${q.id}`)]) });
    await group.locator('.shots img').waitFor();
  } else {
    await group.locator('input').first().fill(q.kind === 'number' ? '12,5' : 'as it should be');
    await group.locator('input').first().blur();
  }
  if (q.kind === 'yes_no' || q.kind === 'choice') await group.locator('[aria-pressed=true]').waitFor();
}
console.log(`      ${since()}`);

const told = new Set();
await phone.exposeFunction('tellRecorded', (hash) => void told.add(hash));
/** Does the visits from one on, by the app's own recorder, going on where a killed tab stopped. */
const work = (ids) =>
  inPage(
    async ({ core, ids, seed }) => {
      const { record, store } = await import(core);
      const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('');
      for (const id of ids) {
        const done = (await store.ofVisit(id)).map((item) => JSON.parse(item.payload));
        const tell = async (act, bytes) => window.tellRecorded((await record(id, act, bytes)).hash);
        if (!done.some((e) => e.kind === 'visit.started')) await tell({ kind: 'visit.started', body: {} });
        for (let n = 0; n < 3; n++) {
          if (done.some((e) => e.kind === 'photo.taken' && e.body.note === `${n}`)) continue;
          const data = new Uint8Array(20_000);
          crypto.getRandomValues(data);
          const sha256 = hex(await crypto.subtle.digest('SHA-256', data));
          const body = { sha256, bytes: data.length, type: 'image/jpeg', shot: '', width: 0, height: 0, source: 'camera', note: `${n}` };
          await tell({ kind: 'photo.taken', body }, { sha256, type: 'image/jpeg', inspection: id, data: new Blob([data]) });
        }
        if (!done.some((e) => e.kind === 'serial.scanned')) await tell({ kind: 'serial.scanned', body: { serial: `W${seed}`, rack: '', symbology: 'typed', match: 'unknown' } });
        if (!done.some((e) => e.kind === 'visit.finished')) await tell({ kind: 'visit.finished', body: { summary: '', language: 'ru' } });
      }
    },
    { ids, seed: began },
  );

await check(`the other visits are done while the tab is killed ${KILLS} times`, async () => {
  const rest = visits.slice(1);
  for (let kill = 0; kill < KILLS; kill++) {
    const running = work(rest).then(() => 'ended', () => 'killed');
    const before = told.size;
    const until = Date.now() + 3_000;
    while (told.size < before + 20 + kill && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    await page.close({ runBeforeUnload: false });
    await running;
    await openTab();
  }
  await work(rest);
  expect(told.size >= (VISITS - 1) * 5, `${told.size} were recorded`);
});
console.log(`      ${since()}`);

await check('a full device says what was not saved, and loses nothing', async () => {
  const session = await phone.newCDPSession(page);
  const alert = page.getByRole('alert').getByText('Not saved: there is no room');
  await screen(`#/visit/${visits[1]}/photos`);
  await session.send('Storage.overrideQuotaForOrigin', { origin: base, quotaSize: 1 });
  // The browser remembers for half a minute how much room there was; until then photos still find some.
  const until = Date.now() + 45_000;
  let before = await countsOf();
  let after = before;
  for (let n = 0; !(await alert.isVisible()) && Date.now() < until; n++) {
    before = await countsOf();
    await page.locator('input[capture]').last().setInputFiles({ name: `${n}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.alloc(50_000, `${began} ${n}`) });
    while (!(await alert.isVisible()) && (after = await countsOf()).saved === before.saved && Date.now() < until);
  }
  const shown = await alert.isVisible();
  after = await countsOf();
  await session.send('Storage.overrideQuotaForOrigin', { origin: base });
  expect(shown, 'nothing said that there is no room');
  expect(after.saved === before.saved && after.blobs === before.blobs, `${JSON.stringify(before)} became ${JSON.stringify(after)}`);
  await page.locator('input[capture]').last().setInputFiles({ name: 'big.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(600_000, 7) });
  await page.getByText('Photo saved, 600 kB').waitFor();
});

let faults = 0;
let requests = 0;
await check('with an expired session nothing is lost, and signing in goes on', async () => {
  await phone.clearCookies();
  const before = await countsOf();
  await phone.route('**/v1/{field,inspections}/**', async (route) => {
    requests++;
    if (Math.random() >= 0.05) return route.continue();
    faults++;
    // Half of what is lost is lost on its way back: the server has it.
    if (Math.random() < 0.5) await route.fetch().catch(() => {});
    return route.abort();
  });
  await phone.setOffline(false);
  await screen('#/sending');
  await page.getByText('The session has ended').waitFor();
  expect((await countsOf()).saved === before.saved, 'something left the queue without a session');
  await page.getByLabel(/password$/).fill(inspector.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('The session has ended').waitFor({ state: 'detached' });
});
await check('over a link that drops one request in twenty everything arrives', async () => {
  const until = Date.now() + 60_000;
  let counts = await countsOf();
  while (counts.saved > 0 && Date.now() < until) {
    await page.getByRole('button', { name: 'Send now' }).click();
    await page.waitForTimeout(250);
    counts = await countsOf();
  }
  console.log(`      ${requests} requests, ${faults} of them dropped`);
  expect(counts.saved === 0 && counts.refused === 0 && counts.blobs === 0, JSON.stringify(counts));
  expect(faults > 0, 'the link dropped nothing');
});
console.log(`      ${since()}`);

await check('the server has each event exactly once, with the hash of the device, and each photo', async () => {
  await phone.unroute('**/v1/{field,inspections}/**');
  const all = new Map();
  const blobs = new Set();
  const read = async (id) => {
    const answer = await office.request.get(`/v1/inspections/${id}/events`);
    expect(answer.ok(), `${answer.status()} ${(await answer.text()).slice(0, 200)}`);
    const { items } = await answer.json();
    for (const item of items) {
      expect(!all.has(item.id ?? item.event), `${item.id} is there twice`);
      const hash = createHash('sha256').update(item.payload).digest('hex');
      expect(hash === item.hash, `${item.id} has another hash`);
      all.set(item.id, hash);
      const { body } = JSON.parse(item.payload);
      for (const named of [body.sha256, body.image_sha256]) if (named) blobs.add(named);
    }
  };
  for (let n = 0; n < visits.length; n += 10) await Promise.all(visits.slice(n, n + 10).map(read));
  const hashes = new Set(all.values());
  for (const hash of told) expect(hashes.has(hash), 'a recorded event is not with the server');
  const own = await inPage(async ({ core, visits }) => {
    const { store } = await import(core);
    const places = [];
    for (const id of visits) places.push(...(await store.placesOf(id)));
    return places.map((one) => one.id);
  }, { visits });
  expect(own.length === all.size && own.every((id) => all.has(id)), `${own.length} on the device, ${all.size} with the server`);
  expect(blobs.size >= visits.length * 3, `${blobs.size} photos`);
  for (const sha256 of blobs) expect((await phone.request.head(`/v1/field/blobs/${sha256}`)).ok(), `${sha256} is not with the server`);
  console.log(`      ${all.size} events, ${blobs.size} files`);
});
await check('an original comes back byte for byte', async () => {
  const { items } = await (await office.request.get(`/v1/inspections/${first()}/events`)).json();
  const { body } = items.map((item) => JSON.parse(item.payload)).find((event) => event.kind === 'photo.taken');
  const bytes = await (await office.request.get(`/v1/evidence/${body.sha256}`)).body();
  expect(createHash('sha256').update(bytes).digest('hex') === body.sha256 && bytes.length === body.bytes, 'other bytes');
});
await check('signing out leaves nothing readable', async () => {
  await screen('#/sending');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in for the day' }).waitFor();
  const left = await inPage(async ({ core, id }) => {
    const { packs, store } = await import(core);
    return { pack: await packs.pack(id), items: (await store.ofVisit(id)).length };
  }, { id: first() });
  expect(left.pack === null && left.items === 0, JSON.stringify(left));
});
await check('nothing was thrown on the way', async () => expect(thrown.length === 0, thrown.join('\n')));

await browser.close();
console.log(`${since()}`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
