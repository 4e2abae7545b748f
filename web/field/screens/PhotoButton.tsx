import { type ChangeEvent, useEffect, useState } from 'react';
import { store } from '../app/core';
import { position } from '../app/position';
import { size, t } from '../app/text';
import { type Open } from '../app/use';
import { sha256 } from '../outbox/event';
import type { Fact } from '../visit/fold';

/** The hash is of the bytes as the camera gave them, before anything else looks at them. */
async function take(open: Open, file: File, source: 'camera' | 'gallery', shot: string, rack?: string): Promise<void> {
  const bytes = await file.arrayBuffer();
  const [hash, where] = [await sha256(bytes), await position(2500)];
  const type = file.type || 'application/octet-stream';
  const { width, height } = await dimensions(file);
  const body = { sha256: hash, bytes: bytes.byteLength, type, shot, width, height, source, ...(where && { position: where }), ...(rack && { rack }), note: '' };
  await open.act({ kind: 'photo.taken', body }, t('photos.saved', { size: size(bytes.byteLength) }), { sha256: hash, type, inspection: open.id, data: new Blob([bytes], { type }) });
}

async function dimensions(file: File): Promise<{ width: number; height: number }> {
  try {
    const image = await createImageBitmap(file);
    const { width, height } = image;
    image.close();
    return { width, height };
  } catch {
    return { width: 0, height: 0 }; // a format that this browser does not show is evidence all the same
  }
}

/** Takes a photo with the camera or chooses one that is there, and shows those that were taken for this shot. */
export function PhotoButton({ open, shot, label, about, rack }: { open: Open; shot: string; label: string; about: string; rack?: string }) {
  const [busy, setBusy] = useState(false);
  const chosen = (source: 'camera' | 'gallery') => async (event: ChangeEvent<HTMLInputElement>) => {
    const input = event.currentTarget;
    const files = [...(input.files ?? [])];
    setBusy(true);
    for (const file of files) await take(open, file, source, shot, rack);
    setBusy(false);
    input.value = '';
  };
  const photos = open.visit.photos.filter((photo) => photo.shot === shot);
  return (
    <div>
      {photos.length > 0 && <ul className="shots">{photos.map((photo) => <li key={photo.event}><Picture photo={photo} about={about} /></li>)}</ul>}
      <div className="choices">
        <span className="button plain file" aria-busy={busy}>
          {busy ? t('photos.saving') : photos.length > 0 ? t('photos.another') : label}
          <input type="file" accept="image/*" capture="environment" aria-label={`${label}: ${about}`} onChange={(event) => void chosen('camera')(event)} />
        </span>
        <span className="button plain file">
          {t('photos.gallery')}
          <input type="file" accept="image/*" multiple aria-label={`${t('photos.gallery')}: ${about}`} onChange={(event) => void chosen('gallery')(event)} />
        </span>
      </div>
    </div>
  );
}

function Picture({ photo, about }: { photo: Fact<'photo.taken'>; about: string }) {
  const [url, setUrl] = useState<string | null>();
  useEffect(() => {
    let made: string | null = null;
    let here = true;
    void store.blob(photo.sha256).then((found) => {
      if (!here) return;
      made = found?.bytes ? URL.createObjectURL(found.bytes.data) : null;
      setUrl(made);
    });
    return () => {
      here = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, [photo.sha256]);
  return url ? <img src={url} alt={about} /> : <span className="gone">{url === null ? t('photos.atServer') : ''}</span>;
}
