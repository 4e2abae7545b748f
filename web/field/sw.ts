// The service worker: it keeps the app's own files, so that the app opens with no signal. It answers for nothing under
// /v1/ and never for anything but GET: what the outbox sends goes past it.
interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Scope {
  addEventListener(type: 'install' | 'activate', handler: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', handler: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', handler: (event: MessageEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}
const scope = globalThis as unknown as Scope;
const shell = 'field-__VERSION__';
const decoder = 'field-decoder';
const files = JSON.parse('__FILES__') as string[];
const base = '/field/';

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.addAll(files.map((file) => new Request(base + file, { cache: 'reload' })))));
});

scope.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith('field-') && name !== shell && name !== decoder).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => scope.clients.claim()));
});

// A new version waits until the inspector asks for it: nothing changes in the middle of a visit.
scope.addEventListener('message', (event) => {
  if (event.data === 'update') void scope.skipWaiting();
});

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin || !url.pathname.startsWith(base)) return;
  if (request.mode === 'navigate') return event.respondWith(fromCache(`${base}index.html`, request));
  event.respondWith(fromCache(url.pathname, request));
});

async function fromCache(path: string, request: Request): Promise<Response> {
  const found = await caches.match(path);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && path.includes('zxing')) await (await caches.open(decoder)).put(path, answer.clone());
  return answer;
}
