// Every screen of the field app at 360 x 800, in three languages, light and dark: no violation of axe, nothing wider than the
// phone, nothing to touch that is smaller than a thumb, no text that is missing. The states are set up once. With
// RIGISTRY_E2E_SHOTS=folder it also writes a picture of each. Needs a running server with demonstration data.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { phoneIn } from './fieldkit.mjs';
import { browser, check, expect, tally, userOf } from './kit.mjs';

const base = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';
const shots = process.env.RIGISTRY_E2E_SHOTS;
const only = process.env.RIGISTRY_E2E_SCREEN;
const axe = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'))('axe-core').source;
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const began = Date.now();
const day = new Date(began + 5 * 3_600_000).toISOString().slice(0, 10);

const office = await browser.newContext({ baseURL: base });
const signedIn = async (context, role) => (await (await context.request.post('/v1/session', { data: { login: userOf(role).login, password: userOf(role).password } })).json()).user;
await signedIn(office, 'head');
const phone = await phoneIn(browser, base, { isMobile: true, permissions: ['geolocation'], geolocation: { latitude: 52.287, longitude: 76.967, accuracy: 8 } });
const page = await phone.tab();
const lead = await signedIn(phone.context, 'inspector');
let made = 0;
async function plan(more) {
  const answer = await office.request.post('/v1/inspections', { data: { kind: 'unscheduled', title: 'Солтүстік өнеркәсіп аймағындағы тексеру', address: 'Павлодар, Ломов көшесі, 162/3', planned_on: day, lead: lead.id, ...more }, headers: { 'Idempotency-Key': `screens-${began}-${++made}` } });
  expect(answer.ok(), await answer.text());
  return (await answer.json()).id;
}
const lawful = { act_number: 'А-132', act_date: day, registration_number: 'КПСиСУ-2611-0132', registration_date: day, notice_exception: 'Хабарлама жабдықты жасыруға уақыт береді', inspector_card: 'ИН-0042', entry_power: 'ҚР КК, 152-бап' };
const [full, bare, over] = await Promise.all([plan({ connection_point: 'PS12-F03-CP002', legal: lawful }), plan({}), plan({ legal: lawful })]);
const pack = await (await phone.context.request.get(`/v1/inspections/${full}/pack`)).json();
await phone.signIn(page, userOf('inspector'));
await page.locator('a[href="#/help"]').waitFor();
await phone.prepare(page);

/** Something of everything, recorded on a visit by the app's own recorder. */
const everything = async (core, { full, pack }) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [480, 360];
  const pen = canvas.getContext('2d');
  for (let i = 0; i < 60; i++) {
    pen.fillStyle = `hsl(${i * 31} 40% 45%)`;
    pen.fillRect((i * 83) % 480, (i * 57) % 360, 90, 70);
  }
  const data = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg'));
  const sha256 = Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', await data.arrayBuffer())), (b) => b.toString(16).padStart(2, '0')).join('');
  const photo = (shot) => core.record(full, { kind: 'photo.taken', body: { sha256, bytes: data.size, type: 'image/jpeg', shot, width: 480, height: 360, source: 'camera', note: '' } }, { sha256, type: 'image/jpeg', inspection: full, data });
  const add = (kind, body) => core.record(full, { kind, body });
  const value = (q) => (q.kind === 'yes_no' ? 'yes' : q.kind === 'choice' ? q.choices[0] : q.kind === 'number' ? 154.2 : '52100401');
  await add('visit.started', { position: { lat: 52.287, lon: 76.967, accuracy_m: 8 } });
  for (const q of pack.checklist.sections.flatMap((one) => one.questions).slice(0, 8)) await add('answer.set', { question: q.id, value: value(q), note: 'Қалқанның артында, есептегіштен солға қарай' });
  for (const [serial, match] of [[pack.declared[0].serial, 'declared'], ['S19XP-7704118', 'unknown'], ['S19XP-7704118', 'duplicate'], ['S21-991190-00007', 'elsewhere']]) await add('serial.scanned', { serial, rack: 'A1', symbology: 'qr', match });
  await add('rack.counted', { rack: 'A1', units: 40, running: 37 });
  await photo('meter');
  await photo('');
  await add('reading.taken', { meter: '52100401', how: 'clamp', quantity: 'current', value: 611.5, unit: 'A', phase: 'L2' });
  await add('seal.checked', { seal: 'KEGOC-118204', state: 'broken', where: 'есептегіш қалқаны' });
  await add('seal.applied', { seal: 'KEGOC-118377', where: 'кіріс автоматы' });
  await add('equipment.seized', { serials: ['S19XP-7704118'], note: '' });
  await add('signature.refused', { who: 'subject', reason: 'Заңгерсіз қол қоймайды' });
};
// One visit is over and the server has it; the rest is on the device.
await phone.inCore(page, async (core, over) => {
  await core.record(over, { kind: 'visit.started', body: {} });
  await core.record(over, { kind: 'visit.finished', body: { summary: '', language: 'kk' } });
}, over);
await phone.screen(page, `#/visit/${over}/finish`);
await page.locator('.foot button').waitFor();
await phone.context.setOffline(true);
await phone.inCore(page, everything, { full, pack });
await phone.inCore(page, (core, bare) => core.record(bare, { kind: 'access.refused', body: { reason: 'absent: күзетші ғана бар', who: 'Күзетші' } }).then(() => null), bare);

const change = (state) => phone.inCore(page, (core, state) => core.change(state), state);
const choose = (n) => page.locator('.choices').first().locator('button').nth(n).click();
const submit = () => page.locator('.foot button[type=submit]').click();
const shown = (css) => page.locator(css).first().waitFor();
/** Nothing more fits on the disk: what the browser says of each write, at once. A real quota is filled elsewhere. */
const disk = (isFull) => page.evaluate((isFull) => {
  const kept = (globalThis.keptPut ??= IDBObjectStore.prototype.put);
  IDBObjectStore.prototype.put = isFull ? () => { throw new DOMException('full', 'QuotaExceededError'); } : kept;
}, isFull);
const visit = (id, part = '') => `#/visit/${id}/${part}`;
const nobody = { counts: { saved: 3, received: 0, sealed: 12, refused: 1, blobs: 2, bytes: 3_400_000 } };
/** Where each screen is, how it comes to what is to be seen, and what is put back after it. */
const screens = {
  today: ['#/'],
  'today-troubles': ['#/', () => change({ clockAhead: 10_800_000, evictable: true, update: true, phase: 'signed_out' }), () => change({ clockAhead: 0, evictable: false, update: false, phase: 'ready' })],
  'today-full': ['#/', async () => {
    await page.route('**/v1/field/today', (route) => route.fulfill({ json: { items: [], server_time: new Date().toISOString(), cache_until: new Date(Date.now() + 72 * 3_600_000).toISOString() } }));
    await disk(true);
    await change({ online: true });
    await shown('[role=alert]');
  }, async () => {
    await disk(false);
    await change({ online: false });
    await page.unroute('**/v1/field/today');
  }],
  sending: ['#/sending'],
  'sending-signed-out': ['#/sending', () => change({ phase: 'signed_out', online: true }), () => change({ phase: 'ready', online: false })],
  'sending-locked': ['#/sending', () => change({ phase: 'locked', online: true }), () => change({ phase: 'ready', online: false })],
  'sign-out': ['#/sending', () => page.locator('button.danger').click().then(() => shown('[role=alert]'))],
  help: ['#/help'],
  visit: [visit(full)],
  'visit-none': [visit('nothing')],
  'visit-over': [visit(over)],
  start: [visit(full, 'start')],
  'start-lacks': [visit(bare, 'start')],
  ...Object.fromEntries(pack.checklist.sections.map((_, n) => [`checklist-${n + 1}`, [visit(full, `checklist/${n}`)]])),
  scan: [visit(full, 'scan')],
  'scan-read': [visit(full, 'scan'), async () => {
    await page.locator('#serial input').first().fill(`X-${++made}`);
    await submit();
    await shown('.note');
    await shown('.toast');
  }],
  racks: [visit(full, 'racks')],
  photos: [visit(full, 'photos'), () => shown('.shots img')],
  readings: [visit(full, 'readings')],
  'readings-clamp': [visit(full, 'readings'), () => choose(1)],
  'disk-full': [visit(full, 'readings'), async () => {
    await disk(true);
    await page.locator('input[name=value]').fill('12');
    await submit();
    await shown('[role=alert]');
    expect((await page.locator('input[name=value]').inputValue()) === '12', 'what was typed is gone');
  }, () => disk(false)],
  'disk-full-serial': [visit(full, 'scan'), async () => {
    await disk(true);
    await page.locator('#serial input').first().fill('S21-KEPT');
    await submit();
    await shown('[role=alert]');
    expect((await page.locator('#serial input').first().inputValue()) === 'S21-KEPT', 'what was typed is gone');
  }, () => disk(false)],
  seals: [visit(full, 'seals')],
  'seals-applied': [visit(full, 'seals'), () => choose(1)],
  'seals-seized': [visit(full, 'seals'), () => choose(2)],
  access: [visit(bare, 'access')],
  permit: [visit(full, 'permit')],
  'permit-refused': [visit(full, 'permit'), async () => {
    await page.locator('#permit textarea').fill('no permit');
    await submit();
    await shown('.verdict');
  }],
  protocol: [visit(full, 'protocol'), () => shown('.paper')],
  'sign-inspector': [visit(full, 'sign/inspector')],
  'sign-blank': [visit(full, 'sign/inspector'), () => submit().then(() => shown('[role=alert]'))],
  'sign-subject': [visit(full, 'sign/subject')],
  'sign-refusal': [visit(full, 'sign/subject'), () => choose(1)],
  finish: [visit(full, 'finish'), () => submit().then(() => shown('[role=alert]'))],
  arrived: [visit(over, 'finish'), () => shown('.foot button')],
  'arrived-receipts': [visit(over, 'finish'), () => page.locator('summary').click()],
  'sign-in': ['#/', () => change({ person: null, online: true }), () => change({ person: lead, online: false })],
  'sign-in-troubles': ['#/', () => change({ person: null, wiped: true, expired: true, ...nobody }), () => change({ person: lead, wiped: false, expired: false })],
};

/** What is wrong with what is on the screen now, in one theme. */
const faultsIn = (scheme, foreign) => page.evaluate(async ({ tags, scheme, foreign }) => {
  const { violations } = await globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
  const out = violations.map((one) => `${scheme} ${one.id}: ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].failureSummary ?? ''}`);
  if (document.documentElement.scrollWidth > 360) out.push(`the screen is ${document.documentElement.scrollWidth} pixels wide`);
  for (const one of document.querySelectorAll('button, a, input:not([type=file]), select, textarea, summary, .file')) {
    const box = one.getBoundingClientRect();
    if (box.width > 0 && (box.height < 47.5 || box.width < 47.5)) out.push(`small: ${one.innerText || one.name} ${box.width.toFixed(0)}×${box.height.toFixed(0)}`);
  }
  for (const one of document.querySelectorAll('button, .button, .state, h1, h2, dt, dd, legend, .tallies > div')) if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && getComputedStyle(one).display !== 'inline') out.push(`cut: ${one.innerText}`);
  const raw = document.body.innerText.match(/\b(?:[a-z]+[A-Z]?[A-Za-z]*\.){1,2}[a-zA-Z]+\b(?!\.)/g)?.filter((one) => /^(today|home|start|scan|racks|photos|readings|seals|access|permit|protocol|paper|sign|signIn|finish|sending|help|phase|place|legal|choice|match|unit|kind|failed|quantity)\./.test(one)) ?? [];
  // In Kazakh and in Russian a word of small Latin letters is a name of the program's that nobody translated.
  const own = foreign ? [...document.querySelectorAll('main, .foot')].map((one) => one.innerText.replace(/[0-9a-f]{32,}|mining\/\S+/g, '')).join(' ').match(/\b[a-z]{4,}\b/g) ?? [] : [];
  return [...out, ...raw.map((one) => `no text: ${one}`), ...own.map((one) => `not translated: ${one}`)];
}, { tags, scheme, foreign });

for (const language of ['kk', 'ru', 'en']) {
  await page.evaluate((language) => localStorage.setItem('rigistry.language', language), language);
  await page.evaluate(() => (location.hash = '#/'));
  await page.reload();
  await page.locator('a[href="#/help"]').waitFor();
  await page.evaluate(axe);
  const wrong = [];
  const from = Date.now();
  await check(`${Object.keys(screens).length} screens in ${language}, light and dark`, async () => {
    for (const [name, [hash, before, after]] of Object.entries(screens)) {
      if (only && !name.startsWith(only)) continue;
      try {
        await page.evaluate((to) => (location.hash = to), '#/help');
        await page.locator('h1').waitFor();
        await page.evaluate((to) => (location.hash = to), hash);
        await page.waitForFunction(() => document.querySelector('h1') && document.querySelector('main:not([aria-busy])'));
        await before?.();
        for (const scheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
          if (shots) await page.screenshot({ path: join(shots, `${name}-${language}-${scheme}.png`) });
          wrong.push(...(await faultsIn(scheme, language !== 'en' && hash.startsWith('#/visit/'))).map((one) => `${name}: ${one}`));
        }
      } catch (error) {
        wrong.push(`${name}: ${String(error.message).split('\n')[0]}`);
      } finally {
        await after?.();
      }
    }
    expect(wrong.length === 0, wrong.slice(0, 5).join('\n'));
  });
  if (wrong.length > 5) console.log(wrong.join('\n'));
  console.log(`      ${((Date.now() - from) / 1000).toFixed(0)} s`);
}
await check('nothing was thrown on the way', async () => expect(phone.thrown.length === 0, phone.thrown.join('\n')));
await browser.close();
console.log(`${((Date.now() - began) / 1000).toFixed(0)} s`);
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
