// The slice in view: its volume, its labels, its prediction, and what hinders seeing them. Parts
// arrive in any order; what arrives for a slice that is no longer in view is kept, not shown.
import { ApiError } from './api.js';
import { samePlace } from './store.js';
import { autoWindow } from './images.js';

export class Stage {
  volume;
  drawing;
  /** Why the slice cannot be shown, {sentence, mend}; null if it can. */
  problem = null;

  constructor(store, images, drawings, predictions) {
    Object.assign(this, { store, images, drawings, predictions });
    store.on('place', () => this.show());
    store.on('prediction', () => store.emit('overlay'));
  }

  get prediction() {
    return this.predictions.peek(this.store.place);
  }

  /** The grey values that are black and white: what the user chose, else what suits the scan. */
  get window() {
    const chosen = this.store.windows.get(this.store.place.scan);
    if (chosen) return chosen;
    if (!this.volume) return [0, 1];
    // Of the first volume seen, not of each: the frames of a cine must not flicker.
    const window = autoWindow(this.volume);
    this.store.windows.set(this.store.place.scan, window);
    return window;
  }

  /** Shows the place in view, with what is here first. */
  show() {
    const { store } = this;
    const place = { ...store.place };
    this.problem = null;
    this.volume = undefined;
    this.drawing = undefined;
    if (!store.scan) return store.emit('stage');
    this.volume = this.images.peek(place.scan, place.frame);
    this.drawing = this.drawings.peek(place);
    store.emit('stage');
    if (store.scan.state === 'refused') {
      this.problem = { sentence: store.scan.reason ?? 'This scan cannot be used.', mend: '' };
      return store.emit('stage');
    }
    if (!this.volume) {
      this.#take(place, this.images.volume(place.scan, place.frame), (v) => (this.volume = v));
    }
    if (!this.drawing && store.scan.state !== 'question') {
      this.#take(place, this.drawings.open(place), (d) => (this.drawing = d));
    }
    if (store.scan.state === 'question') return null;
    if (store.playing) {
      // The next volume of a cine, before it is shown.
      const next = (place.frame + 1) % store.scan.frames;
      this.images.volume(place.scan, next).catch(() => {});
    } else {
      this.predictions.look(place).then(() => {
        if (samePlace(place, store.place) && !store.playing) this.predictions.volume();
      });
    }
    return null;
  }

  #take(place, coming, put) {
    coming.then(
      (thing) => {
        if (!samePlace(place, this.store.place)) return;
        put(thing);
        this.store.emit('stage');
      },
      (e) => {
        if (!(e instanceof ApiError)) throw e;
        if (!samePlace(place, this.store.place)) return;
        this.problem = { sentence: e.message, mend: e.mend };
        this.store.emit('stage');
      },
    );
  }

  /** Why nothing can be drawn now, as a sentence; null if it can. */
  whyNot() {
    return (
      this.store.whyNot() ??
      this.problem?.sentence ??
      (this.drawing && this.volume ? null : 'The slice is still being loaded.')
    );
  }
}
