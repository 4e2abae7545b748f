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
