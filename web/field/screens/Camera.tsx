import { type ChangeEvent, useEffect, useRef, useState } from 'react';
import { t } from '../app/text';
import { Note } from '../app/ui';
import { type Code, decoder, type Reader } from '../visit/decoder';

const everyMs = 200;
const widest = 1280; // pixels; more only costs time

/** Whether a camera has a light; not every browser can say. */
const hasTorch = (track: MediaStreamTrack): boolean => (track.getCapabilities?.() as { torch?: boolean } | undefined)?.torch ?? false;

/** A picture, turned about its middle by an angle in degrees, whole. */
function frameOf(source: CanvasImageSource, width: number, height: number, canvas: HTMLCanvasElement, turn: number): ImageData | null {
  const scale = Math.min(1, widest / Math.max(width, height, 1));
  const [w, h, angle] = [width * scale, height * scale, (turn * Math.PI) / 180];
  const [sin, cos] = [Math.abs(Math.sin(angle)), Math.cos(angle)];
  canvas.width = Math.round(w * cos + h * sin);
  canvas.height = Math.round(w * sin + h * cos);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context || canvas.width === 0 || canvas.height === 0) return null;
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(angle);
  context.drawImage(source, -w / 2, -h / 2, w, h);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Looks for codes through the camera, or in a picture of a label. The decoder is loaded when this screen opens. */
export function Camera({ onCode }: { onCode: (code: Code) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const reader = useRef<Reader | null>(null);
  const tell = useRef(onCode);
  tell.current = onCode;
  const [state, setState] = useState<'off' | 'on' | 'denied' | 'none'>('off');
  const [torch, setTorch] = useState<{ track: MediaStreamTrack; on: boolean } | null>(null);
  const [empty, setEmpty] = useState(false);

  // Where the person has let the app see, nobody has to ask for it again.
  useEffect(() => {
    let here = true;
    void navigator.permissions?.query({ name: 'camera' as PermissionName }).then(({ state: may }) => here && may === 'granted' && setState('on'), () => undefined);
    return () => {
      here = false;
    };
  }, []);

  useEffect(() => {
    if (state !== 'on') return;
    const canvas = document.createElement('canvas');
    let stream: MediaStream | null = null;
    let timer = 0;
    let here = true;
    let looks = 0;
    const look = async () => {
      const element = video.current;
      const { decode, turns = [] } = reader.current ?? {};
      // As it is, and when there is nothing, turned another way each time.
      const next = looks++ % turns.length;
      for (const turn of [0, ...turns.slice(next, next + 1)]) {
        const frame = element && element.readyState >= 2 ? frameOf(element, element.videoWidth, element.videoHeight, canvas, turn) : null;
        const codes = (frame && (await decode?.(frame).catch(() => []))) ?? [];
        for (const code of codes) tell.current(code);
        if (codes.length > 0) break;
      }
      if (here) timer = window.setTimeout(() => void look(), everyMs);
    };
    const open = async () => {
      try {
        reader.current ??= await decoder();
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
        if (!here || !video.current) return stream.getTracks().forEach((track) => track.stop());
        video.current.srcObject = stream;
        await video.current.play();
        const track = stream.getVideoTracks()[0];
        if (track && hasTorch(track)) setTorch({ track, on: false });
        await look();
      } catch (e) {
        if (here) setState(e instanceof DOMException && e.name === 'NotAllowedError' ? 'denied' : 'none');
      }
    };
    void open();
    return () => {
      here = false;
      clearTimeout(timer);
      stream?.getTracks().forEach((track) => track.stop());
      setTorch(null);
    };
  }, [state]);

  const fromPicture = async (event: ChangeEvent<HTMLInputElement>) => {
    const input = event.currentTarget;
    const file = input.files?.[0];
    if (!file) return;
    const { decode, turns } = (reader.current ??= await decoder());
    const image = await createImageBitmap(file);
    let codes: Code[] = [];
    for (const turn of [0, ...turns]) {
      const frame = codes.length === 0 && frameOf(image, image.width, image.height, document.createElement('canvas'), turn);
      if (frame) codes = await decode(frame);
    }
    setEmpty(codes.length === 0);
    for (const code of codes) tell.current(code);
    input.value = '';
  };
  const light = async () => {
    if (!torch) return;
    await torch.track.applyConstraints({ advanced: [{ torch: !torch.on } as MediaTrackConstraintSet] });
    setTorch({ ...torch, on: !torch.on });
  };
  return (
    <div>
      {state === 'on' && <video ref={video} muted playsInline aria-label={t('camera.view')} />}
      {(state === 'denied' || state === 'none') && <Note tone="stop" title={t(`camera.${state}`)} alert><p>{t('camera.type')}</p></Note>}
      <div className="choices" style={{ marginTop: 8 }}>
        <button type="button" className="plain" aria-pressed={state === 'on'} onClick={() => setState(state === 'on' ? 'off' : 'on')}>{t(state === 'on' ? 'camera.stop' : 'camera.start')}</button>
        {torch && <button type="button" className="plain" aria-pressed={torch.on} onClick={() => void light()}>{t('camera.torch')}</button>}
        <span className="button plain file">
          {t('camera.picture')}
          <input type="file" accept="image/*" aria-label={t('camera.picture')} onChange={(event) => void fromPicture(event)} />
        </span>
      </div>
      <p className="small" role="status">{empty ? t('camera.nothing') : ''}</p>
    </div>
  );
}

/** Says by sound and by the hand what was read: one tone for what is as declared, two low ones for what is not. */
export function signal(good: boolean): void {
  navigator.vibrate?.(good ? 60 : [120, 80, 120]);
  try {
    const audio = new AudioContext();
    for (const [i, hz] of (good ? [880] : [330, 260]).entries()) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = hz;
      volume.gain.value = 0.15;
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + i * 0.18);
      tone.stop(audio.currentTime + i * 0.18 + 0.12);
    }
    setTimeout(() => void audio.close(), 800);
  } catch {
    // a phone without sound still shows it
  }
}
