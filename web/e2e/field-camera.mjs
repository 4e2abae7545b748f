// What the field app reads through a camera, in a real browser with a video in place of one: labels of rigs, sharp and not,
// held against the pack with no signal; and permits of the gate, genuine, forged, out of time and against an old list.
// Needs a running server with demonstration data.
import { phoneIn } from './fieldkit.mjs';
import { browser, close, film, picture, studio, wall } from './fieldlabels.mjs';
import { check, expect, part, tally, userOf } from './kit.mjs';

const base = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';
const began = Date.now();
const HOUR = 3_600_000;
const office = await browser.newContext({ baseURL: base });
const utility = await browser.newContext({ baseURL: base });
const signedIn = async (context, role) => (await (await context.request.post('/v1/session', { data: { login: userOf(role).login, password: userOf(role).password } })).json()).user;
await signedIn(office, 'head');
await signedIn(utility, 'utility');
const drafter = await browser.newContext({ baseURL: base });
await signedIn(drafter, 'officer');
const LICENSED = 'PS12-F05-CP005'; // of a license in force, not energised yet
const BAKERY = { point: 'PS12-F01-CP003', bin: '100340002017' };
const phone = await phoneIn(browser, base, { permissions: ['camera', 'geolocation'] });
const page = await phone.tab();
await phone.signIn(page, userOf('inspector'));
await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
const today = (await (await page.context().request.get('/v1/field/today')).json()).items;
const lead = (await (await page.context().request.get('/v1/session')).json()).user.id;

await part('labels', async () => {
  // The demonstration's inspector has a visit to a site with rigs that are declared.
  const packs = await Promise.all(today.filter((one) => !one.reassigned && one.pack_bytes > 10_000).map(async ({ id }) => (await page.context().request.get(`/v1/inspections/${id}/pack`)).json()));
  const pack = packs.find((one) => one.declared.length > 3 && one.known_elsewhere.length > 0);
  expect(pack, 'no visit of the demonstration has rigs that are declared');
  const { id } = pack.inspection;
  // What an earlier run has scanned is a duplicate by now.
  const seen = new Set((await (await office.request.get(`/v1/inspections/${id}/events`)).json()).items.map((one) => JSON.parse(one.payload).body.serial));
  const free = pack.declared.map((rig) => rig.serial).filter((serial) => !seen.has(serial));
  const [first, second, third] = free;
  const elsewhere = pack.known_elsewhere.find((rig) => !seen.has(rig.serial)).serial;
  const unknown = `UNKNOWN-${began % 1_000_000}`;
  await phone.prepare(page);
  await phone.context.setOffline(true);
  const says = (match, serial) => page.locator('.note h2', { hasText: `${match} · ${serial.toUpperCase()}` }).waitFor({ timeout: 20_000 });

  await check('a live camera reads Code 128 and QR with no signal and holds each against the pack', async () => {
    film([await picture(first, 'Code128'), await picture(unknown, 'QRCode'), await picture(elsewhere, 'Code128', { turn: 12 })]);
    await phone.screen(page, `#/visit/${id}/scan`);
    const from = Date.now();
    // Each is shown for a second, so all three are listed whichever came last.
    for (const [match, serial] of [['Declared', first], ['Unknown', unknown], ['Elsewhere', elsewhere]])
      await page.locator('.item').filter({ hasText: serial.toUpperCase() }).filter({ hasText: match }).first().waitFor({ timeout: 20_000 });
    console.log(`      three labels in ${((Date.now() - from) / 1000).toFixed(1)} s`);
    await page.getByRole('button', { name: 'Stop' }).click();
    wall();
  });
  await check('the camera that sees labels again and again records each once', async () => {
    for (const serial of [first, unknown, elsewhere]) {
      const n = await page.locator('.item').filter({ hasText: serial.toUpperCase() }).count();
      expect(n === 1, `${serial} is listed ${n} times`);
    }
  });
  const stills = { sharp: {}, blurred: { blur: 1.6 }, askew: { turn: { Code128: 12, QRCode: 35 } }, 'on its side': { turn: 90 }, 'upside down': { turn: 180 }, 'in bad light': { light: 0.28, noise: 16 } };
  await check(`labels in photographs are read: ${Object.keys(stills).join(', ')}`, async () => {
    const missed = [];
    let n = 0;
    for (const [name, how] of Object.entries(stills)) {
      for (const format of ['Code128', 'QRCode']) {
        const serial = `S19-${String(began % 1_000_000).padStart(6, '0')}-${String(++n).padStart(5, '0')}`; // as long as those of the makers
        const { png } = await picture(serial, format, { ...how, turn: how.turn?.[format] ?? how.turn });
        await page.getByLabel('Read from a picture').setInputFiles({ name: 'label.png', mimeType: 'image/png', buffer: png });
        await page.locator('.item').filter({ hasText: serial.toUpperCase() }).first().waitFor({ timeout: 8_000 }).catch(() => missed.push(`${format} ${name}`));
      }
    }
    expect(missed.length === 0, `not read: ${missed.join(', ')}`);
  });
  // A code of lines is read along the rows of the picture, so a picture without one is turned and looked at again.
  await check('Code 128 is read however askew a hand holds it, up to 20 degrees either way', async () => {
    const missed = [];
    for (let turn = -20; turn <= 20; turn += 2.5) {
      const serial = `ASKEW-${String(began % 100_000).padStart(5, '0')}-${turn + 20}`;
      const { png } = await picture(serial, 'Code128', { turn });
      await page.getByLabel('Read from a picture').setInputFiles({ name: 'label.png', mimeType: 'image/png', buffer: png });
      await page.locator('.item').filter({ has: page.locator('.mono', { hasText: new RegExp(`^${serial.replace('.', '\\.')}$`) }) }).waitFor({ timeout: 8_000 }).catch(() => missed.push(`${turn}°`));
    }
    expect(missed.length === 0, `not read: ${missed.join(', ')}`);
  });
  await check('a picture without a label says so', async () => {
    await page.getByLabel('Read from a picture').setInputFiles({ name: 'wall.png', mimeType: 'image/png', buffer: await studio.screenshot() });
    await page.getByRole('status').filter({ hasText: /No code|no code|nothing/i }).first().waitFor();
  });
  await check('serials that are typed are held against the pack too, and one that was seen is a duplicate', async () => {
    for (const [serial, match] of [[second.toLowerCase(), 'Declared'], [` ${first} `, 'Duplicate']]) {
      await page.getByLabel('Serial number', { exact: true }).fill(serial);
      await page.getByRole('button', { name: 'Add the serial' }).click();
      await says(match, serial.trim());
    }
    expect(third, 'too few rigs');
    const found = await phone.inCore(page, async (core, id) => (await core.store.ofVisit(id)).map((item) => JSON.parse(item.payload)).filter((e) => e.kind === 'serial.scanned').map((e) => `${e.body.symbology} ${e.body.match}`), id);
    for (const want of ['code128 declared', 'qr unknown', 'code128 elsewhere', 'typed declared', 'typed duplicate']) expect(found.includes(want), `${want} is not among ${found.join(', ')}`);
  });
  await phone.context.setOffline(false);
});

/** A visit of the inspector's to a connection. */
async function plan(point, name) {
  const data = { kind: 'unscheduled', title: name, address: 'Pavlodar', connection_point: point, planned_on: new Date(began + 5 * HOUR).toISOString().slice(0, 10), lead };
  const planned = await office.request.post('/v1/inspections', { data, headers: { 'Idempotency-Key': `${name}-${began}` } });
  expect(planned.ok(), await planned.text());
  return (await planned.json()).id;
}
/** Takes the packs that are new, with the list of states as it is now, and goes off the network. */
async function prepared() {
  await phone.context.setOffline(false);
  await page.goto('/field/#/');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  await phone.prepare(page);
  await phone.context.setOffline(true);
}
/** Shows a permit to the camera, which begins by itself where it was let see, and sees nothing the next time. */
const shown = async (id, permit, word) => {
  film([await picture(permit, 'QRCode')]);
  await phone.screen(page, `#/visit/${id}/permit`);
  await page.locator('.verdict', { hasText: word }).waitFor({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  wall();
};

await part('a license', async () => {
  const { bin_or_iin: applicant } = await (await office.request.get(`/v1/connection-points/${LICENSED}`)).json();
  const asked = await utility.request.post('/v1/gate/checks', { data: { reference: `LIC-${began}`, connection_point: LICENSED, applicant, requested_kw: 760, purpose: 'mining', event: 'new_connection' }, headers: { 'Idempotency-Key': `lic-${began}` } });
  const { permit, license } = await asked.json();
  expect(permit && license, `the gate gave no permit under a license: ${asked.status()}`);
  const id = await plan(LICENSED, 'Licensed');
  await check('a permit under a license in force is valid, read by the camera with no signal', async () => {
    await prepared();
    await shown(id, permit, 'Valid');
    await page.getByText(license).first().waitFor();
  });
  await check('when the license is revoked, the signed list says so of the same permit with no signal', async () => {
    const draft = await drafter.request.post(`/v1/licenses/${license}/revocation`, { data: { ground: 'REPEATED_BREACH' }, headers: { 'If-Match': '*', 'Idempotency-Key': `rev-${began}` } });
    expect(draft.ok(), `${draft.status()} ${await draft.text()}`);
    const signed = await office.request.post(`/v1/acts/${(await draft.json()).id}/signature`, { data: {}, headers: { 'If-Match': draft.headers().etag ?? '*', 'Idempotency-Key': `sign-${began}` } });
    expect(signed.ok(), `${signed.status()} ${await signed.text()}`);
    await plan(LICENSED, 'Licensed no more');
    await prepared();
    await shown(id, permit, 'Revoked');
  });
});

await part('permits', async () => {
  await phone.context.setOffline(false);
  const asked = await utility.request.post('/v1/gate/checks', { data: { reference: `CAM-${began}`, connection_point: BAKERY.point, applicant: BAKERY.bin, requested_kw: 2, purpose: 'other', event: 'uprate' }, headers: { 'Idempotency-Key': `cam-${began}` } });
  const { permit, valid_until } = await asked.json();
  expect(permit, `the gate gave no permit: ${asked.status()}`);
  const id = await plan(BAKERY.point, 'Bakery');
  await prepared();
  const listUntil = await phone.inCore(page, async (core) => Date.parse(JSON.parse(atob((await core.packs.list()).status_list.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).expires_at));
  const verdict = (word) => page.locator('.verdict', { hasText: word }).waitFor({ timeout: 20_000 });
  const typed = async (text, word) => {
    await page.getByLabel('Text of the permit').fill(text);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await verdict(word);
  };
  /** Opens the check again on a phone whose clock stands at an instant. */
  const at = async (instant) => {
    await page.evaluate((ms) => localStorage.setItem('test.ahead', String(ms)), instant - Date.now());
    await page.reload();
    await page.locator('h1').waitFor();
  };
  await check('a permit of the gate is read from its QR code by the camera, with no signal, and is genuine', async () => {
    await shown(id, permit, 'Given without a license');
    await page.getByText(BAKERY.point).first().waitFor();
  });
  await check('one letter of it changed, and it is not genuine', async () => {
    const [header, body, signature] = permit.split('.');
    const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"max_kw":2,', '"max_kw":9,')).toString('base64url');
    expect(other !== body, 'the permit names no power');
    await typed([header, other, signature].join('.'), 'Not genuine');
    await typed([header, body, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.'), 'Not genuine');
  });
  await check('a list of states that is too old is said, and the permit is not called good', async () => {
    expect(Date.parse(valid_until) < listUntil, 'the permit was given before the list');
    // A permit that outlives the list: the gate gives it after the pack was made.
    const later = await (await utility.request.post('/v1/gate/checks', { data: { reference: `CAM2-${began}`, connection_point: BAKERY.point, applicant: BAKERY.bin, requested_kw: 2, purpose: 'other', event: 'uprate' }, headers: { 'Idempotency-Key': `cam2-${began}` } })).json();
    await at((listUntil + Date.parse(later.valid_until)) / 2 - 200);
    await typed(later.permit, 'Genuine, state unknown');
    await page.getByText('The list of states is out of date').waitFor();
  });
  await check('after its time the same permit is out of time', async () => {
    await at(Date.parse(valid_until) + 10 * 60_000);
    await typed(permit, 'Out of time');
  });
  await page.evaluate(() => localStorage.removeItem('test.ahead'));
});
await check('nothing was thrown on the way', async () => expect(phone.thrown.length === 0, phone.thrown.join('\n')));

await close();
console.log(`${((Date.now() - began) / 1000).toFixed(0)} s`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
