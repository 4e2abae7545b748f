// What the browser tests share: a browser, a page for each person, and the count of promises kept.
import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const baseURL = process.env.RIGISTRY_BASE_URL ?? 'http://127.0.0.1:8080';
export const credentials = JSON.parse(readFileSync(process.env.RIGISTRY_CREDENTIALS ?? 'data/demo/credentials.json', 'utf8'));
export const executablePath = process.env.RIGISTRY_CHROMIUM ?? '/usr/bin/chromium';
const WAIT = 15_000;
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const tally = { passed: 0, failed: 0 };
/** One promise of the console: it holds, or it is named with what was seen instead. */
export async function check(name, run) {
  try {
    await run();
    tally.passed++;
    console.log(`ok    ${name}`);
  } catch (error) {
    tally.failed++;
    console.log(`FAIL  ${name}\n      ${String(error.message ?? error).split('\n').slice(0, 6).join('\n      ')}`);
  }
}
/** A part of a walk. What it throws between two promises is one that was not kept, and the next part is walked all the same. */
export async function part(name, run) {
  try {
    await run();
  } catch (error) {
    await check(`${name}: walked to the end`, () => Promise.reject(error));
  }
}
export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

export const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
/** What was thrown or written to the console as an error, on any page. */
export const faults = [];
export const pages = new Map();

/** A fresh page in a language. What it throws is remembered under the name. */
export async function freshPage(name, { language = 'en', width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: 'light', baseURL });
  await context.addInitScript((wanted) => localStorage.getItem('rigistry.language') ?? localStorage.setItem('rigistry.language', wanted), language);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on('pageerror', (error) => faults.push(`${name}: ${error.message}`));
  page.on('console', (message) => {
    // A refused sign-in, and the question who is signed in before anybody is, are answers and no faults.
    if (message.type() === 'error' && !(/status of 4(01|09|22)/.test(message.text()) && /\/v1\//.test(message.location().url))) faults.push(`${name}: ${message.text()} (${message.location().url})`);
  });
  return page;
}

/** A page of its own for each person, in English, so that a walk reads like its text. */
export async function open(role) {
  if (!pages.has(role)) pages.set(role, await freshPage(role));
  return pages.get(role);
}
export function userOf(role) {
  const user = credentials.users.find((one) => one.role === role);
  expect(user, `the credentials have no ${role}`);
  return user;
}
/** Signs in through the form, as a person does. */
export async function signIn(role) {
  const user = userOf(role);
  const page = await open(role);
  await page.goto('/app/');
  await page.getByLabel('Login').fill(user.login);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Account/ }).waitFor();
  return page;
}
/** Gives a page the session of somebody without the form. */
export async function enter(page, role) {
  const { login, password } = userOf(role);
  const answer = await page.context().request.post('/v1/session', { data: { login, password } });
  expect(answer.ok(), `sign-in of ${role}: ${answer.status()}`);
}
/** Waits until a page of the console shows its heading and nothing is loading. */
export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[role="status"] [style*="inline-size"]'));
}
/** No violation of axe in one scheme. */
export async function axeIn(scheme, page, name) {
  await check(`axe: ${name}, ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.evaluate(() => scrollTo(0, 0)); // what the bar covers while scrolled is not judged
    const console = page.url().includes('/app');
    if (console) await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor({ state: 'attached' });
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    expect(violations.length === 0, violations.map((one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].failureSummary ?? ''}`).join('\n'));
  });
}
/** No violation of axe, in light and in dark. */
export async function axe(page, name) {
  for (const scheme of ['light', 'dark']) await axeIn(scheme, page, name);
  await page.emulateMedia({ colorScheme: 'light' });
}
