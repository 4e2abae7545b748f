import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { readFileSync } from 'node:fs';
const base = 'http://127.0.0.1:8747';
const c = JSON.parse(readFileSync('/tmp/mo/data/demo/credentials.json', 'utf8'));
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const errors = [];
async function as(role, size, dark) {
  const u = c.users.find((x) => x.role === role);
  const ctx = await b.newContext({ viewport: size, colorScheme: dark ? 'dark' : 'light' });
  const p = await ctx.newPage();
  p.on('console', (m) => m.type() === 'error' && errors.push(m.text())); p.on('pageerror', (e) => errors.push(String(e)));
  const r = await ctx.request.post(base + '/v1/session', { data: { login: u.login, password: u.password }, headers: { origin: base } });
  console.log(role, r.status());
  return p;
}
const axe = async (p, n) => { const r = await new AxeBuilder({ page: p }).analyze(); console.log(n, 'axe', r.violations.map((v) => v.id + ':' + v.nodes.length + ' ' + v.nodes[0].html.slice(0, 120))); };
const p = await as('clerk', { width: 1440, height: 1000 });
for (const [path, n] of [['/app/collectors', 'fleet'], ['/app/collectors?view=gateways', 'gateways'], ['/app/collectors?state=dead', 'dead']]) {
  await p.goto(base + path); await p.waitForSelector('table', { timeout: 20000 }); await p.waitForTimeout(800); await p.screenshot({ path: `/tmp/mo/${n}.png` }); await axe(p, n);
  console.log(n, 'overflow', await p.evaluate(() => document.documentElement.scrollWidth - innerWidth));
}
await p.goto(base + '/app/collectors?state=ok'); await p.waitForSelector('tbody a'); await p.click('tbody a'); await p.waitForSelector('h1'); await p.waitForTimeout(2500);
await p.screenshot({ path: '/tmp/mo/meter.png', fullPage: true }); await axe(p, 'meter');
const url = p.url().split('?')[0];
await p.goto(url + '/exchange'); await p.waitForSelector('form'); await axe(p, 'exchange');
await p.click('form button[type=submit]'); await p.waitForTimeout(500); await p.screenshot({ path: '/tmp/mo/exchange.png', fullPage: true });
const m = await as('clerk', { width: 390, height: 844 }, true);
for (const [u, n] of [[base + '/app/collectors', 'fleet390'], [url, 'meter390'], [url + '/exchange', 'exchange390']]) { await m.goto(u); await m.waitForSelector('h1'); await m.waitForTimeout(2000); await m.screenshot({ path: `/tmp/mo/${n}.png`, fullPage: n !== 'fleet390' }); console.log(n, 'overflow', await m.evaluate(() => document.documentElement.scrollWidth - innerWidth)); await axe(m, n); }
console.log('errors', errors.slice(0, 8));
await b.close();
