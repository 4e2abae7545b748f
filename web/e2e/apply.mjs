// Filling in an application in the portal, in any language, by the words of its catalogue.
import { readFileSync } from 'node:fs';
import { expect } from './kit.mjs';

/** The words of a language: the text of a key with its holes filled. */
export function wordsOf(language) {
  const texts = JSON.parse(readFileSync(new URL(`../locales/${language}.json`, import.meta.url), 'utf8'));
  return (key, holes = {}) => {
    expect(texts[key], `${language}.json has no ${key}`);
    return texts[key].replace(/\{\{(\w+)\}\}/g, (_, hole) => holes[hole] ?? '');
  };
}

/** A document that shows one page and does nothing else; each name makes its own. */
export const paper = (name) => ({ name: `${name}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n% ${name}\ntrailer<</Root 1 0 R>>\n%%EOF\n`) });

/** Goes on and waits for the question that comes. */
export async function answer(page, t, next) {
  await page.getByRole('button', { name: t('portal.next') }).click();
  await page.getByRole('heading', { level: 1, name: t(next === 'check' ? 'portal.check.title' : `portal.question.${next}`) }).waitFor();
}

/** From the list of applications to the task list of a new draft. */
export async function begin(page, t) {
  await page.goto('/app/applications');
  await page.getByRole('link', { name: t('queue.new') }).click();
  await page.getByRole('heading', { name: t('portal.start.costs') }).waitFor();
}
export async function start(page, t) {
  await page.getByRole('button', { name: t('portal.start.go') }).click();
  await page.getByRole('heading', { level: 1, name: t('portal.tasks.title', { kind: t('portal.kind.issue') }) }).waitFor();
}

/** Answers the questions about place, power, rigs, supply and fee; it begins and ends on a question. */
export async function place(page, t, { point, kw }) {
  const points = page.getByRole('checkbox', { name: point });
  const typed = page.getByLabel(t('portal.points.typed').split(' ')[0]);
  await points.or(typed).first().waitFor();
  if (await points.count()) await points.check();
  await answer(page, t, 'power');
  await page.getByLabel(new RegExp(`^${t('form.kw')}`)).fill(kw);
  await answer(page, t, 'equipment');
}
export async function rigs(page, t, { units, each }) {
  await page.getByLabel(t('form.manufacturer')).fill('Bitmain');
  await page.getByLabel(t('application.model')).fill('Antminer S21');
  await page.getByLabel(t('application.units')).fill(units);
  await page.getByLabel(t('application.eachKw')).fill(each);
  await answer(page, t, 'supply');
  await page.getByRole('radio', { name: t('supply.auction') }).check();
  await answer(page, t, 'fee');
}
export async function fee(page, t, document) {
  await page.getByRole('button', { name: new RegExp(`^${t('portal.fee.exact', { sum: '.+' })}$`) }).click();
  await page.getByLabel(t('portal.field.feeDocument')).fill(document);
  await answer(page, t, 'documents');
}
/** Attaches a file to each requirement and waits until each is there with its digest. */
export async function documents(page, t, name) {
  const fields = page.locator('input[type=file]');
  await fields.first().waitFor({ state: 'attached' });
  const count = await fields.count();
  for (let i = 0; i < count; i++) {
    const code = await fields.nth(i).getAttribute('data-requirement');
    await fields.nth(i).setInputFiles(paper(`${name}-${code}`));
    await page.getByRole('link', { name: `${name}-${code}.pdf` }).waitFor();
  }
  await answer(page, t, 'check');
}
/** Declares, files, and gives the reference of the receipt. */
export async function file(page, t) {
  await page.getByRole('checkbox', { name: t('portal.declare.box') }).check();
  await page.getByRole('button', { name: t('portal.file') }).click();
  await page.waitForURL(/\/receipt$/);
  await page.getByRole('heading', { level: 1, name: t('portal.receipt.title') }).waitFor();
  const reference = /A-\d{4}-\d{5}/.exec(await page.locator('#content').innerText())?.[0];
  expect(reference, 'the receipt has no reference');
  return reference;
}
