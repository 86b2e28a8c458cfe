// Puts the parts of the page together. Each part is one idea in a file of its own:
//   api, link                what the program says
//   store, stage             what the page knows: the session, the slice in view
//   images, drawings, predictions   the data of slices
//   brush, strokes           what a stroke changes, and undo
//   view, layers, cursor     what is painted where
//   draw, keys, actions      what users do
//   topbar, scans, tools, train, strip, dialogs, messages   the panels
import { Actions } from './actions.js';
import { Api, keepToken } from './api.js';
import { Cursor } from './cursor.js';
import { Panels } from './dialogs.js';
import { byId, setText } from './dom.js';
import { Draw } from './draw.js';
import { Drawings } from './drawings.js';
import { Images } from './images.js';
import { Keys } from './keys.js';
import { Layers } from './layers.js';
import { Link } from './link.js';
import { note } from './messages.js';
import { Predictions } from './predictions.js';
import { Scans } from './scans.js';
import { Stage } from './stage.js';
import { Store } from './store.js';
import { Strip } from './strip.js';
import { Tools } from './tools.js';
import { TopBar } from './topbar.js';
import { Train } from './train.js';
import { View } from './view.js';

const token = keepToken();
const api = new Api();
const store = new Store();
const images = new Images(api);
const drawings = new Drawings(api, store);
const predictions = new Predictions(api, store);
const stage = new Stage(store, images, drawings, predictions);
const view = new View();
const layers = new Layers(store, stage, view, byId('under'), byId('over'));
const canvas = byId('canvas');
const cursor = new Cursor(store, stage, view, canvas, byId('readout'));

const parts = { api, store, images, drawings, predictions, stage, view, layers, cursor, canvas };
parts.actions = new Actions(parts);
parts.draw = new Draw(parts);
parts.panels = new Panels(parts);
parts.bar = new TopBar(parts);
parts.lists = new Scans(parts);
parts.tools = new Tools(parts);
parts.train = new Train(parts);
new Keys(parts).list();
parts.link = new Link(parts);

/** The letters at the edges of the image: where right, left, front and back are. */
function edges() {
  for (const side of ['left', 'right', 'top', 'bottom']) {
    setText(byId(`edge-${side}`), store.scan?.edges?.[side] ?? '');
  }
}

/** How unsure the model is of a slice, on a scale that leaves room: half of all doubt fills a bar. */
const unsure = (place) => {
  const prediction = predictions.peek(place);
  return prediction && Math.min(1, 2 * prediction.meanEntropy);
};

const slices = new Strip(
  byId('slices'),
  () => {
    const { scan, frame, slice } = store.place;
    const its = store.scan ?? { depth: 1, drawn: [], skipped: [] };
    const cell = (z) => ({
      drawn: store.isDrawn(its, frame, z),
      skipped: store.isSkipped(its, frame, z),
      unsure: unsure({ scan, frame, slice: z }),
    });
    return { at: slice, all: its.depth, cell };
  },
  (slice) => parts.actions.go({ slice }),
  'slice',
);
const frames = new Strip(
  byId('frames'),
  () => {
    const { scan, frame, slice } = store.place;
    const its = store.scan ?? { frames: 1, drawn: [], skipped: [] };
    const cell = (t) => ({
      drawn: its.drawn.some(([drawnFrame]) => drawnFrame === t),
      skipped: false,
      unsure: unsure({ scan, frame: t, slice }),
    });
    return { at: frame, all: its.frames, cell };
  },
  (frame) => parts.actions.go({ frame }),
  'frame',
);
store.on('place session drawn prediction', () => {
  byId('frames-row').hidden = !(store.scan?.frames > 1);
  slices.refresh();
  frames.refresh();
});
store.on('session place', edges);
// Another scan, or the same one after its file has changed: the view is fitted to it.
let geometry = '';
store.on('session place', () => {
  const { width, height, spacing, flipX, flipY } = store.scan ?? {};
  const now = JSON.stringify([store.place.scan, width, height, spacing, flipX, flipY]);
  if (store.scan && now !== geometry) view.setScan(store.scan);
  geometry = now;
});
store.on('merged', () => {
  note('This slice was changed elsewhere too: both drawings are kept.');
  store.emit('drawing');
});

new ResizeObserver(() => {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = byId('stage');
  layers.resize(clientWidth, clientHeight, ratio);
  cursor.resize(clientWidth, clientHeight, ratio);
}).observe(byId('stage'));

window.addEventListener('beforeunload', (e) => {
  if (drawings.unsaved.length === 0) return;
  drawings.saveNow();
  e.preventDefault();
});
// Tabs that are put away may never wake up again.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') drawings.saveNow();
});

// For the console, and for tests, which must know where on the screen a voxel is.
window.annotate = {
  place: () => ({ ...store.place }),
  seen: () => Boolean(stage.volume && stage.drawing),
  ready: () => Boolean(stage.volume && stage.drawing) && store.link === 'ok',
  unsaved: () => drawings.unsaved.length,
  screenOf(x, y) {
    const box = canvas.getBoundingClientRect();
    const [px, py] = view.toScreen(x, y);
    return [box.left + px, box.top + py];
  },
};

canvas.focus();
parts.link.start(token);
