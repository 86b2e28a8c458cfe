// What the page knows: the session as the server told it, the place in view, the tool in hand and
// what is shown. Parts change it by `set...` and `emit`; parts that show it listen by topic.

/** Unlabelled, as the page and the program exchange it. */
export const UNLABELLED = 255;
export const MAX_BRUSH = 40;

export class Store {
  #listeners = new Map();

  /** As of GET /api/session. */
  session = null;
  place = { scan: 0, frame: 0, slice: 0 };
  tool = { label: 1, erase: false, brush: 3, locked: new Set() };
  show = { scribbles: true, prediction: 'outline', uncertainty: false, smooth: true, opacity: 0.45 };
  /** Chosen windows by scan: [low, high] in the scan's values. */
  windows = new Map();
  playing = false;
  /** 'starting', 'ok', 'lost' (nothing answers), 'elsewhere' (another tab), 'refused' (old token). */
  link = 'starting';
  next = [];

  /** Calls a listener after each change of the topics, "session place" say. */
  on(topics, listener) {
    for (const topic of topics.split(' ')) {
      if (!this.#listeners.has(topic)) this.#listeners.set(topic, []);
      this.#listeners.get(topic).push(listener);
    }
  }

  emit(topic) {
    for (const listener of this.#listeners.get(topic) ?? []) listener();
  }

  get scans() {
    return this.session?.scans ?? [];
  }

  get classes() {
    return this.session?.classes ?? [];
  }

  /** The scan in view; undefined while there is none. */
  get scan() {
    return this.scans[this.place.scan];
  }

  setSession(session) {
    const first = this.session === null;
    const classes = JSON.stringify(this.classes);
    this.session = session;
    if (first) {
      for (const [id, range] of Object.entries(session.windows ?? {})) {
        this.windows.set(Number(id), range);
      }
    }
    if (this.tool.label >= session.classes.length) this.tool.label = session.classes.length - 1;
    if (JSON.stringify(session.classes) !== classes) this.emit('classes');
    this.emit('session');
  }

  setLink(link) {
    if (this.link === link) return;
    this.link = link;
    this.emit('link');
  }

  setTool(change) {
    Object.assign(this.tool, change);
    this.tool.brush = Math.max(1, Math.min(MAX_BRUSH, Math.round(this.tool.brush)));
    this.emit('tool');
  }

  setShow(change) {
    Object.assign(this.show, change);
    this.emit('show');
  }

  /** Notes how many voxels of a slice are labelled, as the next session will say. */
  setDrawn(place, voxels) {
    const scan = this.scans[place.scan];
    scan.drawn = scan.drawn.filter(([t, z]) => t !== place.frame || z !== place.slice);
    if (voxels > 0) scan.drawn.push([place.frame, place.slice, voxels]);
    this.emit('drawn');
  }

  isDrawn(scan, frame, slice) {
    return scan.drawn.some(([t, z]) => t === frame && z === slice);
  }

  isSkipped(scan, frame, slice) {
    return scan.skipped.some(([t, z]) => t === frame && z === slice);
  }

  /** Why nothing can be drawn on a scan, as a sentence; null if it can. */
  whyNot(scan = this.scan) {
    if (!scan) return 'There is no scan to draw on.';
    if (this.session.readOnly) return this.session.readOnly;
    if (this.link === 'elsewhere') return 'This session is open in another tab: take over to draw here.';
    if (scan.state === 'question') return 'Answer the question about this scan first.';
    if (scan.state !== 'ok') return scan.reason ?? 'This scan cannot be drawn on.';
    return null;
  }
}

export const samePlace = (a, b) => a.scan === b.scan && a.frame === b.frame && a.slice === b.slice;
export const keyOf = (place) => `${place.scan}/${place.frame}/${place.slice}`;
