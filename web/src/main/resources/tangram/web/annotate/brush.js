// The brush's geometry, in voxels of a slice. A voxel (x, y) covers [x, x+1) x [y, y+1).

/**
 * The voxels of a disc, relative to its anchor: pairs dx, dy. The centre of an odd diameter is the
 * centre of the anchor, that of an even one its first corner, so that every dab of a size is the
 * same shape and symmetrical.
 */
export function footprint(diameter) {
  const offset = diameter % 2 === 1 ? 0 : 0.5;
  const radius = diameter / 2;
  const reach = Math.ceil(radius);
  const cells = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      if (Math.hypot(dx + offset, dy + offset) < radius + 1e-9) cells.push(dx, dy);
    }
  }
  return Int32Array.from(cells);
}

/** The anchor of a disc whose centre is as near to a point as discs of its diameter can be. */
export function anchor(diameter, x, y) {
  const at = diameter % 2 === 1 ? Math.floor : Math.round;
  return [at(x), at(y)];
}

/**
 * Visits the anchors of dabs from one point to another, the first point excepted, in steps of half
 * a voxel: nothing is left out between two positions of a fast pointer.
 */
export function alongLine(diameter, from, to, visit) {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])));
  let last = null;
  for (let i = 1; i <= steps; i++) {
    const x = from[0] + ((to[0] - from[0]) * i) / steps;
    const y = from[1] + ((to[1] - from[1]) * i) / steps;
    const at = anchor(diameter, x, y);
    if (last === null || at[0] !== last[0] || at[1] !== last[1]) visit(at[0], at[1]);
    last = at;
  }
}

/**
 * Follows the sides between voxels where something differs, as a path in voxel units: the outline
 * of an area of a mask.
 * @param inside tells whether (x, y) belongs to the area; asked one voxel beyond the rectangle too
 */
export function outline(x0, y0, x1, y1, inside) {
  const path = new Path2D();
  // Sides in one line become one segment: fewer and longer ones draw faster.
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x < x1; x++) {
      if (inside(x, y - 1) === inside(x, y)) continue;
      const start = x;
      while (x + 1 < x1 && inside(x + 1, y - 1) !== inside(x + 1, y)) x++;
      path.moveTo(start, y);
      path.lineTo(x + 1, y);
    }
  }
  for (let x = x0; x <= x1; x++) {
    for (let y = y0; y < y1; y++) {
      if (inside(x - 1, y) === inside(x, y)) continue;
      const start = y;
      while (y + 1 < y1 && inside(x - 1, y + 1) !== inside(x, y + 1)) y++;
      path.moveTo(x, start);
      path.lineTo(x, y + 1);
    }
  }
  return path;
}

/** A rectangle of voxels that grows: {x0, y0, x1, y1}, the latter two excluded. */
export class Box {
  x0 = Infinity;
  y0 = Infinity;
  x1 = -Infinity;
  y1 = -Infinity;

  add(x, y) {
    if (x < this.x0) this.x0 = x;
    if (y < this.y0) this.y0 = y;
    if (x + 1 > this.x1) this.x1 = x + 1;
    if (y + 1 > this.y1) this.y1 = y + 1;
  }

  join(other) {
    if (other.isEmpty) return;
    this.add(other.x0, other.y0);
    this.add(other.x1 - 1, other.y1 - 1);
  }

  get isEmpty() {
    return this.x1 <= this.x0;
  }
}
