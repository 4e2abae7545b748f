// What the field app reads through a camera, in a real browser with a video in place of one: labels of rigs, sharp and not,
// held against the pack with no signal; and permits of the gate, genuine, forged, out of time and against an old list.
// Needs a running server with demonstration data.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';
import { phoneIn } from './fieldkit.mjs';
import { check, executablePath, expect, part, tally, userOf } from './kit.mjs';

const base = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';
const began = Date.now();
const HOUR = 3_600_000;
const [WIDTH, HEIGHT] = [960, 720];
const video = join(tmpdir(), `rigistry-labels-${process.pid}.y4m`);
writeFileSync(video, frames([Buffer.alloc(WIDTH * HEIGHT, 200)]));
prepareZXingModule({ overrides: { wasmBinary: readFileSync(join(dirname(createRequire(import.meta.url).resolve('zxing-wasm/writer')), '../../writer/zxing_writer.wasm')) } });

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${video}`],
});

/** An uncompressed video of grey pictures, ten a second, each shown for a second. */
function frames(pictures) {
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const out = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)];
  for (const luma of pictures) for (let n = 0; n < 10; n++) out.push(Buffer.from('FRAME\n'), luma, chroma);
  return Buffer.concat(out);
}

const studio = await browser.newPage();
/** A photograph of a label, as PNG and as grey values: how it lies, how sharp it is, and in what light. */
async function picture(text, format, { turn = 0, blur = 0, light = 1, noise = 0 } = {}) {
  const { svg, error } = await writeBarcode(text, { format, scale: format === 'QRCode' ? 5 : 3, ...(format === 'QRCode' && { ecLevel: 'L' }) });
  expect(svg, error);
  const { png, luma } = await studio.evaluate(
    async ({ svg, turn, blur, light, noise, width, height }) => {
      const image = new Image();
      image.src = `data:image/svg+xml;base64,${btoa(svg)}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#c9ccd0';
      pen.fillRect(0, 0, width, height);
      pen.translate(width / 2, height / 2);
      pen.rotate((turn * Math.PI) / 180);
      const scale = Math.min(620 / image.width, 620 / image.height, 4);
      const [w, h] = [image.width * scale, Math.max(image.height * scale, 90)];
      pen.filter = `blur(${blur}px)`;
      pen.fillStyle = '#fff';
      pen.fillRect(-w / 2 - 40, -h / 2 - 40, w + 80, h + 80);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(image, -w / 2, -h / 2, w, h);
      const pixels = pen.getImageData(0, 0, width, height);
      let seed = 1;
      const grey = new Uint8Array(width * height);
      for (let i = 0; i < grey.length; i++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        const value = pixels.data[4 * i] * light + ((seed >>> 8) / 2 ** 24 - 0.5) * noise;
        grey[i] = pixels.data[4 * i] = pixels.data[4 * i + 1] = pixels.data[4 * i + 2] = Math.max(0, Math.min(255, value));
      }
      pen.putImageData(pixels, 0, 0);
      const text = (bytes) => {
        let out = '';
        for (let i = 0; i < bytes.length; i += 8192) out += String.fromCharCode(...bytes.subarray(i, i + 8192));
        return btoa(out);
      };
      return { png: canvas.toDataURL('image/png').split(',')[1], luma: text(grey) };
    },
    { svg, turn, blur, light, noise, width: WIDTH, height: HEIGHT },
  );
  return { png: Buffer.from(png, 'base64'), luma: Buffer.from(luma, 'base64') };
}
/** What the camera sees from its next start on. */
const film = async (...pictures) => writeFileSync(video, frames(pictures.map(({ luma }) => luma)));

const office = await browser.newContext({ baseURL: base });
const utility = await browser.newContext({ baseURL: base });
const signedIn = async (context, role) => (await (await context.request.post('/v1/session', { data: { login: userOf(role).login, password: userOf(role).password } })).json()).user;
await signedIn(office, 'head');
await signedIn(utility, 'utility');
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
  await phone.screen(page, `#/visit/${id}/scan`);
  const says = (match, serial) => page.locator('.note h2', { hasText: `${match} · ${serial.toUpperCase()}` }).waitFor({ timeout: 20_000 });

  await check('a live camera reads Code 128 and QR with no signal and holds each against the pack', async () => {
    await film(await picture(first, 'Code128'), await picture(unknown, 'QRCode'), await picture(elsewhere, 'Code128', { turn: 12 }));
    await page.getByRole('button', { name: 'Start the camera' }).click();
    const from = Date.now();
    // Each is shown for a second, so all three are listed whichever came last.
    for (const [match, serial] of [['Declared', first], ['Unknown', unknown], ['Elsewhere', elsewhere]])
      await page.locator('.item').filter({ hasText: serial.toUpperCase() }).filter({ hasText: match }).first().waitFor({ timeout: 20_000 });
    console.log(`      three labels in ${((Date.now() - from) / 1000).toFixed(1)} s`);
    await page.getByRole('button', { name: 'Stop' }).click();
  });
  await check('the camera that sees labels again and again records each once', async () => {
    for (const serial of [first, unknown, elsewhere]) {
      const n = await page.locator('.item').filter({ hasText: serial.toUpperCase() }).count();
      expect(n === 1, `${serial} is listed ${n} times`);
    }
  });
  // A code of lines is read along a line: it may lie askew by some degrees, a QR code in any way.
  const stills = { sharp: {}, blurred: { blur: 1.6 }, askew: { turn: { Code128: 5, QRCode: 35 } }, 'on its side': { turn: 90 }, 'upside down': { turn: 180 }, 'in bad light': { light: 0.28, noise: 16 } };
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

await part('permits', async () => {
  const asked = await utility.request.post('/v1/gate/checks', { data: { reference: `CAM-${began}`, connection_point: BAKERY.point, applicant: BAKERY.bin, requested_kw: 2, purpose: 'other', event: 'uprate' }, headers: { 'Idempotency-Key': `cam-${began}` } });
  const { permit, valid_until } = await asked.json();
  expect(permit, `the gate gave no permit: ${asked.status()}`);
  const data = { kind: 'unscheduled', title: 'Bakery', address: 'Pavlodar', connection_point: BAKERY.point, planned_on: new Date(began + 5 * HOUR).toISOString().slice(0, 10), lead };
  const planned = await office.request.post('/v1/inspections', { data, headers: { 'Idempotency-Key': `bakery-${began}` } });
  expect(planned.ok(), await planned.text());
  const { id } = await planned.json();
  await page.goto('/field/#/');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  await phone.prepare(page);
  await phone.context.setOffline(true);
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
  await phone.screen(page, `#/visit/${id}/permit`);
  await check('a permit of the gate is read from its QR code by the camera, with no signal, and is genuine', async () => {
    await film(await picture(permit, 'QRCode'));
    await page.getByRole('button', { name: 'Start the camera' }).click();
    await verdict('Given without a license');
    await page.getByText(BAKERY.point).first().waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
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

await browser.close();
rmSync(video, { force: true });
console.log(`${((Date.now() - began) / 1000).toFixed(0)} s`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
