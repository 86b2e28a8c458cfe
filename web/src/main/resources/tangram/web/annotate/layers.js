// Paints the slice in view. Every layer is a canvas of the slice's own size, drawn by the one
// transform of the view. Two canvases lie upon each other on the screen, so that a stroke repaints
// a few pixels of the upper one and leaves image and prediction alone.
import { Box, outline } from './brush.js';
import { paintGreys } from './images.js';
import { UNLABELLED } from './store.js';

/** Yellow of Okabe and Ito's palette, as ABGR without opacity. */
const UNSURE = 0x42e4f0;

/** "#RRGGBB" as opaque ABGR, the order of a canvas's bytes in a 32-bit number. */
function abgr(colour) {
  const rgb = parseInt(colour.slice(1), 16);
  return (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

/** A canvas of a slice's size with its pixels. */
class Layer {
  constructor() {
    this.canvas = document.createElement('canvas');
    this.context = this.canvas.getContext('2d');
  }

  size(width, height) {
    if (this.canvas.width === width && this.canvas.height === height && this.image) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Shows the pixels, of a box or all. */
  put(box) {
    if (box) {
      const { x0, y0, x1, y1 } = box;
      this.context.putImageData(this.image, 0, 0, x0, y0, x1 - x0, y1 - y0);
    } else {
      this.context.putImageData(this.image, 0, 0);
    }
  }
}

export class Layers {
  #image = new Layer();
  #fill = new Layer();
  #unsure = new Layer();
  #scribbles = new Layer();
  #outlines = [];
  #under;
  #over;
  #ratio = 1;
  #dirtyUnder = true;
  /** What of the scribbles is to be painted: null nothing, 'all', or a Box. */
  #dirtyOver = 'all';
  #asked = false;
  #painted = [];

  constructor(store, stage, view, under, over) {
    Object.assign(this, { store, stage, view });
    this.#under = under.getContext('2d', { alpha: false });
    this.#over = over.getContext('2d');
    store.on('stage', () => this.#all());
    store.on('overlay classes', () => this.#refreshOverlay());
    store.on('window', () => this.#refreshImage());
    store.on('show', () => this.repaint());
    store.on('drawing', () => this.#refreshScribbles());
  }

  get #colours() {
    return this.store.classes.map((c) => abgr(c.colour));
  }

  #all() {
    const { scan } = this.store;
    // A scan that cannot be read has no size.
    if (scan?.width > 0) {
      for (const layer of [this.#image, this.#fill, this.#unsure, this.#scribbles]) {
        layer.size(scan.width, scan.height);
      }
      this.#refreshImage();
      this.#refreshOverlay();
      this.#refreshScribbles();
    }
    this.repaint();
  }

  #refreshImage() {
    const { volume } = this.stage;
    if (!volume) return;
    paintGreys(volume, this.store.place.slice, this.stage.window, this.#image.pixels);
    this.#image.put();
    this.repaint();
  }

  #refreshOverlay() {
    const { prediction } = this.stage;
    this.#outlines = [];
    if (prediction && this.#fill.pixels?.length === prediction.classes.length) {
      const colours = this.#colours;
      const { classes, entropy } = prediction;
      const boxes = colours.map(() => new Box());
      const { width } = this.store.scan;
      for (let i = 0; i < classes.length; i++) {
        const c = classes[i];
        // Background is clear.
        this.#fill.pixels[i] = c > 0 ? (colours[c] ?? 0) : 0;
        this.#unsure.pixels[i] = ((entropy[i] << 24) | UNSURE) >>> 0;
        if (c > 0) boxes[c]?.add(i % width, Math.floor(i / width));
      }
      this.#fill.put();
      this.#unsure.put();
      this.#outlines = this.#classOutlines(classes, width, boxes);
    }
    // Colours of scribbles may have changed as well.
    this.#refreshScribbles();
    this.repaint();
  }

  #classOutlines(classes, width, boxes) {
    const { height } = this.store.scan;
    const lines = [];
    boxes.forEach((box, c) => {
      if (box.isEmpty) return;
      const inside = (x, y) =>
        x >= 0 && y >= 0 && x < width && y < height && classes[y * width + x] === c;
      const path = outline(box.x0, box.y0, box.x1, box.y1, inside);
      lines.push({ colour: this.store.classes[c].colour, path });
    });
    return lines;
  }

  #refreshScribbles(box) {
    const { drawing } = this.stage;
    if (!drawing || this.#scribbles.pixels?.length !== drawing.labels.length) return;
    const { pixels } = this.#scribbles;
    const { labels, width } = drawing;
    const colours = this.#colours;
    const { x0, y0, x1, y1 } = box ?? { x0: 0, y0: 0, x1: width, y1: labels.length / width };
    for (let y = y0; y < y1; y++) {
      for (let at = y * width + x0; at < y * width + x1; at++) {
        pixels[at] = labels[at] === UNLABELLED ? 0 : (colours[labels[at]] ?? 0);
      }
    }
    this.#scribbles.put(box);
    if (!box) this.#dirtyOver = 'all';
    this.#ask();
  }

  /** Labels within a box have changed. @param painted is called with the time of painting */
  scribbled(box, painted) {
    if (!box.isEmpty) {
      this.#refreshScribbles(box);
      if (this.#dirtyOver === null) this.#dirtyOver = new Box();
      if (this.#dirtyOver !== 'all') this.#dirtyOver.join(box);
    }
    if (painted) this.#painted.push(painted);
    this.#ask();
  }

  /** The view has changed: everything is painted anew. */
  repaint() {
    this.#dirtyUnder = true;
    this.#dirtyOver = 'all';
    this.#ask();
  }

  /** Takes the size of the canvases on the screen. */
  resize(width, height, ratio) {
    this.#ratio = ratio;
    for (const { canvas } of [this.#under, this.#over]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.view.resize(width, height);
    this.repaint();
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      if (this.#dirtyUnder) this.#paintUnder();
      if (this.#dirtyOver !== null) this.#paintOver(this.#dirtyOver);
      this.#dirtyUnder = false;
      this.#dirtyOver = null;
      for (const painted of this.#painted.splice(0)) painted(performance.now());
    });
  }

  #paintUnder() {
    const context = this.#under;
    const { show, playing } = this.store;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#0a0b0c';
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    if (!this.stage.volume || !this.#image.image) return;
    const matrix = this.view.matrix(this.#ratio);
    context.setTransform(...matrix);
    context.imageSmoothingEnabled = show.smooth;
    context.imageSmoothingQuality = playing ? 'low' : 'high';
    context.drawImage(this.#image.canvas, 0, 0);
    if (!this.stage.prediction) return;
    context.imageSmoothingEnabled = false;
    // Doubt is faint by itself.
    context.globalAlpha = Math.min(1, show.opacity + 0.35);
    if (show.uncertainty) context.drawImage(this.#unsure.canvas, 0, 0);
    context.globalAlpha = show.opacity;
    if (show.prediction === 'fill') context.drawImage(this.#fill.canvas, 0, 0);
    context.globalAlpha = 1;
    if (show.prediction === 'outline') this.#paintOutlines(context, matrix);
  }

  #paintOutlines(context, matrix) {
    // Lines are as wide on the screen at any zoom; a dark seam keeps them apart from bright tissue.
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.lineJoin = 'round';
    for (const { colour, path } of this.#outlines) {
      const placed = new Path2D();
      placed.addPath(path, new DOMMatrix(matrix));
      context.lineWidth = 3 * this.#ratio;
      context.strokeStyle = 'rgba(0, 0, 0, 0.45)';
      context.stroke(placed);
      context.lineWidth = 1.5 * this.#ratio;
      context.strokeStyle = colour;
      context.stroke(placed);
    }
  }

  #paintOver(dirty) {
    const context = this.#over;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.save();
    if (dirty === 'all') {
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    } else {
      const [x, y, w, h] = this.#onScreen(dirty);
      context.beginPath();
      context.rect(x, y, w, h);
      context.clip();
      context.clearRect(x, y, w, h);
    }
    if (this.store.show.scribbles && this.stage.drawing && this.stage.volume) {
      context.setTransform(...this.view.matrix(this.#ratio));
      context.imageSmoothingEnabled = false;
      context.drawImage(this.#scribbles.canvas, 0, 0);
    }
    context.restore();
  }

  /** The whole pixels of the screen that a box of voxels touches. */
  #onScreen({ x0, y0, x1, y1 }) {
    const a = this.view.toScreen(x0, y0);
    const b = this.view.toScreen(x1, y1);
    const left = Math.floor(Math.min(a[0], b[0]) * this.#ratio) - 1;
    const top = Math.floor(Math.min(a[1], b[1]) * this.#ratio) - 1;
    const right = Math.ceil(Math.max(a[0], b[0]) * this.#ratio) + 1;
    const bottom = Math.ceil(Math.max(a[1], b[1]) * this.#ratio) + 1;
    return [left, top, right - left, bottom - top];
  }
}
