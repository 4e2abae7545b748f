// SHA-256 in steps: the browser's own takes a file only whole, and asking it for each small digest takes longer than
// making it here. sha256.test.ts holds it against the platform's.

const primes = (() => {
  const out: number[] = [];
  for (let n = 2; out.length < 64; n++) if (out.every((p) => n % p !== 0)) out.push(n);
  return out;
})();
const fraction = (v: number) => ((v - Math.floor(v)) * 2 ** 32) | 0;
const rounds = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const begin = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
const schedule = new Int32Array(64);

/** A digest in the making. */
export class Sha256 {
  private readonly state = Int32Array.from(begin);
  private readonly block = new Uint8Array(64);
  private readonly view = new DataView(this.block.buffer);
  private held = 0;
  private length = 0;

  update(b: Uint8Array): this {
    this.length += b.length;
    let at = 0;
    if (this.held > 0) {
      at = Math.min(64 - this.held, b.length);
      this.block.set(b.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return this;
      this.mix(this.view, 0);
      this.held = 0;
    }
    const view = new DataView(b.buffer, b.byteOffset, b.length);
    for (; at + 64 <= b.length; at += 64) this.mix(view, at);
    this.block.set(b.subarray(at));
    this.held = b.length - at;
    return this;
  }

  digest(): Uint8Array {
    const bits = this.length * 8;
    this.block.fill(0, this.held);
    this.block[this.held] = 0x80;
    if (this.held >= 56) {
      this.mix(this.view, 0);
      this.block.fill(0);
    }
    this.view.setUint32(56, Math.floor(bits / 2 ** 32));
    this.view.setUint32(60, bits >>> 0);
    this.mix(this.view, 0);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (const [i, v] of this.state.entries()) view.setInt32(4 * i, v);
    return out;
  }

  private mix(view: DataView, at: number): void {
    const w = schedule;
    const s = this.state;
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15] as number;
      const y = w[i - 2] as number;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = ((w[i - 16] as number) + s0 + (w[i - 7] as number) + s1) | 0;
    }
    // Once for every 64 bytes: by index, as anything that iterates takes several times as long.
    let a = s[0] as number;
    let b = s[1] as number;
    let c = s[2] as number;
    let d = s[3] as number;
    let e = s[4] as number;
    let f = s[5] as number;
    let g = s[6] as number;
    let h = s[7] as number;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t = (h + s1 + ((e & f) ^ (~e & g)) + (rounds[i] as number) + (w[i] as number)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const u = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t) | 0;
      d = c;
      c = b;
      b = a;
      a = (t + u) | 0;
    }
    s[0] = (s[0] as number) + a;
    s[1] = (s[1] as number) + b;
    s[2] = (s[2] as number) + c;
    s[3] = (s[3] as number) + d;
    s[4] = (s[4] as number) + e;
    s[5] = (s[5] as number) + f;
    s[6] = (s[6] as number) + g;
    s[7] = (s[7] as number) + h;
  }
}

/** The digest of bytes. */
export const sha256 = (b: Uint8Array): Uint8Array => new Sha256().update(b).digest();
