// A newcomer in Kazakh: start > fill in > lose the network > attach > file > be asked for a correction > answer > be
// refused > file again > be licensed. The office works in English beside it. The newcomer, its account and its
// connection point are made first, so this can run any number of times on one demonstration, like walk.mjs.
import { axe, browser, check, expect, faults, freshPage, settled, signIn, pages, tally } from './kit.mjs';
import { answer, begin, documents, fee, file, paper, place, rigs, start, wordsOf } from './apply.mjs';

const t = wordsOf('kk');
const en = wordsOf('en');
const serial = Date.now();
const point = `PS12-F05-NC${String(serial).slice(-7)}`;
const login = `newcomer-${serial}`;
const password = `arrives-${serial}-today`;
const names = { kk: `«Жаңа Дата ${serial}» ЖШС`, ru: `ТОО «Новая Дата ${serial}»` };
let page;
let number = '';
let draft = '';

/** A BIN with its check digit. */
function bin(digits) {
  const sum = (weights) => [...digits].reduce((all, digit, i) => all + Number(digit) * weights[i], 0) % 11;
  const first = sum([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const last = first < 10 ? first : sum([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]);
  return last < 10 ? digits + last : bin(String(Number(digits) + 1).padStart(11, '0'));
}
const bins = bin(`2403400${String(serial).slice(-4)}`);

/** An answer of the API on behalf of whoever is signed in on a page. */
async function ask(who, method, path, data) {
  const office = pages.get(who) ?? (await signIn(who));
  const got = await office.context().request.fetch(path, { method, data, headers: { 'Idempotency-Key': `${serial}-${method}-${path}` } });
  expect(got.ok(), `${method} ${path}: ${got.status()} ${(await got.text()).slice(0, 400)}`);
  return got.json();
}

await check('the office registers a party, its connection point and its account', async () => {
  const party = await ask('clerk', 'POST', '/v1/parties', { bin_or_iin: bins, kind: 'legal_entity', name_kk: names.kk, name_ru: names.ru, size: 'medium', resident: true, address: 'Павлодар, Сәтбаев к-сі, 1', kato: '551010000', email: 'new@example.kz', phone: '+7 718 200 0000' });
  await ask('clerk', 'POST', '/v1/connection-points', {
    code: point, feeder: 'PS12-F05', permitted_kw: 100, declared_use: 'mining', bin_or_iin: bins, delineation_act: 'АР-1', supply_contract: 'ЭС-1', emergency_automation: true,
    technical_conditions: { number: `ТУ-${serial}`, limit_kw: 100, purpose: 'mining', valid_until: '2028-01-01T00:00:00Z' },
  });
  await ask('admin', 'POST', '/v1/users', { name: 'Әсел Жаңабаева', login, password, roles: ['applicant'], party: party.id });
});

await check('the newcomer signs in and reads what it takes, in Kazakh', async () => {
  page = await freshPage('newcomer', { language: 'kk' });
  await page.goto('/app/');
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill(password);
  await page.getByRole('button', { name: t('signIn.enter') }).click();
  await page.getByRole('heading', { level: 1, name: t('portal.home.title') }).waitFor();
  await begin(page, t);
  const text = await page.locator('#content').innerText();
  expect(/8.650.000/.test(text) && text.includes('15 жұмыс күні'), `no fee or term: ${text.slice(0, 400)}`);
});
await axe(page, 'start of an application');
await check('the draft begins with a list of tasks; the heading has the focus', async () => {
  await start(page, t);
  draft = /applications\/([^/]+)\/tasks/.exec(page.url())[1];
  expect(await page.evaluate(() => document.activeElement?.tagName === 'H1'), 'the focus is not on the heading');
  expect((await page.getByText(t('portal.state.blocked')).count()) > 0, 'nothing is blocked');
});
await axe(page, 'task list');
await check('an empty answer is named at the top and beside the field, and the focus is there', async () => {
  await page.getByRole('link', { name: t('portal.tasks.go') }).click();
  await page.getByRole('heading', { level: 1, name: t('portal.question.site') }).waitFor();
  await page.getByRole('button', { name: t('portal.next') }).click();
  await page.getByRole('alert').getByText(t('portal.bad.sites.required')).waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute('role') === 'alert'), 'the focus is not on the summary');
  expect((await page.title()).startsWith(`${t('portal.error.prefix')}: `), `the title is ${await page.title()}`);
});
await axe(page, 'question with an error');
await check('the newcomer registers a data centre without leaving the question; an unknown point is refused by field', async () => {
  await page.getByRole('button', { name: t('portal.site.add') }).click();
  await page.getByLabel(t('portal.site.nameKk')).fill(`Жаңа орталық ${serial}`);
  await page.getByLabel(t('portal.site.nameRu')).fill(`Новый ЦОД ${serial}`);
  await page.getByLabel(t('party.address')).fill('Павлодар, Сәтбаев к-сі, 2');
  await page.getByLabel(t('party.kato')).fill('551010000');
  await page.getByLabel(t('portal.site.capacity')).fill('100');
  await page.getByLabel(t('application.points'), { exact: true }).fill('PS12-F99-NONE');
  await page.getByRole('button', { name: t('portal.site.save') }).click();
  await page.getByText(t('portal.bad.site.connection_points.unknown')).first().waitFor();
  await page.getByLabel(t('application.points'), { exact: true }).fill(point);
});
await axe(page, 'a new data centre');
await check('points, power and rigs are answered one page after another', async () => {
  await page.getByRole('button', { name: t('portal.site.save') }).click();
  await page.getByLabel(new RegExp(`орталық ${serial}`)).first().waitFor();
  await answer(page, t, 'points');
  await place(page, t, { point, kw: '90' });
});
await axe(page, 'equipment');
await check('what is typed while the network is away is kept, survives a reload, and goes out by itself', async () => {
  await page.getByLabel(t('form.manufacturer')).fill('Bitmain');
  await page.locator('[data-phase="saved"]').waitFor();
  await page.context().setOffline(true);
  await page.getByLabel(t('application.model')).fill('Antminer S21');
  await page.getByText(t('portal.save.offline')).waitFor();
  await page.context().setOffline(false);
  await page.reload();
  await settled(page);
  expect((await page.getByLabel(t('application.model')).inputValue()) === 'Antminer S21', 'the model is lost');
  await page.locator('[data-phase="saved"]').waitFor();
});
await check('what somebody else saves meanwhile is shown beside, and nothing is overwritten', async () => {
  const request = page.context().request;
  const before = await (await request.get(`/v1/applications/${draft}`)).json();
  const other = { kind: before.kind, sub_type: before.sub_type, language: 'kk', documents: before.documents, sites: before.sites.map(({ site, connection_points, approved_kw }) => ({ site, connection_points, approved_kw })), equipment: [{ manufacturer: 'MicroBT', model: 'M60', units: 1, nameplate_kw: 3.4 }] };
  const put = await request.put(`/v1/applications/${draft}`, { data: other, headers: { 'If-Match': `"${before.version}"` } });
  expect(put.ok(), `PUT: ${put.status()} ${await put.text()}`);
  await page.getByLabel(t('application.units')).fill('25');
  await page.getByText(t('portal.save.conflict')).waitFor();
  await page.getByText('MicroBT').waitFor();
  expect((await page.getByRole('radio', { name: t('portal.conflict.mine') }).isChecked()), 'what I typed is not proposed');
});
await axe(page, 'a conflict of two versions');
await check('the choice is saved', async () => {
  await page.getByRole('button', { name: t('portal.conflict.keep') }).click();
  await page.getByLabel(t('application.units')).waitFor();
  await rigs(page, t, { units: '25', each: '3,5' });
});
await axe(page, 'fee');
await check('a file that is no PDF is refused in words, and documents arrive with their digest', async () => {
  await fee(page, t, `PP-${serial}`);
  const first = page.locator('input[type=file]').first();
  await first.setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer: Buffer.from('PK not a pdf') });
  await page.getByText(t('portal.files.refused.content')).waitFor();
  await first.setInputFiles({ name: 'active.pdf', mimeType: 'application/pdf', buffer: Buffer.concat([paper('x').buffer, Buffer.from('\n3 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj\n')]) });
  await page.getByText(t('portal.bad.file.active_content')).waitFor();
});
await axe(page, 'documents');
await check('every answer is shown once more before the declaration', async () => {
  await documents(page, t, 'deed');
  const text = await page.locator('#content').innerText();
  for (const said of ['Antminer S21', point, `PP-${serial}`]) expect(text.includes(said), `${said} is not among the answers`);
  await page.getByRole('button', { name: t('portal.file') }).click();
  await page.getByRole('alert').getByText(t('portal.declare.missing')).waitFor();
});
await axe(page, 'answers');
await check('filing gives a receipt with a reference and a digest', async () => {
  number = await file(page, t);
  expect(/[0-9a-f]{64}/.test(await page.locator('#content').innerText()), 'no digest on the receipt');
});
await axe(page, 'receipt');

/** The office opens the newest application by its number. */
async function office(role) {
  const own = pages.get(role) ?? (await signIn(role));
  await own.goto('/app/applications?view=all&q=' + encodeURIComponent(bins));
  await own.getByRole('link', { name: number }).click();
  await own.getByRole('heading', { level: 1, name: number }).waitFor();
  return own;
}
const idOf = async (found) => (await ask('officer', 'GET', `/v1/applications/${found}`)).id;

await check('the clerk registers it and the officer asks for a correction', async () => {
  const clerk = await office('clerk');
  await clerk.getByRole('button', { name: 'Register', exact: true }).click();
  await clerk.getByText('Registered', { exact: true }).first().waitFor();
  const officer = await office('officer');
  await officer.getByRole('button', { name: 'Documents are complete' }).click();
  await officer.getByText('In review', { exact: true }).first().waitFor();
  await officer.getByRole('button', { name: en('correction.ask') }).click();
  await officer.getByLabel(en('correction.field')).selectOption('/fee_document');
  await officer.getByLabel(en('correction.what')).fill('Төлем құжатының толық нөмірін жазыңыз.');
  await officer.getByRole('button', { name: en('correction.send') }).click();
  await officer.getByRole('listitem').filter({ hasText: 'Төлем құжатының толық нөмірін жазыңыз.' }).first().waitFor();
});
await check('the newcomer sees at home what is needed, and only the asked field with the officer’s words beside it', async () => {
  await page.goto('/app/applications');
  await page.getByRole('heading', { name: t('portal.home.needed') }).waitFor();
  await page.getByRole('link', { name: t('portal.need.correct') }).click();
  await page.getByText('Төлем құжатының толық нөмірін жазыңыз.').waitFor();
  expect((await page.getByLabel(t('form.manufacturer')).count()) === 0, 'other fields can be changed');
  await page.getByLabel(t('portal.field.feeDocument')).fill(`PP-${serial}/2026`);
});
await axe(page, 'a correction');
await check('the answer starts the clock again', async () => {
  await page.getByRole('button', { name: t('correction.sendAnswer') }).click();
  await page.waitForURL((url) => !url.pathname.endsWith('/correct'));
  await page.getByText(`PP-${serial}/2026`).waitFor();
});
await axe(page, 'where the application stands');

/** Reviews, drafts and signs; the review itself is walk.mjs's to look at. */
async function decide(outcome) {
  const id = await idOf(number);
  let application = await ask('officer', 'GET', `/v1/applications/${id}`);
  for (const item of application.checklist) {
    const refused = outcome === 'refuse' && item.code === 'EMERGENCY_AUTOMATION';
    await ask('officer', 'PUT', `/v1/applications/${id}/checklist/${item.code}`, refused ? { result: 'not_met', note: 'Автоматиканы қабылдау актісі жоқ.' } : { result: 'met' });
  }
  application = await ask('officer', 'POST', `/v1/applications/${id}/decision-draft`, outcome === 'refuse' ? { outcome, reasons: ['REQUIREMENTS_NOT_MET'], note: 'Аварияға қарсы автоматика қабылданбаған.' } : { outcome });
  return ask('head', 'POST', `/v1/applications/${id}/signature`);
}
await check('it is reviewed and refused', async () => {
  const signed = await decide('refuse');
  expect(signed.state === 'refused', `it is ${signed.state}`);
});
await check('the newcomer reads why, how to appeal, and files again with the same answers', async () => {
  await page.reload();
  await page.getByRole('heading', { name: t('portal.refused.why') }).waitFor();
  await page.getByText('Автоматиканы қабылдау актісі жоқ.').waitFor();
  await page.getByRole('heading', { name: t('portal.refused.appeal') }).waitFor();
  const { appeal } = await (await page.context().request.get(`/v1/applications/${await idOf(number)}`)).json();
  expect(appeal.open && appeal.until > new Date().toISOString().slice(0, 10), `the appeal is until ${appeal.until}`);
  await page.getByText(appeal.legal_ref, { exact: true }).waitFor();
  await page.getByText(t('appeal.until'), { exact: true }).waitFor();
  await page.getByRole('button', { name: t('appeal.file') }).waitFor();
  expect((await page.locator('a[href*="/ledger/"]').count()) === 0, 'the history leads to a ledger that the newcomer may not read');
});
await axe(page, 'a refusal');
await check('the second application begins with the answers of the first and needs its documents only', async () => {
  await page.getByRole('button', { name: t('portal.refused.go') }).click();
  await page.waitForURL(/\/tasks$/);
  await page.getByRole('heading', { level: 1, name: t('portal.tasks.title', { kind: t('portal.kind.issue') }) }).waitFor();
  await page.getByRole('link', { name: t('portal.tasks.go') }).click();
  await page.getByRole('heading', { level: 1, name: t('portal.question.documents') }).waitFor();
  await documents(page, t, 'again');
  const before = number;
  number = await file(page, t);
  expect(number !== before, 'it has the number of the first');
});
await check('it is registered, reviewed and licensed', async () => {
  const id = await idOf(number);
  await ask('clerk', 'POST', `/v1/applications/${id}/registration`);
  await ask('officer', 'POST', `/v1/applications/${id}/completeness-check`, { complete: true });
  const signed = await decide('grant');
  expect(signed.state === 'granted', `it is ${signed.state}`);
  await page.goto('/app/applications');
  await page.getByRole('link', { name: signed.license }).waitFor();
  await page.getByRole('link', { name: number }).click();
  await page.getByText(t('portal.granted.title')).waitFor();
});
await axe(page, 'a granted application');
await check('the portal fits a phone, in Kazakh and in Russian, and is worked by keyboard alone', async () => {
  const id = await idOf(number);
  await begin(page, t);
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: t('portal.start.go') }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/tasks$/);
  const own = /applications\/([^/]+)\/tasks/.exec(page.url())[1];
  const addresses = ['/app/applications', '/app/applications/new', `/app/applications/${own}/tasks`, ...['kind', 'applicant', 'contact', 'site', 'points', 'power', 'equipment', 'supply', 'fee', 'documents'].map((code) => `/app/applications/${own}/questions/${code}`), `/app/applications/${own}/check`, `/app/applications/${id}`, `/app/applications/${id}/receipt`];
  const wide = [];
  for (const language of ['kk', 'ru']) {
    await page.evaluate((wanted) => localStorage.setItem('rigistry.language', wanted), language);
    for (const address of addresses) {
      await page.goto(address);
      await settled(page);
      for (const width of [390, 320]) {
        await page.setViewportSize({ width, height: 844 });
        const over = await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
        if (over > 0) wide.push(`${address} in ${language}: ${over} px too wide at ${width}`);
      }
    }
  }
  expect(wide.length === 0, wide.join('; '));
});
await check('signing out leaves nothing typed on the device', async () => {
  await page.evaluate(() => localStorage.setItem('rigistry.draft.somebody.something', '{}'));
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto('/app/applications');
  await settled(page);
  await page.getByRole('button', { name: new RegExp('Әсел') }).click();
  await page.getByRole('button', { name: wordsOf('ru')('frame.signOut') }).click();
  await page.locator('input[name="login"]').waitFor();
  expect((await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('rigistry.draft.')).length)) === 0, 'a draft is left');
});
await check('nothing was thrown on the way', async () => {
  // The network that was taken away, and the two versions of one draft, were wanted.
  const unwanted = faults.filter((one) => !/ERR_INTERNET_DISCONNECTED|status of 412/.test(one));
  expect(unwanted.length === 0, unwanted.join('\n'));
});

await browser.close();
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed === 0 ? 0 : 1);
