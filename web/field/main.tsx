import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { change, start } from './app/core';
import { setLanguage } from './app/text';
import './app/field.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

/** Keeps the app's files on the device. A newer version waits until it is asked for. */
async function keepApp(): Promise<void> {
  const registration = await navigator.serviceWorker?.register('/field/sw.js', { scope: '/field/' });
  const look = () => change({ update: Boolean(registration?.waiting) });
  look();
  registration?.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
}

await Promise.all([setLanguage(), start()]);
createRoot(root).render(<App />);
await keepApp();
