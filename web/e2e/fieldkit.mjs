// What the walks of the field app share.
/** Where the server has the app's core: the very outbox that the page uses, under its exported names. */
export async function coreOf(base) {
  const worker = await (await fetch(`${base}/field/sw.js`)).text();
  for (const [name] of worker.matchAll(/assets\/core-[\w-]+\.js/g)) {
    const path = `/field/${name}`;
    if (/\bas record\b/.test(await (await fetch(base + path)).text())) return path;
  }
  throw new Error('the server has no field app');
}

/** Moves the clock of a page's device by an amount, in milliseconds, that localStorage names: a wrong clock as a phone has it. */
export const wrongClock = () => {
  const Right = Date;
  // A page without an origin, as axe opens one, has no storage and the right time.
  const ahead = () => (location.origin === 'null' ? 0 : Number(localStorage.getItem('test.ahead') ?? 0));
  globalThis.Date = class extends Right {
    constructor(...given) {
      if (given.length === 0) super(Right.now() + ahead());
      else super(...given);
    }
    static now() {
      return Right.now() + ahead();
    }
  };
};

/** Phones of one inspector: contexts of a browser, each with the app in English. */
export async function phoneIn(browser, base, options = {}) {
  const context = await browser.newContext({ baseURL: base, viewport: { width: 360, height: 800 }, hasTouch: true, ...options });
  await context.addInitScript(() => localStorage.getItem('rigistry.language') ?? localStorage.setItem('rigistry.language', 'en'));
  await context.addInitScript(wrongClock);
  const core = await coreOf(base);
  const thrown = [];
  const tab = async (path = '/field/') => {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => thrown.push(error.message));
    await page.goto(path);
    await page.locator('h1').waitFor();
    return page;
  };
  return {
    context,
    thrown,
    tab,
    /** Runs a function in a page with the core's exports. */
    inCore: (page, run, arg) => page.evaluate(`(async () => (${run})(await import(${JSON.stringify(core)}), ${JSON.stringify(arg ?? null)}))()`),
    async signIn(page, { login, password }) {
      await page.getByLabel('Login').fill(login);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    },
    async prepare(page) {
      await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await page.getByRole('button', { name: /^Prepare for the trip/ }).click();
      await page.getByRole('button', { name: /^(Prepare|Downloading)/ }).waitFor({ state: 'detached', timeout: 60_000 });
    },
    async screen(page, hash) {
      await page.evaluate((to) => (location.hash = to), hash);
      await page.locator('h1').waitFor();
    },
  };
}
