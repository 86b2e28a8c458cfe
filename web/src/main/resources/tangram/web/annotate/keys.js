// The keys: one table, from which both the behaviour and the list of the help are made.
import { byId, el } from './dom.js';

const FAST = 8;

/** A key as the table names it: "Ctrl+Shift+Z", "Shift+ArrowUp", "[". */
function nameOf(e) {
  // AltGr types brackets on many keyboards; browsers report it as Ctrl and Alt.
  const typed = e.getModifierState('AltGraph');
  let key = e.key;
  const shifted = /^(Digit|Numpad)(\d)$/.exec(e.code);
  // Where digits need Shift, the keys are the same ones.
  if (shifted && !typed && !e.shiftKey) key = shifted[2];
  // Letters of other alphabets: the key in the same place.
  if (key.length === 1 && key > '~' && e.code.startsWith('Key')) key = e.code.slice(3);
  const letter = /^[a-z]$/i.test(key);
  if (letter) key = key.toUpperCase();
  if (key === ' ') key = 'Space';
  const ctrl = !typed && (e.ctrlKey || e.metaKey) ? 'Ctrl+' : '';
  const alt = !typed && e.altKey ? 'Alt+' : '';
  const shift = e.shiftKey && (letter || key.length > 1) ? 'Shift+' : '';
  return ctrl + alt + shift + key;
}

/** The keys in groups: [what the list says, does, keys, function]; `held` may be repeated. */
function table({ actions: a, cursor, draw, panels }) {
  const move = (dx, dy) => {
    cursor.move(dx, dy);
    draw.to(...cursor.voxel);
  };
  // A stroke in the making is finished first, or it would hold what undo took away.
  const back = () => (draw.end(), a.undo());
  const again = () => (draw.end(), a.redo());
  const pen = () => {
    if (draw.drawing) return draw.end();
    cursor.move(0, 0);
    return draw.begin(...cursor.voxel, false);
  };
  return [
    ['Draw', [
      ['0 – 9', 'choose a class', null],
      ['E', 'eraser on and off', { E: () => a.erase() }],
      ['[ ]  or Shift+wheel', 'smaller, larger brush', { '[': () => a.brush(-1), ']': () => a.brush(1) }, 'held'],
      ['L', 'lock the class: strokes leave it as it is', { L: () => a.lock() }],
      ['right button or Ctrl+drag', 'erase', null],
      ['Alt+click', 'pick the class there', null],
      ['Ctrl+Z', 'undo on this slice', { 'Ctrl+Z': back }, 'held'],
      ['Ctrl+Shift+Z, Ctrl+Y', 'redo', { 'Ctrl+Shift+Z': again, 'Ctrl+Y': again }, 'held'],
      ['Shift+arrows', 'move the brush by a voxel; with Ctrl by 8', {
        'Shift+ArrowLeft': () => move(-1, 0), 'Shift+ArrowRight': () => move(1, 0),
        'Shift+ArrowUp': () => move(0, -1), 'Shift+ArrowDown': () => move(0, 1),
        'Ctrl+Shift+ArrowLeft': () => move(-FAST, 0), 'Ctrl+Shift+ArrowRight': () => move(FAST, 0),
        'Ctrl+Shift+ArrowUp': () => move(0, -FAST), 'Ctrl+Shift+ArrowDown': () => move(0, FAST),
      }, 'held'],
      ['Enter', 'put the brush down, lift it', { Enter: pen }],
    ]],
    ['Go', [
      ['↑ ↓ or wheel', 'slice', { ArrowUp: () => a.slice(-1), ArrowDown: () => a.slice(1) }, 'held'],
      ['← →', 'frame', { ArrowLeft: () => a.frame(-1), ArrowRight: () => a.frame(1) }, 'held'],
      [', .', 'scan', { ',': () => a.scan(-1), '.': () => a.scan(1) }],
      ['N', 'next slice that is worth drawing on', { N: () => a.goNext() }],
      ['X', 'nothing to draw on this slice', { X: () => a.skip() }],
      ['P', 'play the cine, stop it', { P: () => a.play() }],
    ]],
    ['See', [
      ['S', 'scribbles', { S: () => a.toggle('scribbles') }],
      ['D', 'prediction: off, outline, fill', { D: () => a.prediction() }],
      ['U', 'uncertainty', { U: () => a.toggle('uncertainty') }],
      ['Ctrl+wheel, + −', 'zoom', { '+': () => a.zoom(1.25), '=': () => a.zoom(1.25), '-': () => a.zoom(0.8) }, 'held'],
      ['Space+drag, middle button', 'move the image', null],
      ['F', 'fit the image', { F: () => a.fit() }],
      ['Shift+right-drag', 'contrast and brightness', null],
      ['A', 'contrast and brightness of their own accord', { A: () => a.autoWindow() }],
    ]],
    ['Learn', [
      ['T', 'update the model once', { T: () => a.train('once') }],
      ['?', 'this list', { '?': () => panels.help() }],
      ['Esc', 'close, leave a field', null],
    ]],
  ];
}

/** Whether keys belong to what has the focus. */
function isTyping(target, key) {
  if (target.matches('input[type=range]')) return /Arrow|Home|End|Page/.test(key);
  return target.matches('select, input:not([type=checkbox], [type=radio], [type=color]), textarea');
}

export class Keys {
  #actions = new Map();
  #held = new Set();

  constructor(parts) {
    this.parts = parts;
    this.groups = table(parts);
    for (const [, rows] of this.groups) {
      for (const [, , keys, held] of rows) {
        for (const [key, run] of Object.entries(keys ?? {})) {
          this.#actions.set(key, run);
          if (held) this.#held.add(key);
        }
      }
    }
    document.addEventListener('keydown', (e) => this.#down(e));
    document.addEventListener('keyup', (e) => {
      if (e.key === ' ') this.#space(false);
    });
    window.addEventListener('blur', () => this.#space(false));
    // A button that was clicked gives the keys back to the image; one reached by Tab keeps them.
    document.addEventListener('click', (e) => {
      const held = e.target.closest('select, input[type=range]');
      const button = !held && e.target.closest('button, input[type=checkbox], label');
      if (e.detail > 0 && button && !document.querySelector('dialog[open]')) parts.draw.canvas.focus();
    });
    // So does what was moved or chosen by a pointer.
    let pointed = false;
    document.addEventListener('pointerdown', () => (pointed = true), true);
    document.addEventListener('keydown', () => (pointed = false), true);
    document.addEventListener('change', (e) => {
      const chosen = pointed && e.target.matches('aside select, aside input[type=range]');
      if (chosen) parts.draw.canvas.focus();
    });
    document.addEventListener('close', () => pointed && parts.draw.canvas.focus(), true);
  }

  #space(down) {
    this.parts.draw.space = down;
    this.parts.draw.canvas.classList.toggle('pans', down);
  }

  #down(e) {
    if (document.querySelector('dialog[open]') || e.isComposing) return;
    const key = nameOf(e);
    if (isTyping(e.target, key)) {
      if (key === 'Escape') this.parts.draw.canvas.focus();
      return;
    }
    const onControl = e.target.closest('button, a, summary, select, input');
    if (key === 'Space' && !onControl) {
      this.#space(true);
      e.preventDefault();
      return;
    }
    if (onControl && (key === 'Enter' || key === 'Space')) return;
    const run = /^\d$/.test(key) ? () => this.parts.actions.label(Number(key)) : this.#actions.get(key);
    if (!run) return;
    e.preventDefault();
    if (!e.repeat || this.#held.has(key)) run();
  }

  /** Fills the list of the help. */
  list() {
    byId('help-keys').replaceChildren(
      ...this.groups.map(([title, rows]) =>
        el('section', {}, el('h3', { text: title }), el('dl', {}, ...rows.flatMap(([keys, does]) => [
          el('dt', { text: keys }),
          el('dd', { text: does }),
        ]))),
      ),
    );
  }
}
