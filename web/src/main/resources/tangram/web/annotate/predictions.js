// What the model thinks of slices. An older answer stays until a newer one is here; its model's
// number says how old it is.
import { ApiError } from './api.js';
import { keyOf, samePlace } from './store.js';

/** A browser allows six connections; the stream of events and the slice in view need theirs. */
const AT_ONCE = 2;

/** The index of the pixel nearest to each of `to` pixels among `from`: PyTorch's nearest-exact. */
function nearest(from, to) {
  return Int32Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.floor(((i + 0.5) * from) / to)),
  );
}

/** Classes and entropies (0..255) of a slice, at the slice's size. */
class Prediction {
  constructor(model, height, width, bytes, scan) {
    this.model = model;
    this.classes = new Uint8Array(scan.height * scan.width);
    this.entropy = new Uint8Array(this.classes.length);
    const rows = nearest(height, scan.height);
    const columns = nearest(width, scan.width);
    for (let y = 0, at = 0; y < scan.height; y++) {
      for (let x = 0; x < scan.width; x++, at++) {
        const from = rows[y] * width + columns[x];
        this.classes[at] = bytes[from];
        this.entropy[at] = bytes[height * width + from];
      }
    }
    this.meanEntropy = Prediction.#mean(this.classes, this.entropy);
  }

  /** Of what is no background; of everything where all is. From 0 to 1. */
  static #mean(classes, entropy) {
    let [sum, n, all] = [0, 0, 0];
    for (let i = 0; i < classes.length; i++) {
      all += entropy[i];
      if (classes[i] > 0) {
        sum += entropy[i];
        n++;
      }
    }
    return (n > 0 ? sum / n : all / classes.length) / 255;
  }
}

export class Predictions {
  #kept = new Map();
  #stale = new Set();
  /** Slices of which there is none yet: an event says when there is. */
  #none = new Set();
  #waiting = [];
  #running = 0;

  constructor(api, store) {
    this.api = api;
    this.store = store;
    let classes = 0;
    store.on('classes', () => {
      // With another number of classes it is another network.
      if (store.classes.length !== classes) this.#kept.clear();
      classes = store.classes.length;
      this.allStale();
    });
  }

  /** The latest prediction that is here; undefined if there is none. */
  peek(place) {
    return this.#kept.get(keyOf(place));
  }

  /** Fetches the prediction of the slice in view, which tells the program what is in view. */
  look(place) {
    return this.#fetch(place, true);
  }

  /** A prediction has been made: it is fetched if it is of the volume in view, else when it is. */
  made(place) {
    this.#stale.add(keyOf(place));
    this.#none.delete(keyOf(place));
    const view = this.store.place;
    if (samePlace(place, view)) return this.look(place);
    if (place.scan === view.scan && place.frame === view.frame) this.#queue(place);
    return null;
  }

  /** Fetches what is missing of the volume in view, for the strip and for the next slice. */
  volume() {
    const { scan, frame } = this.store.place;
    this.#waiting.length = 0;
    for (let slice = 0; slice < this.store.scan.depth; slice++) {
      const place = { scan, frame, slice };
      const missing = !this.peek(place) && !this.#none.has(keyOf(place));
      if (missing || this.#stale.has(keyOf(place))) this.#queue(place);
    }
  }

  /** All are of an earlier time: the program was away, or goes back to another model. */
  allStale() {
    for (const key of this.#kept.keys()) this.#stale.add(key);
    this.#none.clear();
  }

  #queue(place) {
    this.#waiting.push(place);
    while (this.#running < AT_ONCE && this.#waiting.length > 0) {
      this.#running++;
      this.#fetch(this.#waiting.shift(), false).finally(() => {
        this.#running--;
        if (this.#waiting.length > 0) this.#queue(this.#waiting.shift());
      });
    }
  }

  async #fetch(place, inView) {
    const key = keyOf(place);
    const scan = this.store.scans[place.scan];
    this.#stale.delete(key);
    try {
      const path = `/scans/${place.scan}/prediction/${place.frame}/${place.slice}`;
      const { headers, status, buffer } = await this.api.bytes(path + (inView ? '?view=1' : ''));
      if (status === 204) {
        this.#none.add(key);
        return;
      }
      const [height, width] = headers.get('X-Size').split(' ').map(Number);
      const model = Number(headers.get('X-Model'));
      this.#kept.set(key, new Prediction(model, height, width, new Uint8Array(buffer), scan));
      this.store.emit('prediction');
    } catch (e) {
      // The stream of events says that the program is away; this is asked for again when it is back.
      if (!(e instanceof ApiError)) throw e;
      this.#stale.add(key);
    }
  }
}
