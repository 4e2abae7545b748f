import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '@shared/i18n';
import classes from './GateConsole.module.css';

interface Detector {
  detect: (source: CanvasImageSource) => Promise<readonly { rawValue: string }[]>;
}

/** The browser's own reader of codes, where it has one. */
function detector(): Detector | undefined {
  const own = (globalThis as { BarcodeDetector?: new (options: { formats: string[] }) => Detector }).BarcodeDetector;
  return own ? new own({ formats: ['qr_code', 'code_128', 'data_matrix'] }) : undefined;
}

/** The code of a connection in what was scanned: the text itself, or the last part of an address. */
export const codeIn = (text: string): string => {
  const plain = text.trim();
  if (!/^https?:/i.test(plain)) return plain;
  return decodeURIComponent(plain.split(/[?#]/)[0]?.split('/').filter(Boolean).at(-1) ?? '');
};

/** Reads the code of a connection with the camera, or from a picture. It shows nothing where the browser cannot. */
export function Scan({ onCode }: { onCode: (code: string) => void }) {
  const { t } = useTexts();
  const [reader] = useState(detector);
  const [on, setOn] = useState(false);
  const [failed, setFailed] = useState<'camera' | 'nothing'>();
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onCode);
  useEffect(() => {
    found.current = onCode;
  }, [onCode]);
  useEffect(() => {
    if (!on || !reader) return undefined;
    let stream: MediaStream | undefined;
    let over = false;
    const look = async () => {
      const screen = video.current;
      if (over || !screen) return;
      const codes = screen.readyState >= 2 ? await reader.detect(screen).catch(() => []) : [];
      const first = codes[0];
      if (first) {
        found.current(codeIn(first.rawValue));
        setOn(false);
      } else if (!over) requestAnimationFrame(() => void look());
    };
    navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } }).then(
      async (given) => {
        stream = given;
        if (over || !video.current) {
          given.getTracks().forEach((track) => track.stop());
          return;
        }
        video.current.srcObject = given;
        await video.current.play();
        void look();
      },
      () => {
        setFailed('camera');
        setOn(false);
      },
    );
    return () => {
      over = true;
      stream?.getTracks().forEach((track) => track.stop());
    };
  }, [on, reader]);
  if (!reader) return null;
  const picture = async (file: File | undefined) => {
    if (!file) return;
    const codes = await reader.detect(await createImageBitmap(file)).catch(() => []);
    const first = codes[0];
    if (first) onCode(codeIn(first.rawValue));
    setFailed(first ? undefined : 'nothing');
  };
  return (
    <div className={classes.scan}>
      <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
        <Button size="xs" variant="default" onClick={() => { setFailed(undefined); setOn((before) => !before); }} aria-pressed={on}>
          {t(on ? 'gate.scanStop' : 'gate.scan')}
        </Button>
        <Button size="xs" variant="default" component="label">
          {t('gate.scanPicture')}
          <input type="file" accept="image/*" onChange={(event) => void picture(event.currentTarget.files?.[0])} />
        </Button>
      </div>
      {on ? <video ref={video} muted playsInline aria-label={t('gate.scan')} /> : null}
      {failed ? <p role="alert" className="small">{t(`gate.scanFailed.${failed}`)}</p> : null}
    </div>
  );
}
