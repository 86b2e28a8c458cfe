// The tools: classes, eraser, brush, what is shown, and the grey values' window.
import { byId, el, keyed, setText } from './dom.js';

const STEPS = 1000;

export class Tools {
  constructor({ store, stage, actions, panels }) {
    Object.assign(this, { store, stage, actions });
    this.#wire(actions, store, panels);
    store.on('session tool', () => this.#classes());
    store.on('tool', () => this.#brush());
    store.on('show', () => this.#show());
    store.on('stage window', () => this.#window());
    store.on('stage history session', () => this.#history());
    this.#brush();
    this.#show();
  }

  #wire(actions, store, panels) {
    const click = (id, f) => byId(id).addEventListener('click', f);
    click('eraser', () => actions.erase());
    click('lock', () => actions.lock());
    click('undo', () => actions.undo());
    click('redo', () => actions.redo());
    click('edit-classes', () => panels.classes());
    click('window-auto', () => actions.autoWindow());
    byId('brush').addEventListener('input', (e) => store.setTool({ brush: Number(e.target.value) }));
    for (const what of ['scribbles', 'uncertainty', 'smooth']) {
      byId(`show-${what}`).addEventListener('change', () => actions.toggle(what));
    }
    byId('show-prediction').addEventListener('change', (e) =>
      store.setShow({ prediction: e.target.value }),
    );
    byId('opacity').addEventListener('input', (e) => store.setShow({ opacity: Number(e.target.value) }));
    for (const [id, end] of [['window-low', 0], ['window-high', 1]]) {
      byId(id).addEventListener('input', (e) => this.#slid(end, Number(e.target.value) / STEPS));
    }
  }

  #classes() {
    const { store, actions } = this;
    const { tool } = store;
    if (store.classes.length === 0) return;
    keyed(
      byId('classes'),
      store.classes,
      (c) => c.id,
      (c) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', class: 'item', on: { click: () => actions.label(c.id) } },
            el('kbd', { text: c.id < 10 ? String(c.id) : '\u2007' }),
            el('span', { class: 'swatch', 'aria-hidden': 'true' }),
            el('span', { class: 'name' }),
            el('span', { class: 'more' }),
          ),
        ),
      (node, c) => {
        const button = node.firstChild;
        const [, swatch, name, more] = button.children;
        swatch.style.backgroundColor = c.colour;
        setText(name, c.name);
        setText(more, tool.locked.has(c.id) ? 'locked' : '');
        button.title = c.name;
        button.setAttribute('aria-pressed', String(!tool.erase && tool.label === c.id));
      },
    );
    const locked = tool.locked.has(tool.label);
    const { name } = store.classes[tool.label];
    byId('lock').setAttribute('aria-pressed', String(locked));
    byId('lock').title = locked
      ? `${name} is locked: strokes leave it as it is (L)`
      : `Lock ${name}: strokes then leave it as it is (L)`;
    byId('eraser').setAttribute('aria-pressed', String(tool.erase));
  }

  #brush() {
    byId('brush').value = this.store.tool.brush;
    setText(byId('brush-text'), `${this.store.tool.brush} px`);
  }

  #show() {
    const { show } = this.store;
    for (const what of ['scribbles', 'uncertainty', 'smooth']) byId(`show-${what}`).checked = show[what];
    byId('show-prediction').value = show.prediction;
    byId('opacity').value = show.opacity;
    setText(byId('opacity-text'), `${Math.round(100 * show.opacity)}%`);
  }

  #window() {
    const { volume, window } = this.stage;
    for (const [id, text, value] of [
      ['window-low', 'low-text', window[0]],
      ['window-high', 'high-text', window[1]],
    ]) {
      byId(id).disabled = !volume;
      if (!volume) continue;
      byId(id).value = Math.round((STEPS * (value - volume.min)) / (volume.max - volume.min || 1));
      setText(byId(text), String(Number(value.toPrecision(3))));
    }
  }

  #slid(end, part) {
    const { volume, window } = this.stage;
    const value = volume.min + part * (volume.max - volume.min);
    const [low, high] = window;
    if (end === 0) this.actions.window(Math.min(value, high), high);
    else this.actions.window(low, Math.max(value, low));
  }

  #history() {
    const { drawing } = this.stage;
    for (const [id, change, key] of [
      ['undo', drawing?.history.undoable, 'Ctrl+Z'],
      ['redo', drawing?.history.redoable, 'Ctrl+Shift+Z'],
    ]) {
      const word = id === 'undo' ? 'Undo' : 'Redo';
      const node = byId(id);
      node.title = change
        ? `${word}: ${this.actions.describe(change)} (${key})`
        : `Nothing to ${id} on this slice (${key})`;
      // Not `disabled`, which would lose the focus of who undoes by keyboard.
      node.setAttribute('aria-disabled', String(!change));
    }
  }
}
