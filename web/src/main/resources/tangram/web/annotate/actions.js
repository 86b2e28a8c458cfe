// What a user can do, each a method: keys, buttons and lists call the same ones.
import { UNLABELLED } from './store.js';
import { autoWindow } from './images.js';
import { count } from './dom.js';
import { attempt, error, note } from './messages.js';

const PREDICTION = ['off', 'outline', 'fill'];
const FRAME_MS = 60;
const WINDOW_REST_MS = 500;

export class Actions {
  #windowTimer = null;
  #refreshing = null;

  constructor({ api, store, stage, drawings, predictions, images, view, layers }) {
    Object.assign(this, { api, store, stage, drawings, predictions, images, view, layers });
  }

  // ---- where

  /** Shows a slice; numbers out of range become the nearest. */
  go(change, { keepPlaying = false } = {}) {
    const { store } = this;
    if (!keepPlaying) this.stop();
    const before = store.place;
    const scan = clamp(change.scan ?? before.scan, store.scans.length);
    const { frames = 1, depth = 1 } = store.scans[scan] ?? {};
    const other = scan !== before.scan;
    store.place = {
      scan,
      frame: clamp(change.frame ?? (other ? 0 : before.frame), frames),
      slice: clamp(change.slice ?? (other ? depth >> 1 : before.slice), depth),
    };
    store.emit('place');
  }

  slice(step) {
    this.go({ slice: this.store.place.slice + step });
  }

  frame(step) {
    const { place, scan } = this.store;
    if (scan?.frames > 1) this.go({ frame: (place.frame + step + scan.frames) % scan.frames });
  }

  scan(step) {
    this.go({ scan: this.store.place.scan + step });
  }

  play() {
    const { store } = this;
    if (store.playing) return this.stop();
    if (!(store.scan?.frames > 1)) return note('This scan has one frame: there is nothing to play.');
    store.playing = true;
    store.emit('playing');
    const step = async () => {
      if (!store.playing) return;
      const { scan, frame } = store.place;
      const next = (frame + 1) % store.scan.frames;
      const rest = new Promise((done) => setTimeout(done, FRAME_MS));
      // A frame that is slow to arrive makes the cine slow, not black.
      const here = await attempt(() => this.images.volume(scan, next));
      await rest;
      if (!here) this.stop();
      if (!store.playing) return;
      this.go({ frame: next }, { keepPlaying: true });
      step();
    };
    return step();
  }

  stop() {
    if (!this.store.playing) return;
    this.store.playing = false;
    this.store.emit('playing');
    this.store.emit('place');
  }

  // ---- tools

  label(label) {
    if (label < this.store.classes.length) this.store.setTool({ label, erase: false });
  }

  erase() {
    this.store.setTool({ erase: !this.store.tool.erase });
  }

  brush(step) {
    this.store.setTool({ brush: this.store.tool.brush + step });
  }

  lock(label = this.store.tool.label) {
    const locked = new Set(this.store.tool.locked);
    if (!locked.delete(label)) locked.add(label);
    this.store.setTool({ locked });
    const name = this.store.classes[label].name;
    note(locked.has(label) ? `${name} is locked: strokes leave it as it is.` : `${name} is unlocked.`);
  }

  undo() {
    this.#step('undo', 'undoable', 'Undone');
  }

  redo() {
    this.#step('redo', 'redoable', 'Done again');
  }

  #step(which, able, word) {
    const { drawing } = this.stage;
    const change = drawing?.history[able];
    if (!change) return note(`Nothing to ${which} on this slice.`);
    const why = this.stage.whyNot();
    if (why) return note(why);
    const box = drawing.history[which](drawing.labels, drawing.width);
    this.layers.scribbled(box);
    this.drawings.changed(drawing);
    this.store.emit('history');
    return note(`${word}: ${this.describe(change)}.`);
  }

  /** A stroke in words: "Myo, 41 px". */
  describe(change) {
    const name = change.label === UNLABELLED ? 'erase' : this.store.classes[change.label]?.name;
    return `${name}, ${change.index.length} px`;
  }

  // ---- what is shown

  toggle(what) {
    this.store.setShow({ [what]: !this.store.show[what] });
  }

  prediction() {
    const at = PREDICTION.indexOf(this.store.show.prediction);
    this.store.setShow({ prediction: PREDICTION[(at + 1) % PREDICTION.length] });
    note(`Prediction: ${this.store.show.prediction}.`);
  }

  fit() {
    this.view.fit();
    this.layers.repaint();
  }

  zoom(factor, px = this.view.width / 2, py = this.view.height / 2) {
    this.view.zoomAt(factor, px, py);
    this.layers.repaint();
  }

  autoWindow() {
    if (this.stage.volume) this.window(...autoWindow(this.stage.volume), true);
  }

  /** Chooses what is black and what is white; kept for the scan unless it is the automatic one. */
  window(low, high, automatic = false) {
    const { store } = this;
    const { scan } = store.place;
    const { volume } = this.stage;
    // A window of no width has no greys.
    const least = volume ? (volume.max - volume.min) / 1000 : 1e-6;
    store.windows.set(scan, [low, Math.max(high, low + (least || 1e-6))]);
    store.emit('window');
    clearTimeout(this.#windowTimer);
    this.#windowTimer = setTimeout(() => {
      const [from, to] = automatic ? [null, null] : store.windows.get(scan);
      // To be kept for the next time; not worth a message where it cannot be.
      this.api.json('PATCH', '/session', { window: { scan, low: from, high: to } }).catch(() => {});
    }, WINDOW_REST_MS);
  }

  // ---- the session

  /** Changes the session. @return whether it worked */
  patch(change) {
    return attempt(async () => this.store.setSession(await this.api.json('PATCH', '/session', change)));
  }

  /** Lists the folder again. */
  look() {
    return attempt(async () => {
      const before = this.store.scans.length;
      this.store.setSession(await this.api.json('POST', '/session/look'));
      this.images.forget();
      const more = this.store.scans.length - before;
      note(more > 0 ? `${count(more, 'new scan')}.` : 'No new scans in the folder.');
      this.store.emit('place');
    });
  }

  /** This tab takes the session from another. */
  take() {
    return attempt(async () => {
      await this.api.json('POST', '/session/take', {});
      this.store.setLink('starting');
      this.store.emit('taken');
    });
  }

  async refreshNext() {
    try {
      this.store.next = (await this.api.json('GET', '/next?count=5')) ?? [];
    } catch {
      return; // asked for again when the program is back
    }
    this.store.emit('next');
  }

  /** Shows the slice that it pays most to draw on. */
  goNext() {
    const { next, place } = this.store;
    const best =
      next.find((c) => c.scan !== place.scan || c.frame !== place.frame || c.slice !== place.slice) ??
      next[0];
    if (!best) return note('There is no next slice to offer.');
    const { scan, frame, slice } = best;
    this.go({ scan, frame, slice });
    return note(`${this.nameOf(best)}${best.why ? `: ${best.why}` : ''}.`);
  }

  nameOf({ scan, frame, slice }) {
    const its = this.store.scans[scan];
    const time = its?.frames > 1 ? ` frame ${frame + 1}` : '';
    return `${its?.name ?? '?'}${time} slice ${slice + 1}`;
  }

  /** Marks the slice in view as one on which there is nothing to draw, or takes that back. */
  skip() {
    const { store } = this;
    const { scan, frame, slice } = store.place;
    if (!store.scan) return null;
    const undo = store.isSkipped(store.scan, frame, slice);
    return attempt(async () => {
      await this.api.json('POST', '/next/skip', { scan, frame, slice, undo });
      const skipped = store.scans[scan].skipped.filter(([t, z]) => t !== frame || z !== slice);
      store.scans[scan].skipped = undo ? skipped : [...skipped, [frame, slice]];
      store.emit('drawn');
      note(
        undo
          ? 'This slice counts again.'
          : 'Nothing to draw here: noted. N shows the next slice, X takes it back.',
      );
      await this.refreshNext();
    });
  }

  // ---- learning

  async train(mode) {
    // What is drawn but not saved would not be learnt from.
    await this.drawings.saveNow();
    return attempt(async () => {
      await this.api.json('POST', '/train', { mode });
      await this.refresh();
    });
  }

  stopTraining() {
    return attempt(async () => {
      await this.api.json('DELETE', '/train');
      await this.refresh();
    });
  }

  back(model) {
    return attempt(async () => {
      await this.api.json('POST', `/model/${model}`);
      this.predictions.allStale();
      await this.refresh();
      this.store.emit('place');
      note(`Back to model ${model}.`);
    });
  }

  /** Asks for the session again. @throws ApiError */
  async refresh() {
    this.store.setSession(await this.api.json('GET', '/session'));
  }

  /** Asks for the session again soon: once, however many events ask for it. */
  refreshSoon() {
    this.#refreshing ??= setTimeout(() => {
      this.#refreshing = null;
      this.refresh().catch(() => {}); // the stream of events says if the program is away
    }, 400);
  }

  /** Writes masks or probabilities. @return file names, or those that exist already */
  async export(what, replace) {
    try {
      const { files } = await this.api.json('POST', '/export', { what, replace });
      return { files };
    } catch (e) {
      if (e.status === 409 && Array.isArray(e.body.files)) return { existing: e.body.files };
      if (e.status === undefined) throw e;
      error(e.message, e.mend);
      return {};
    }
  }
}

function clamp(i, n) {
  return Math.max(0, Math.min(n - 1, i));
}
