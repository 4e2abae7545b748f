// A browser with a video in place of a camera, and photographs of labels to put before it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { prepareZXingModule, writeBarcode } from 'zxing-wasm/writer';
import { executablePath, expect } from './kit.mjs';

const [WIDTH, HEIGHT] = [960, 720];
const video = join(tmpdir(), `rigistry-labels-${process.pid}.y4m`);
writeFileSync(video, frames([Buffer.alloc(WIDTH * HEIGHT, 200)]));
prepareZXingModule({ overrides: { wasmBinary: readFileSync(join(dirname(createRequire(import.meta.url).resolve('zxing-wasm/writer')), '../../writer/zxing_writer.wasm')) } });

export const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${video}`],
});

/** An uncompressed video of grey pictures, ten a second, each shown for so many tenths of a second. */
function frames(pictures, tenths = 10) {
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const out = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`)];
  for (const luma of pictures) for (let n = 0; n < tenths; n++) out.push(Buffer.from('FRAME\n'), luma, chroma);
  return Buffer.concat(out);
}

export const studio = await browser.newPage();
/** A photograph of a label, as PNG and as grey values: how it lies, how sharp it is, and in what light. */
export async function picture(text, format, { turn = 0, blur = 0, light = 1, noise = 0 } = {}) {
  const { svg, error } = await writeBarcode(text, { format, scale: format === 'QRCode' ? 5 : 3, ...(format === 'QRCode' && { ecLevel: 'L' }) });
  expect(svg, error);
  const { png, luma } = await studio.evaluate(
    async ({ svg, turn, blur, light, noise, width, height }) => {
      const image = new Image();
      image.src = `data:image/svg+xml;base64,${btoa(svg)}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [width, height];
      const pen = canvas.getContext('2d');
      pen.fillStyle = '#c9ccd0';
      pen.fillRect(0, 0, width, height);
      pen.translate(width / 2, height / 2);
      pen.rotate((turn * Math.PI) / 180);
      const scale = Math.min(620 / image.width, 620 / image.height, 4);
      const [w, h] = [image.width * scale, Math.max(image.height * scale, 90)];
      pen.filter = `blur(${blur}px)`;
      pen.fillStyle = '#fff';
      pen.fillRect(-w / 2 - 40, -h / 2 - 40, w + 80, h + 80);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(image, -w / 2, -h / 2, w, h);
      const pixels = pen.getImageData(0, 0, width, height);
      let seed = 1;
      const grey = new Uint8Array(width * height);
      for (let i = 0; i < grey.length; i++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        const value = pixels.data[4 * i] * light + ((seed >>> 8) / 2 ** 24 - 0.5) * noise;
        grey[i] = pixels.data[4 * i] = pixels.data[4 * i + 1] = pixels.data[4 * i + 2] = Math.max(0, Math.min(255, value));
      }
      pen.putImageData(pixels, 0, 0);
      const text = (bytes) => {
        let out = '';
        for (let i = 0; i < bytes.length; i += 8192) out += String.fromCharCode(...bytes.subarray(i, i + 8192));
        return btoa(out);
      };
      return { png: canvas.toDataURL('image/png').split(',')[1], luma: text(grey) };
    },
    { svg, turn, blur, light, noise, width: WIDTH, height: HEIGHT },
  );
  return { png: Buffer.from(png, 'base64'), luma: Buffer.from(luma, 'base64') };
}
/** What the camera sees from its next start on. */
export const film = (pictures, tenths) => writeFileSync(video, frames(pictures.map(({ luma }) => luma), tenths));

/** What the camera sees from its next start on is a bare wall. */
export const wall = () => film([{ luma: Buffer.alloc(WIDTH * HEIGHT, 200) }]);

export async function close() {
  await browser.close();
  rmSync(video, { force: true });
}
