// Hands what only this device has to the person as a file.
import { lines, type Part, tar } from '../device/export';
import { ownDevice, store, writeMeta } from './core';

/** Builds the archive of everything that is not with the server. */
export async function archive(): Promise<Blob> {
  const items = [...(await store.at('saved', 100_000)), ...(await store.at('refused', 100_000))].sort((a, b) => a.seq - b.seq);
  const parts: Part[] = [
    { name: 'device.json', data: new Blob([JSON.stringify({ device: ownDevice()?.id, public_key: ownDevice()?.publicKey, owner: ownDevice()?.owner })]) },
    { name: 'events.jsonl', data: lines(items) },
  ];
  for (const sha256 of new Set(items.flatMap((item) => item.blob ?? []))) {
    const bytes = (await store.blob(sha256))?.bytes;
    if (bytes) parts.push({ name: `blobs/${sha256}`, data: bytes.data });
  }
  return tar(parts, Math.floor(Date.now() / 1000));
}

/** Saves the archive where the person's downloads are. The items stay in the queue. */
export async function exportFile(): Promise<void> {
  const url = URL.createObjectURL(await archive());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${new Date().toISOString().slice(0, 16).replace(/[:T]/g, '-')}.rigistry-visit`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  await writeMeta('exportedAt', Date.now());
}
