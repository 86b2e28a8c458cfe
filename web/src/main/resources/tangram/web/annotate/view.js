// Where voxels are on the screen. One transform, in CSS pixels, for all layers: zoom and window
// size change what is seen, never what is stored. Voxels are shown in the file's order, flipped
// only for display, with the aspect that their spacing gives.

const LARGEST_ZOOM = 64;

export class View {
  /** Size of the canvas. */
  width = 1;
  height = 1;
  /** Screen pixels of the shorter side of a voxel. */
  zoom = 1;
  /** Whether the slice fills the canvas, also after the canvas changes its size. */
  fitted = true;
  #scan = { width: 1, height: 1, spacing: [1, 1, 1], flipX: false, flipY: false };
  #centre = [0.5, 0.5];
  #step = [1, 1];

  /** Takes the geometry of a scan and fits it. */
  setScan(scan) {
    this.#scan = scan;
    const [, sy, sx] = scan.spacing;
    // Spacing that makes no sense must not hide the image.
    const known = sx > 0 && sy > 0 && Number.isFinite(sx / sy);
    const small = Math.min(sx, sy);
    this.#step = known ? [sx / small, sy / small] : [1, 1];
    this.fit();
  }

  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    if (this.fitted) this.fit();
  }

  get #fitZoom() {
    const w = this.#scan.width * this.#step[0];
    const h = this.#scan.height * this.#step[1];
    return Math.min(this.width / w, this.height / h);
  }

  fit() {
    this.fitted = true;
    this.zoom = this.#fitZoom;
    this.#centre = [this.#scan.width / 2, this.#scan.height / 2];
  }

  /** Screen pixels of a voxel along x and y; negative where the display is flipped. */
  get scale() {
    return [
      this.zoom * this.#step[0] * (this.#scan.flipX ? -1 : 1),
      this.zoom * this.#step[1] * (this.#scan.flipY ? -1 : 1),
    ];
  }

  /** Screen position of a point in voxels. */
  toScreen(x, y) {
    const [kx, ky] = this.scale;
    return [
      this.width / 2 + (x - this.#centre[0]) * kx,
      this.height / 2 + (y - this.#centre[1]) * ky,
    ];
  }

  /** Point in voxels, with fractions, of a screen position. */
  toVoxel(px, py) {
    const [kx, ky] = this.scale;
    return [
      this.#centre[0] + (px - this.width / 2) / kx,
      this.#centre[1] + (py - this.height / 2) / ky,
    ];
  }

  /** Zooms by a factor; the voxel at a screen position stays there. */
  zoomAt(factor, px, py) {
    const [x, y] = this.toVoxel(px, py);
    this.zoom = Math.max(this.#fitZoom / 4, Math.min(LARGEST_ZOOM, this.zoom * factor));
    const [nx, ny] = this.toScreen(x, y);
    this.pan(px - nx, py - ny);
  }

  /** Moves the image by screen pixels; its centre stays within the slice. */
  pan(dx, dy) {
    const [kx, ky] = this.scale;
    this.fitted = false;
    this.#centre = [
      Math.max(0, Math.min(this.#scan.width, this.#centre[0] - dx / kx)),
      Math.max(0, Math.min(this.#scan.height, this.#centre[1] - dy / ky)),
    ];
  }

  /** The transform from voxels to pixels of the device. */
  matrix(ratio) {
    const [kx, ky] = this.scale;
    const [e, f] = this.toScreen(0, 0);
    return [kx * ratio, 0, 0, ky * ratio, e * ratio, f * ratio];
  }
}
