// Turns pointers into strokes, moves of the view, windows and picks. A mouse, a pen and fingers
// all come as pointer events.
import { Stroke } from './strokes.js';
import { UNLABELLED } from './store.js';
import { note } from './messages.js';

const ERASER_BUTTON = 32;
/** What the page measures of itself: from a pointer's event to its stroke on the screen. */
const MEASURE = 'stroke to paint';
const MEASURES = 2000;

export class Draw {
  #stroke = null;
  #drawing = null;
  #label = UNLABELLED;
  #drag = null;
  #fingers = new Map();
  #penSeen = false;
  #measured = 0;

  /** Whether the space bar is down: the main button then pans. */
  space = false;

  constructor({ store, stage, drawings, view, layers, cursor, canvas, actions }) {
    Object.assign(this, { store, stage, drawings, view, layers, cursor, canvas, actions });
    const listen = (type, f) => canvas.addEventListener(type, f, { passive: false });
    listen('pointerdown', (e) => this.#down(e));
    listen('pointermove', (e) => this.#move(e));
    listen('pointerup', (e) => this.#up(e));
    // A stroke that the system takes over, for a gesture say, is kept as far as it came.
    listen('pointercancel', (e) => this.#up(e));
    listen('lostpointercapture', (e) => this.#up(e));
    listen('pointerleave', () => this.cursor.hide());
    listen('contextmenu', (e) => e.preventDefault());
    listen('wheel', (e) => this.#wheel(e));
    // The middle button would scroll, and fingers would move the page.
    listen('mousedown', (e) => e.button === 1 && e.preventDefault());
    store.on('place', () => this.end());
  }

  #at(e) {
    const box = this.canvas.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }

  // ---- strokes, also for the keyboard

  /** Begins a stroke at a point in voxels. @return whether it could */
  begin(x, y, erase) {
    const why = this.stage.whyNot();
    if (why) {
      note(why);
      return false;
    }
    this.actions.stop();
    const { tool, show } = this.store;
    if (!show.scribbles) this.store.setShow({ scribbles: true });
    this.#label = erase || tool.erase ? UNLABELLED : tool.label;
    this.#drawing = this.stage.drawing;
    this.#stroke = new Stroke(this.#drawing.labels, this.#drawing.width, {
      ...tool,
      label: this.#label,
    });
    this.#to(x, y, null);
    return true;
  }

  get drawing() {
    return this.#stroke !== null;
  }

  /** Draws on to a point in voxels. */
  to(x, y) {
    if (this.#stroke) this.#to(x, y, null);
  }

  #to(x, y, time) {
    const box = this.#stroke.to(x, y);
    this.layers.scribbled(box, time === null ? null : (end) => this.#measure(time, end));
  }

  /** Ends the stroke, if there is one: it becomes a step to undo and is saved. */
  end() {
    if (!this.#stroke) return;
    const change = this.#stroke.end();
    this.#stroke = null;
    if (!change) return;
    this.#drawing.history.add(change);
    this.drawings.changed(this.#drawing);
    this.store.emit('history');
  }

  #cancel() {
    if (!this.#stroke) return;
    this.layers.scribbled(this.#stroke.cancel());
    this.#stroke = null;
  }

  #measure(start, end) {
    if (this.#measured++ % MEASURES === 0) performance.clearMeasures(MEASURE);
    performance.measure(MEASURE, { start, end: Math.max(start, end) });
  }

  // ---- pointers

  #down(e) {
    const [px, py] = this.#at(e);
    this.canvas.focus({ preventScroll: true });
    e.preventDefault();
    if (e.pointerType === 'touch' && this.#touch(e, px, py)) return;
    if (e.pointerType === 'pen') this.#penSeen = true;
    if (this.#drag) return; // one thing at a time
    this.end(); // of the keyboard
    this.canvas.setPointerCapture(e.pointerId);
    const [x, y] = this.view.toVoxel(px, py);
    const right = e.button === 2;
    if (e.button === 1 || (e.button === 0 && this.space)) {
      this.#drag = { pointer: e.pointerId, what: 'pan', px, py };
    } else if (right && e.shiftKey) {
      this.#drag = { pointer: e.pointerId, what: 'window', px, py, from: this.stage.window };
    } else if (e.altKey && e.button === 0) {
      this.#pick(x, y);
    } else if (e.button === 0 || right || e.buttons & ERASER_BUTTON) {
      const erase = right || e.ctrlKey || e.metaKey || (e.buttons & ERASER_BUTTON) !== 0;
      if (this.begin(x, y, erase)) this.#drag = { pointer: e.pointerId, what: 'stroke' };
    }
  }

  #move(e) {
    const [px, py] = this.#at(e);
    if (this.#fingers.has(e.pointerId) && this.#fingers.size > 1) return this.#pinch(e, px, py);
    if (e.pointerType !== 'touch') this.cursor.at(px, py);
    const drag = this.#drag;
    if (!drag || drag.pointer !== e.pointerId) return null;
    if (drag.what === 'stroke') {
      // A browser reports a pointer once a frame; what lay between is in the coalesced events.
      const all = e.getCoalescedEvents?.() ?? [];
      for (const one of all.length > 0 ? all : [e]) {
        if (this.#stroke) this.#to(...this.view.toVoxel(...this.#at(one)), one.timeStamp);
      }
    } else if (drag.what === 'pan') {
      this.view.pan(px - drag.px, py - drag.py);
      Object.assign(drag, { px, py });
      this.layers.repaint();
    } else {
      this.#window(drag, px - drag.px, py - drag.py);
    }
    return null;
  }

  #up(e) {
    this.#fingers.delete(e.pointerId);
    if (this.#drag?.pointer !== e.pointerId) return;
    if (this.#drag.what === 'stroke') {
      if (e.type === 'pointerup') this.to(...this.view.toVoxel(...this.#at(e)));
      this.end();
    }
    this.#drag = null;
  }

  /** To the right wider, which is less contrast; up brighter. */
  #window({ from: [low, high] }, dx, dy) {
    const { volume } = this.stage;
    if (!volume) return;
    const unit = (volume.max - volume.min) / 500;
    const level = (low + high) / 2 + dy * unit;
    const width = Math.max((high - low) * 2 ** (dx / 200), unit / 2);
    this.actions.window(level - width / 2, level + width / 2);
  }

  #pick(x, y) {
    const { drawing, prediction } = this.stage;
    const { scan, classes } = this.store;
    const [ix, iy] = [Math.floor(x), Math.floor(y)];
    if (!drawing || ix < 0 || iy < 0 || ix >= scan.width || iy >= scan.height) return;
    const drawn = drawing.labels[iy * scan.width + ix];
    // Where nothing is drawn, what the model sees there.
    const label = drawn === UNLABELLED ? prediction?.classes[iy * scan.width + ix] : drawn;
    if (label === undefined) return void note('Nothing is drawn or predicted there.');
    this.actions.label(label);
    note(`Picked ${classes[label]?.name}.`);
  }

  // ---- fingers

  /** @return whether a finger is no stroke: the second of two, or the palm beside a pen */
  #touch(e, px, py) {
    this.#fingers.set(e.pointerId, [px, py]);
    if (this.#fingers.size === 1 && !this.#penSeen) return false;
    if (this.#fingers.size === 1) {
      this.#drag ??= { pointer: e.pointerId, what: 'pan', px, py };
    } else {
      // The first finger of two draws for a moment, which was not meant.
      if (this.#drag?.what === 'stroke' && this.#fingers.has(this.#drag.pointer)) this.#cancel();
      if (this.#drag?.what !== 'stroke' || !this.#stroke) this.#drag = null;
    }
    return true;
  }

  #pinch(e, px, py) {
    const before = [...this.#fingers.values()].slice(0, 2);
    this.#fingers.set(e.pointerId, [px, py]);
    const after = [...this.#fingers.values()].slice(0, 2);
    const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const apart = ([a, b]) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
    const [mx, my] = middle(before);
    const [nx, ny] = middle(after);
    this.view.pan(nx - mx, ny - my);
    this.view.zoomAt(apart(after) / apart(before), nx, ny);
    this.layers.repaint();
  }

  #wheel(e) {
    e.preventDefault();
    const [px, py] = this.#at(e);
    // Shift turns a wheel sideways in some browsers.
    const delta = e.deltaY || e.deltaX;
    if (delta === 0) return;
    if (e.ctrlKey || e.metaKey) {
      this.actions.zoom(2 ** (-delta / 300), px, py);
      this.cursor.at(px, py);
    } else if (e.shiftKey) {
      this.actions.brush(delta < 0 ? 1 : -1);
    } else if (!this.#stroke) {
      // Scrolling while painting would draw on two slices.
      this.#notches(delta);
    }
  }

  #rolled = 0;

  /** A wheel's notch is a slice; a touch pad's many small steps are one together. */
  #notches(delta) {
    if (Math.abs(delta) >= 50) {
      this.#rolled = 0;
      this.actions.slice(delta > 0 ? 1 : -1);
      return;
    }
    this.#rolled += delta;
    if (Math.abs(this.#rolled) < 50) return;
    this.actions.slice(this.#rolled > 0 ? 1 : -1);
    this.#rolled = 0;
  }
}
