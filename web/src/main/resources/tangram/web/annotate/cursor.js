// Shows which voxels the brush would change, and says what lies under it. The keyboard moves it as
// well as the pointer.
import { anchor, footprint, outline } from './brush.js';
import { UNLABELLED } from './store.js';
import { percent, setText } from './dom.js';
import { valueAt } from './images.js';

export class Cursor {
  #context;
  #ratio = 1;
  #shape = null;
  #shapeOf = 0;
  #painted = null;
  #asked = false;

  /** The brush's place in voxels, with fractions; null while the pointer is elsewhere. */
  voxel = null;

  constructor(store, stage, view, canvas, readout) {
    Object.assign(this, { store, stage, view, readout });
    this.#context = canvas.getContext('2d');
    store.on('tool stage overlay', () => this.#ask());
  }

  resize(width, height, ratio) {
    this.#ratio = ratio;
    this.#context.canvas.width = Math.round(width * ratio);
    this.#context.canvas.height = Math.round(height * ratio);
    this.#painted = null;
  }

  /** Moves it to a position on the screen. */
  at(px, py) {
    this.voxel = this.view.toVoxel(px, py);
    this.#ask();
  }

  /** Moves it by voxels, from the centre of the slice if it is nowhere. */
  move(dx, dy) {
    const { width, height } = this.store.scan;
    const [x, y] = this.voxel ?? [width / 2, height / 2];
    this.voxel = [
      Math.max(0.5, Math.min(width - 0.5, Math.floor(x) + 0.5 + dx)),
      Math.max(0.5, Math.min(height - 0.5, Math.floor(y) + 0.5 + dy)),
    ];
    this.#ask();
  }

  hide() {
    this.voxel = null;
    this.#ask();
  }

  #ask() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#paint();
    });
  }

  #paint() {
    const context = this.#context;
    if (this.#painted) context.clearRect(...this.#painted);
    this.#painted = null;
    const { scan, tool } = this.store;
    setText(this.readout, this.#words());
    if (!this.voxel || !scan) return;
    if (this.#shapeOf !== tool.brush) this.#reshape(tool.brush);
    const [ax, ay] = anchor(tool.brush, ...this.voxel);
    const matrix = new DOMMatrix(this.view.matrix(this.#ratio)).translate(ax, ay);
    const placed = new Path2D();
    placed.addPath(this.#shape, matrix);
    const colour = tool.erase ? '#ffffff' : this.store.classes[tool.label]?.colour;
    context.lineWidth = 3 * this.#ratio;
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)';
    context.stroke(placed);
    context.lineWidth = 1.5 * this.#ratio;
    context.strokeStyle = colour ?? '#ffffff';
    context.setLineDash(tool.erase ? [4 * this.#ratio, 3 * this.#ratio] : []);
    context.stroke(placed);
    context.setLineDash([]);
    this.#painted = this.#around(matrix, tool.brush);
  }

  #reshape(brush) {
    const cells = footprint(brush);
    const reach = brush + 1;
    const mask = new Set();
    for (let i = 0; i < cells.length; i += 2) mask.add(cells[i] * 1000 + cells[i + 1]);
    this.#shape = outline(-reach, -reach, reach, reach, (x, y) => mask.has(x * 1000 + y));
    this.#shapeOf = brush;
  }

  #around(matrix, brush) {
    const reach = brush / 2 + 1;
    const a = matrix.transformPoint(new DOMPoint(-reach, -reach));
    const b = matrix.transformPoint(new DOMPoint(reach, reach));
    const pad = 4 * this.#ratio;
    return [
      Math.min(a.x, b.x) - pad,
      Math.min(a.y, b.y) - pad,
      Math.abs(a.x - b.x) + 2 * pad,
      Math.abs(a.y - b.y) + 2 * pad,
    ];
  }

  #words() {
    const { scan, classes, place } = this.store;
    const { volume, drawing, prediction } = this.stage;
    if (!this.voxel || !scan || !volume) return '';
    const [x, y] = this.voxel.map(Math.floor);
    if (x < 0 || y < 0 || x >= scan.width || y >= scan.height) return '';
    const at = y * scan.width + x;
    const value = valueAt(volume, place.slice * scan.width * scan.height + at);
    const words = [`x ${x} y ${y}`, `value ${Number(value.toPrecision(4))}`];
    const drawn = drawing?.labels[at] ?? UNLABELLED;
    if (drawn !== UNLABELLED) words.push(`drawn ${classes[drawn]?.name}`);
    if (prediction) {
      const name = classes[prediction.classes[at]]?.name;
      words.push(`predicted ${name}, ${percent(prediction.entropy[at] / 255)} unsure`);
    }
    return words.join(' · ');
  }
}
