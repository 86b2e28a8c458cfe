// A strip of cells, one for each slice or frame: a dot where something is drawn, a cross where
// there is nothing to draw, a bar as high as the model is unsure. A slider for the keyboard.

export class Strip {
  #asked = false;

  /**
   * @param canvas a slider
   * @param cells gives {at, all, cell}: the cell in view, how many there are, and cell(i) as
   *     {drawn, skipped, unsure}, where unsure is from 0 to 1 or undefined
   * @param choose shows a cell
   * @param word "slice" or "frame"
   */
  constructor(canvas, cells, choose, word) {
    Object.assign(this, { canvas, cells, choose, word });
    canvas.addEventListener('pointerdown', (e) => {
      canvas.setPointerCapture(e.pointerId);
      this.#pointed(e);
    });
    canvas.addEventListener('pointermove', (e) => {
      if (e.buttons & 1) this.#pointed(e);
    });
    canvas.addEventListener('wheel', (e) => {
      e.preventDefault();
      this.choose(this.cells().at + Math.sign(e.deltaY));
    }, { passive: false });
    canvas.addEventListener('keydown', (e) => this.#key(e));
    new ResizeObserver(() => this.refresh()).observe(canvas);
  }

  #pointed(e) {
    const box = this.canvas.getBoundingClientRect();
    const { all, at } = this.cells();
    const i = Math.floor(((e.clientX - box.left) / box.width) * all);
    if (i !== at) this.choose(Math.max(0, Math.min(all - 1, i)));
  }

  #key(e) {
    const { at, all } = this.cells();
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all - 1 }[e.key];
    if (to === undefined || e.shiftKey || e.ctrlKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    this.choose(to);
  }

  refresh() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#paint();
    });
  }

  #paint() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (width === 0) return;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const { at, all, cell } = this.cells();
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const step = width / all;
    const gap = step > 6 ? 2 : 0;
    for (let i = 0; i < all; i++) {
      this.#cell(context, cell(i), i * step, step - gap, height, i === at);
    }
    this.#say(at, all, cell(at));
  }

  #cell(context, { drawn, skipped, unsure }, x, w, height, isHere) {
    context.fillStyle = isHere ? '#4a525a' : '#262a2e';
    context.fillRect(x, 0, w, height);
    if (unsure !== undefined) {
      const bar = Math.max(1, Math.min(1, unsure) * (height - 2));
      context.fillStyle = '#b3a52f';
      context.fillRect(x, height - bar, w, bar);
    }
    const middle = x + w / 2;
    const r = Math.min(3.5, w / 2);
    context.fillStyle = '#f4f6f8';
    context.strokeStyle = '#0d0e0f';
    context.lineWidth = 1.5;
    if (drawn) {
      context.beginPath();
      context.arc(middle, 7, r, 0, 2 * Math.PI);
      context.stroke();
      context.fill();
    } else if (skipped) {
      context.strokeStyle = '#b8bec4';
      context.beginPath();
      context.moveTo(middle - r, 7 - r);
      context.lineTo(middle + r, 7 + r);
      context.moveTo(middle + r, 7 - r);
      context.lineTo(middle - r, 7 + r);
      context.stroke();
    }
    if (isHere) {
      context.strokeStyle = '#ffd866';
      context.lineWidth = 2;
      context.strokeRect(x + 1, 1, Math.max(1, w - 2), height - 2);
    }
  }

  #say(at, all, { drawn, skipped, unsure }) {
    const { canvas } = this;
    const words = [`${this.word} ${at + 1} of ${all}`];
    if (drawn) words.push('drawn');
    if (skipped) words.push('nothing to draw');
    if (unsure !== undefined) words.push(`${Math.round(100 * unsure)}% unsure`);
    canvas.setAttribute('aria-valuemax', String(all));
    canvas.setAttribute('aria-valuenow', String(at + 1));
    canvas.setAttribute('aria-valuetext', words.join(', '));
    canvas.title = 'White dot: drawn. Cross: nothing to draw. Yellow bar: how unsure the model is.';
  }
}
