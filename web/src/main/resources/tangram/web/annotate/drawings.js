// The labels of slices: fetched when a slice is opened, saved soon after each stroke. Nothing that
// is drawn is thrown away: what cannot be saved waits and is tried again, and what another tab
// drew meanwhile is merged voxel by voxel.
import { ApiError } from './api.js';
import { History } from './strokes.js';
import { UNLABELLED, keyOf } from './store.js';

const REST_MS = 300;
const RETRY_MS = [1000, 2000, 4000, 8000];
const REFUSED = [404, 409, 413, 422];
/** Browsers send no more than this after a page has gone. */
const KEEPALIVE_BYTES = 60000;

/** The labels of one slice. */
class Drawing {
  history = new History();
  /** Changed since `base`, the labels that the program has. */
  dirty = false;
  sending = false;
  /** Why the program refused it for good, an ApiError. */
  refused = null;

  constructor(place, width, labels, revision) {
    this.place = { ...place };
    this.width = width;
    this.labels = labels;
    this.base = labels.slice();
    this.revision = revision;
  }

  get voxels() {
    let n = 0;
    for (const label of this.labels) if (label !== UNLABELLED) n++;
    return n;
  }

  /**
   * Takes the program's labels, with what was changed here since `base` on top.
   * @return whether they are others than before
   */
  merge(labels, revision) {
    const others = labels.some((label, at) => label !== this.base[at]);
    const merged = labels.slice();
    this.labels.forEach((label, at) => {
      if (label !== this.base[at]) merged[at] = label;
    });
    this.labels.set(merged);
    this.base = labels;
    this.revision = revision;
    this.dirty = merged.some((label, at) => label !== labels[at]);
    return others;
  }
}

export class Drawings {
  #open = new Map();
  #opening = new Map();
  #timer = null;
  #failures = 0;
  #lastSaved = 0;
  #problem = null;
  #retryAt = 0;

  constructor(api, store) {
    this.api = api;
    this.store = store;
  }

  /** The labels of a slice that are here already; undefined if not. */
  peek(place) {
    return this.#open.get(keyOf(place));
  }

  /** The labels of a slice. @throws ApiError */
  open(place) {
    const key = keyOf(place);
    if (this.#open.has(key)) return Promise.resolve(this.#open.get(key));
    if (!this.#opening.has(key)) {
      const opening = this.#fetch(place)
        .then(({ labels, revision }) => {
          const drawing = new Drawing(place, this.store.scans[place.scan].width, labels, revision);
          this.#open.set(key, drawing);
          return drawing;
        })
        .finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    return this.#opening.get(key);
  }

  static #path({ scan, frame, slice }) {
    return `/scans/${scan}/scribbles/${frame}/${slice}`;
  }

  async #fetch(place) {
    const { headers, buffer } = await this.api.bytes(Drawings.#path(place));
    return { labels: new Uint8Array(buffer), revision: headers.get('ETag') };
  }

  /**
   * Another tab may have drawn: what is saved is forgotten, to be asked for again. What is in view,
   * on which a stroke may be under way, is brought up to date instead.
   */
  refresh() {
    const view = keyOf(this.store.place);
    for (const [key, drawing] of this.#open) {
      if (drawing.dirty || drawing.sending) continue;
      if (key === view) this.#mergeWithTheirs(drawing);
      else this.#open.delete(key);
    }
  }

  /** Tells that labels of a slice have changed: they are saved after a rest. */
  changed(drawing) {
    drawing.dirty = true;
    drawing.refused = null;
    // Not put off by further strokes: who draws without rest is saved as well.
    if (!this.#problem && !this.#timer) this.#schedule(REST_MS);
    this.store.emit('save');
  }

  get unsaved() {
    return [...this.#open.values()].filter((drawing) => drawing.dirty || drawing.sending);
  }

  /** {unsaved, problem, retryAt, lastSaved}: problem is an ApiError or null, the times are epoch ms. */
  get state() {
    const unsaved = this.unsaved;
    const refused = unsaved.find((drawing) => drawing.refused)?.refused ?? null;
    return {
      unsaved: unsaved.length,
      problem: this.#problem ?? refused,
      retryAt: this.#retryAt,
      lastSaved: this.#lastSaved,
    };
  }

  #schedule(ms) {
    clearTimeout(this.#timer);
    this.#retryAt = Date.now() + ms;
    this.#timer = setTimeout(() => this.saveNow(), ms);
  }

  /** Saves all that waits. */
  saveNow() {
    clearTimeout(this.#timer);
    this.#timer = null;
    return Promise.all(
      this.unsaved.filter((drawing) => !drawing.refused).map((drawing) => this.#save(drawing)),
    );
  }

  #put(drawing, labels) {
    return this.api.send('PUT', Drawings.#path(drawing.place), {
      body: labels,
      // A page that is going away may be gone before the answer.
      keepalive: document.visibilityState === 'hidden' && labels.length < KEEPALIVE_BYTES,
      headers: { 'If-Match': drawing.revision, 'Content-Type': 'application/octet-stream' },
    });
  }

  async #save(drawing) {
    if (drawing.sending || !drawing.dirty) return;
    drawing.sending = true;
    drawing.dirty = false;
    this.store.emit('save');
    const sent = drawing.labels.slice();
    try {
      const answer = await (await this.#put(drawing, sent)).json();
      drawing.base = sent;
      drawing.revision = `"${answer.revision}"`;
      this.#lastSaved = answer.saved;
      this.#problem = null;
      this.#failures = 0;
      this.store.setDrawn(drawing.place, drawing.voxels);
    } catch (e) {
      drawing.dirty = true;
      await this.#failed(drawing, e instanceof ApiError ? e : new ApiError(0, `${e}`, ''));
    } finally {
      drawing.sending = false;
      if (drawing.dirty && !this.#problem && !drawing.refused) this.#schedule(REST_MS);
      this.store.emit('save');
    }
  }

  async #failed(drawing, error) {
    if (error.status === 412) {
      await this.#mergeWithTheirs(drawing);
    } else if (REFUSED.includes(error.status)) {
      // To try again would not help: another tab has the session, or the scan has changed.
      drawing.refused = error;
    } else {
      this.#problem = error;
      this.#schedule(RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]);
    }
  }

  async #mergeWithTheirs(drawing) {
    try {
      const { labels, revision } = await this.#fetch(drawing.place);
      const mine = drawing.dirty;
      const others = drawing.merge(labels, revision);
      this.#problem = null;
      if (others) this.store.emit(mine ? 'merged' : 'drawing');
      if (drawing.dirty && !drawing.sending) this.changed(drawing);
    } catch (e) {
      this.#problem = e;
      this.#schedule(RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]);
    }
  }

  /** The program is there again, or this tab's: what waits is tried at once. */
  resume() {
    this.#problem = null;
    for (const drawing of this.#open.values()) drawing.refused = null;
    return this.saveNow();
  }
}
