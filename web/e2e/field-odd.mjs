// The odd days of an inspector, in a real browser: two tabs and two devices on one visit, a wrong clock, a visit that was
// given away, a device that is locked and unlocked, one that was out of reach for too long, and a browser that
// wipes. Needs a running server with demonstration data.
import { readFileSync } from 'node:fs';
import { phoneIn } from './fieldkit.mjs';
import { axe, browser, check, expect, part, tally, userOf } from './kit.mjs';

const base = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';
const began = Date.now();
const HOUR = 3_600_000;
const inspector = userOf('inspector');
const thrown = [];
const today = new Date(Date.now() + 5 * HOUR).toISOString().slice(0, 10);

const office = await browser.newContext({ baseURL: base });
const signedIn = async (context, role) => (await (await context.request.post('/v1/session', { data: { login: userOf(role).login, password: userOf(role).password } })).json()).user;
const head = await signedIn(office, 'head');
const other = await browser.newContext({ baseURL: base });
const lead = await signedIn(other, 'inspector');
await other.close();
let made = 0;
/** An inspection of the inspector's, today. */
async function plan(more = {}) {
  const data = { kind: 'unscheduled', title: `Odd ${++made}`, address: 'Pavlodar, Kutuzov 2', planned_on: today, lead: lead.id, ...more };
  const answer = await office.request.post('/v1/inspections', { data, headers: { 'Idempotency-Key': `odd-${began}-${made}` } });
  expect(answer.ok(), `${answer.status()} ${await answer.text()}`);
  return (await answer.json()).id;
}
const eventsOf = async (id) => (await (await office.request.get(`/v1/inspections/${id}/events`)).json()).items;
const sent = async (phone, page) => {
  await page.getByRole('link', { name: /records/i }).or(page.locator('a.counts')).first().waitFor();
  const until = Date.now() + 20_000;
  for (;;) {
    await phone.inCore(page, (core) => core.sendNow());
    const counts = await phone.inCore(page, (core) => core.store.counts());
    if (counts.saved === 0 || Date.now() > until) return counts;
    await page.waitForTimeout(100);
  }
};
/** A phone that is signed in and has its packs. */
async function ready(options) {
  const phone = await phoneIn(browser, base, options);
  const page = await phone.tab();
  await phone.signIn(page, inspector);
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  await phone.prepare(page);
  return { phone, page };
}
const ahead = (page, ms) => page.evaluate((n) => localStorage.setItem('test.ahead', String(n)), ms);
const note = (phone, page, visit, text) => phone.inCore(page, (core, { visit, text }) => core.record(visit, { kind: 'note.added', body: { text } }).then((item) => item.hash), { visit, text });

await part('two tabs and two devices', async () => {
  const visit = await plan();
  const { phone, page } = await ready();
  const second = await ready();
  await check('two tabs on one visit make one chain, and each shows what the other recorded', async () => {
    await phone.context.setOffline(true);
    await phone.screen(page, `#/visit/${visit}/seals`);
    const tab = await phone.tab(`/field/#/visit/${visit}/seals`);
    const seal = async (where, number) => {
      await where.getByLabel('Seal number').fill(number);
      await where.getByLabel('Where').fill('door');
      await where.getByRole('button', { name: 'Save', exact: true }).click();
    };
    for (let n = 0; n < 3; n++) await Promise.all([seal(page, `A${n}`), seal(tab, `B${n}`)].map((one, i) => one.then(() => (i ? tab : page).locator('.item').filter({ hasText: `${i ? 'B' : 'A'}${n}` }).waitFor())));
    for (const where of [page, tab]) expect((await where.locator('.item').count()) === 6, `${await where.locator('.item').count()} of 6 seals are shown`);
    await tab.close();
  });
  await check('two devices that answer differently are both kept, the reviewer sees both, and the later word stands though a clock says otherwise', async () => {
    await second.phone.context.setOffline(true);
    await ahead(page, 3 * HOUR); // the first to answer has a clock that is fast
    for (const [{ phone: one, page: where }, answer] of [[{ phone, page }, 'Yes'], [second, 'No']]) {
      await one.screen(where, `#/visit/${visit}/checklist/0`);
      await where.locator('fieldset').first().getByRole('button', { name: answer, exact: true }).click();
      await where.locator('fieldset').first().locator('[aria-pressed=true]').waitFor();
    }
    for (const one of [{ phone, page }, second]) {
      await one.phone.context.setOffline(false);
      const counts = await sent(one.phone, one.page);
      expect(counts.saved === 0 && counts.refused === 0, JSON.stringify(counts));
    }
    const events = await eventsOf(visit);
    expect(new Set(events.map((one) => one.id)).size === events.length && events.length === 8, `${events.length} events, want 8`);
    expect(events.every((one) => !one.flags.some((flag) => ['chain', 'gap', 'conflict'].includes(flag))), JSON.stringify(events.map((one) => one.flags)));
    const { conflicts } = await (await office.request.get(`/v1/inspections/${visit}/review`)).json();
    const values = conflicts.flatMap((one) => one.versions.map((version) => version.body.value)).sort();
    expect(conflicts.length === 1 && values.join() === 'no,yes', JSON.stringify(conflicts).slice(0, 300));
    const stands = conflicts[0].versions.find((version) => version.hash === conflicts[0].counts);
    expect(stands?.body.value === 'no', `the answer that stands is ${stands?.body.value}, the last one given was no`);
    const desk = await office.newPage();
    await desk.addInitScript(() => localStorage.setItem('rigistry.language', 'en'));
    await desk.goto(`/app/inspections/${visit}`);
    await desk.getByRole('heading', { name: 'Versions that contradict each other' }).waitFor();
    await desk.getByText('Stands in the protocol', { exact: true }).waitFor();
    await desk.close();
  });
  thrown.push(...phone.thrown, ...second.phone.thrown);
  await phone.context.close();
  await second.phone.context.close();
});

await part('clock', async () => {
  const visit = await plan();
  const { phone, page } = await ready();
  await check('a clock that is three hours slow is stated to the inspector and with each record, and the server trusts its own', async () => {
    await phone.context.setOffline(true);
    await ahead(page, -3 * HOUR);
    await page.reload();
    await page.locator('h1').waitFor();
    await note(phone, page, visit, 'by a slow clock');
    await phone.context.setOffline(false);
    await sent(phone, page);
    await page.reload();
    await page.getByText(/clock is wrong by (179|180|181) minutes/).waitFor();
    const [event] = await eventsOf(visit);
    expect(event.flags.includes('clock'), JSON.stringify(event.flags));
    expect(Math.abs(Date.parse(event.received_at) - Date.now()) < 60_000, event.received_at);
  });
  thrown.push(...phone.thrown);
  await phone.context.close();
});

await part('given away', async () => {
  const visit = await plan();
  const { phone, page } = await ready();
  await check('a visit that was given away while the phone was offline: nothing is lost, and both sides are told', async () => {
    await phone.context.setOffline(true);
    const hash = await note(phone, page, visit, 'before I knew');
    const { version } = await (await office.request.get(`/v1/inspections/${visit}`)).json();
    const answer = await office.request.put(`/v1/inspections/${visit}/team`, { data: { lead: head.id, planned_on: today }, headers: { 'Idempotency-Key': `away-${began}`, 'If-Match': `"${version}"` } });
    expect(answer.ok(), `${answer.status()} ${await answer.text()}`);
    await phone.context.setOffline(false);
    const counts = await sent(phone, page);
    expect(counts.saved === 0 && counts.refused === 0, JSON.stringify(counts));
    const [event] = await eventsOf(visit);
    expect(event.hash === hash && event.flags.includes('reassigned'), JSON.stringify(event));
    await page.reload();
    await page.getByText('Given to somebody else').first().waitFor();
  });
  thrown.push(...phone.thrown);
  await phone.context.close();
});

const readable = (phone, page, visit) => phone.inCore(page, async (core, id) => ({ pack: (await core.packs.pack(id)) !== null, counts: await core.store.counts() }), visit);

await part('lock', async () => {
  const visit = await plan();
  const { phone, page } = await ready();
  const device = await phone.inCore(page, async (core) => (await core.readMeta('device')).id);
  const office_ = (what) => office.request.post(`/v1/field/devices/${device}/${what}`, { headers: { 'Idempotency-Key': `${what}-${began}` } });
  let hash = '';
  await check('a device that is locked from afar cannot be read at its next contact, and keeps what it has not sent', async () => {
    await phone.context.setOffline(true);
    hash = await note(phone, page, visit, 'unsent before the lock');
    const answer = await office_('lock');
    expect(answer.ok(), `${answer.status()}`);
    await phone.context.setOffline(false);
    await phone.inCore(page, (core) => core.sendNow());
    await page.getByText('This device is locked', { exact: true }).waitFor();
    const left = await readable(phone, page, visit);
    expect(!left.pack && left.counts.saved === 1, JSON.stringify(left));
    await phone.signIn(page, inspector);
    await page.getByText('This device is locked. Speak to your head of unit.').waitFor();
    expect((await eventsOf(visit)).length === 0, 'a locked device sent');
  });
  await check('after the head unlocks it and the inspector signs in, what was unsent arrives as it was signed', async () => {
    const answer = await office_('unlock');
    expect(answer.ok(), `${answer.status()} ${await answer.text()}`);
    await phone.signIn(page, inspector);
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    const counts = await sent(phone, page);
    expect(counts.saved === 0 && counts.refused === 0, JSON.stringify(counts));
    const events = await eventsOf(visit);
    expect(events.length === 1 && events[0].hash === hash, JSON.stringify(events));
  });
  thrown.push(...phone.thrown);
  await phone.context.close();
});

await part('a file', async () => {
  const visit = await plan();
  const { phone, page } = await ready();
  await check('what a device cannot send is saved to a file, and the office takes it in with its signatures and bytes', async () => {
    await phone.context.setOffline(true);
    const hash = await note(phone, page, visit, 'by hand');
    const photo = await phone.inCore(page, async (core, visit) => {
      const data = crypto.getRandomValues(new Uint8Array(5000));
      const sha256 = Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', data)), (b) => b.toString(16).padStart(2, '0')).join('');
      await core.record(visit, { kind: 'photo.taken', body: { sha256, bytes: 5000, type: 'image/jpeg', shot: '', width: 0, height: 0, source: 'camera', note: '' } }, { sha256, type: 'image/jpeg', inspection: visit, data: new Blob([data]) });
      return sha256;
    }, visit);
    await phone.screen(page, '#/sending');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /file/i }).first().click()]);
    const file = await download.path();
    const desk = await office.newPage();
    desk.setDefaultTimeout(20_000);
    await desk.addInitScript(() => localStorage.setItem('rigistry.language', 'en'));
    await desk.goto('/app/devices');
    await desk.getByRole('heading', { level: 1, name: 'Field devices' }).waitFor();
    for (let again = 0; again < 2; again++) {
      await desk.getByLabel('Choose the file').setInputFiles({ name: 'a.rigistry-visit', mimeType: 'application/x-tar', buffer: readFileSync(file) });
      await desk.getByText('Taken in: 2 records, 1 files, 0 visits handed in').waitFor();
    }
    await axe(desk, 'field devices');
    await desk.close();
    const events = await eventsOf(visit);
    expect(events.length === 2 && events.some((one) => one.hash === hash), JSON.stringify(events).slice(0, 300));
    expect((await office.request.head(`/v1/field/blobs/${photo}`)).ok(), 'the photo is not with the server');
    // The device sends the same when it can: it gets its receipts, and nothing is there twice.
    await phone.context.setOffline(false);
    const counts = await sent(phone, page);
    expect(counts.saved === 0 && counts.refused === 0 && (await eventsOf(visit)).length === 2, JSON.stringify(counts));
  });
  thrown.push(...phone.thrown);
  await phone.context.close();
});

await part('out of reach', async () => {
  const visit = await plan();
  const { phone, page } = await ready();
  await check('packs become unreadable when there was no contact for three days, whatever the clock is set to afterwards', async () => {
    await phone.context.setOffline(true);
    await note(phone, page, visit, 'on a long road');
    await ahead(page, 71 * HOUR);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    expect((await readable(phone, page, visit)).pack, 'it was gone before its term');
    await ahead(page, 73 * HOUR);
    await page.reload();
    await page.getByText('Too long without a contact').waitFor();
    await ahead(page, 0);
    await page.reload();
    await page.getByText('Too long without a contact').waitFor();
    const left = await readable(phone, page, visit);
    expect(!left.pack && left.counts.saved === 1, JSON.stringify(left));
    await phone.context.setOffline(false);
    await phone.signIn(page, inspector);
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    const counts = await sent(phone, page);
    expect(counts.saved === 0 && (await eventsOf(visit)).length === 1, JSON.stringify(counts));
  });
  thrown.push(...phone.thrown);
  await phone.context.close();
});

await part('wiping', async () => {
  const visit = await plan();
  await check('a phone whose browser wipes says so before and while there is unsent work', async () => {
    const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
    const phone = await phoneIn(browser, base, { userAgent });
    await phone.context.addInitScript(() => {
      navigator.storage.persist = navigator.storage.persisted = async () => false;
    });
    const page = await phone.tab();
    await page.getByText('Add this to the Home Screen first').first().waitFor();
    await phone.signIn(page, inspector);
    await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    await phone.context.setOffline(true);
    await note(phone, page, visit, 'not sent yet');
    await page.getByText('This browser may wipe what is stored').waitFor();
    await phone.context.setOffline(false);
    await sent(phone, page);
    thrown.push(...phone.thrown);
    await phone.context.close();
  });
});
await check('nothing was thrown on the way', async () => expect(thrown.length === 0, thrown.join('\n')));
await browser.close();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
