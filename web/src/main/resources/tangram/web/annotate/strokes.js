// A stroke changes voxels of one slice and knows how to take that back. Histories belong to
// slices: undo never changes what is not in view.
import { Box, alongLine, anchor, footprint } from './brush.js';

/** Strokes that a slice remembers. */
const MOST = 200;

/** A stroke in the making. */
export class Stroke {
  #before = new Map();
  #cells;
  #last = null;

  /**
   * @param labels of the slice, row by row; changed in place
   * @param width of the slice
   * @param tool {label, brush, locked}; label is what is drawn, UNLABELLED to erase
   */
  constructor(labels, width, tool) {
    this.labels = labels;
    this.width = width;
    this.height = labels.length / width;
    this.label = tool.label;
    this.brush = tool.brush;
    this.locked = new Set(tool.locked);
    this.#cells = footprint(tool.brush);
  }

  /** Draws on to a point, in voxels. @return the Box of voxels that changed */
  to(x, y) {
    const box = new Box();
    if (this.#last === null) {
      this.#dab(...anchor(this.brush, x, y), box);
    } else {
      alongLine(this.brush, this.#last, [x, y], (ax, ay) => this.#dab(ax, ay, box));
    }
    this.#last = [x, y];
    return box;
  }

  #dab(ax, ay, box) {
    for (let i = 0; i < this.#cells.length; i += 2) {
      const x = ax + this.#cells[i];
      const y = ay + this.#cells[i + 1];
      if (x < 0 || y < 0 || x >= this.width || y >= this.height) continue;
      const at = y * this.width + x;
      const old = this.labels[at];
      if (old === this.label || this.locked.has(old)) continue;
      if (!this.#before.has(at)) this.#before.set(at, old);
      this.labels[at] = this.label;
      box.add(x, y);
    }
  }

  /** What changed; null if nothing did, which is no step to undo. */
  end() {
    const changed = [...this.#before];
    if (changed.length === 0) return null;
    return new Change(
      this.label,
      Int32Array.from(changed, ([at]) => at),
      Uint8Array.from(changed, ([, old]) => old),
    );
  }

  /** Takes back what was drawn so far. @return the Box of voxels that changed */
  cancel() {
    const change = this.end();
    this.#before.clear();
    return change ? change.undo(this.labels, this.width) : new Box();
  }
}

/** A finished stroke: where it drew what, and what was there. */
class Change {
  constructor(label, index, old) {
    this.label = label;
    this.index = index;
    this.old = old;
  }

  undo(labels, width) {
    this.index.forEach((at, i) => {
      labels[at] = this.old[i];
    });
    return this.#box(width);
  }

  redo(labels, width) {
    for (const at of this.index) labels[at] = this.label;
    return this.#box(width);
  }

  #box(width) {
    const box = new Box();
    for (const at of this.index) box.add(at % width, Math.floor(at / width));
    return box;
  }
}

/** The strokes of one slice that can be taken back and done again. */
export class History {
  #undo = [];
  #redo = [];

  add(change) {
    this.#undo.push(change);
    if (this.#undo.length > MOST) this.#undo.shift();
    this.#redo.length = 0;
  }

  /** The stroke that undo would take back, or redo would do again; undefined if there is none. */
  get undoable() {
    return this.#undo.at(-1);
  }

  get redoable() {
    return this.#redo.at(-1);
  }

  undo(labels, width) {
    const change = this.#undo.pop();
    this.#redo.push(change);
    return change.undo(labels, width);
  }

  redo(labels, width) {
    const change = this.#redo.pop();
    this.#undo.push(change);
    return change.redo(labels, width);
  }
}
