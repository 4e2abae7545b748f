// Reads a label: with the phone's own detector where it knows the codes, else with the bundled one from our own host.
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';

export interface Code {
  text: string;
  symbology: 'qr' | 'code128';
}
export interface Reader {
  decode(frame: ImageData): Promise<Code[]>;
  /** How far a picture is turned, in degrees, when nothing was found in it as it is: our decoder reads a code of lines along its rows, and between two of these none lies more askew than it can bear. */
  turns: number[];
}

interface Detector {
  detect(source: ImageData): Promise<{ rawValue: string; format: string }[]>;
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}
const formats = ['qr_code', 'code_128'];

async function ownDetector(): Promise<Detector | null> {
  const Class = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (!Class) return null;
  const known = await Class.getSupportedFormats().catch((): string[] => []);
  return formats.every((one) => known.includes(one)) ? new Class({ formats }) : null;
}

async function bundled() {
  const reader = await import('zxing-wasm/reader');
  reader.prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) } });
  return reader;
}

/** A decoder of this phone's, or ours. */
export async function decoder(): Promise<Reader> {
  const detector = await ownDetector();
  if (detector)
    return { turns: [], decode: async (frame) => (await detector.detect(frame)).map((one) => ({ text: one.rawValue, symbology: one.format === 'qr_code' ? 'qr' : 'code128' })) };
  const { readBarcodes } = await bundled();
  return {
    turns: [9, -9, 18, -18],
    decode: async (frame) => {
      const found = await readBarcodes(frame, { formats: ['QRCode', 'Code128'], tryHarder: true, maxNumberOfSymbols: 4 });
      return found.filter((one) => one.isValid).map((one) => ({ text: one.text, symbology: one.format === 'QRCode' ? 'qr' : 'code128' }));
    },
  };
}

/** Brings ours onto the device if it will be needed. */
export async function prepare(): Promise<void> {
  if (await ownDetector()) return;
  await bundled();
  await fetch(wasmUrl);
}
