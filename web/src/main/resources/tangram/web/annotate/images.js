// Volumes of scans as the program sends them, kept while memory allows, and their grey values.

/** A cine of 30 frames of 256x256x12 takes 47 MB. */
const KEPT_BYTES = 256e6;

export class Images {
  #kept = new Map();
  #coming = new Map();

  constructor(api) {
    this.api = api;
  }

  /** A volume that is here already; undefined if not. */
  peek(scan, frame) {
    const key = `${scan}/${frame}`;
    const volume = this.#kept.get(key);
    if (volume) {
      // The order of the map is that of use.
      this.#kept.delete(key);
      this.#kept.set(key, volume);
    }
    return volume;
  }

  /** A volume, fetched once however often it is asked for. @throws ApiError */
  volume(scan, frame) {
    const key = `${scan}/${frame}`;
    const here = this.peek(scan, frame);
    if (here) return Promise.resolve(here);
    if (!this.#coming.has(key)) {
      const coming = this.#fetch(scan, frame).finally(() => this.#coming.delete(key));
      this.#coming.set(key, coming);
    }
    return this.#coming.get(key);
  }

  async #fetch(scan, frame) {
    const { headers, buffer } = await this.api.bytes(`/scans/${scan}/frames/${frame}`);
    const [min, max] = (headers.get('X-Range') ?? '0 1').split(' ').map(Number);
    const volume = { min, max, data: new Uint16Array(buffer) };
    this.#kept.set(`${scan}/${frame}`, volume);
    let bytes = 0;
    for (const v of this.#kept.values()) bytes += v.data.byteLength;
    for (const [key, v] of this.#kept) {
      if (bytes <= KEPT_BYTES || v === volume) break;
      bytes -= v.data.byteLength;
      this.#kept.delete(key);
    }
    return volume;
  }

  /** Forgets all volumes: their files may have changed. */
  forget() {
    this.#kept.clear();
  }
}

/** The value of a voxel. */
export function valueAt(volume, index) {
  return volume.min + (volume.data[index] / 65535) * (volume.max - volume.min);
}

/** A window that leaves 1% of a volume darker and 0.5% lighter: [low, high]. */
export function autoWindow(volume) {
  const bins = new Uint32Array(1024);
  for (const v of volume.data) bins[v >> 6]++;
  const at = (part) => {
    let left = part * volume.data.length;
    let bin = 0;
    while (bin < bins.length - 1 && (left -= bins[bin]) > 0) bin++;
    return volume.min + ((bin + 0.5) / bins.length) * (volume.max - volume.min);
  };
  const [low, high] = [at(0.01), at(0.995)];
  return high > low ? [low, high] : [volume.min, volume.max > volume.min ? volume.max : volume.min + 1];
}

/** Fills pixels (ABGR) with the greys of a slice. */
export function paintGreys(volume, slice, [low, high], pixels) {
  const n = pixels.length;
  const unit = (volume.max - volume.min) / 65535;
  const factor = 255 / Math.max(high - low, 1e-12);
  for (let i = 0, at = slice * n; i < n; i++, at++) {
    let grey = (volume.min + volume.data[at] * unit - low) * factor;
    grey = grey < 0 ? 0 : grey > 255 ? 255 : grey | 0;
    pixels[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
}
