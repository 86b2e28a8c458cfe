// What the model does: its progress, its losses, and what can be said of it without a truth.
import { byId, count, el, keyed, percent, setText } from './dom.js';
import { ago } from './topbar.js';

const POINTS = 120;

export class Train {
  constructor({ store, actions, panels }) {
    Object.assign(this, { store, actions });
    byId('update').addEventListener('click', () => actions.train('once'));
    byId('stop').addEventListener('click', () => actions.stopTraining());
    byId('keep').addEventListener('change', async (e) => {
      await (e.target.checked ? actions.train('keep') : actions.stopTraining());
      this.#training();
    });
    byId('back').addEventListener('change', (e) => actions.back(Number(e.target.value)));
    byId('fully').addEventListener('click', () => panels.fully());
    byId('export').addEventListener('click', () => panels.export());
    store.on('training', () => this.#training());
    store.on('session', () => {
      if (!store.session) return;
      this.#training();
      this.#agreement();
      this.#truth();
      this.#models();
    });
  }

  #training() {
    const { training } = this.store.session;
    const { state } = training;
    const running = state !== 'idle';
    byId('update').hidden = running;
    byId('stop').hidden = !running;
    byId('keep').checked = state === 'running' && training.mode === 'keep';
    byId('keep').disabled = state === 'full' || (running && training.mode === 'once');
    byId('fully').disabled = running;
    this.#progress(training);
    setText(byId('train-note'), training.note ?? '');
    this.#losses(training.losses ?? []);
    this.#run(training);
  }

  #progress({ state, step, steps, secondsLeft, runUrl }) {
    let text = '';
    let part = 0;
    if (state === 'full') {
      text = runUrl ? 'training fully; its page shows how far it is' : 'training fully: getting ready…';
    } else if (state === 'running' && steps > 0) {
      const left = secondsLeft === null ? '' : `, ${ago(1000 * secondsLeft)} left`;
      text = `step ${step}/${steps}${left}`;
      part = step / steps;
    } else if (state === 'running') {
      text = 'getting ready…';
    }
    setText(byId('train-text'), text);
    byId('progress').value = part;
    byId('progress').classList.toggle('idle', state !== 'running');
  }

  #losses(losses) {
    const all = losses.filter(Number.isFinite);
    const each = Math.max(1, Math.ceil(all.length / POINTS));
    const points = [];
    for (let i = 0; i < all.length; i += each) {
      const part = all.slice(i, i + each);
      points.push(part.reduce((a, b) => a + b, 0) / part.length);
    }
    // Some losses are below zero, as that of the contrast may be.
    const low = Math.min(...points, 0);
    const high = Math.max(...points, low + 1e-9);
    const x = (i) => (points.length > 1 ? (100 * i) / (points.length - 1) : 0);
    const y = (loss) => 23 - (22 * (loss - low)) / (high - low);
    byId('loss-line').setAttribute(
      'points',
      points.map((loss, i) => `${x(i).toFixed(1)},${y(loss).toFixed(1)}`).join(' '),
    );
    const words =
      all.length > 1
        ? `Loss of ${count(all.length, 'step')}: from ${points[0].toFixed(2)} to ${points.at(-1).toFixed(2)}`
        : 'No losses yet';
    byId('losses').setAttribute('aria-label', words);
    byId('losses').classList.toggle('none', all.length < 2);
    byId('losses').parentElement.title = words;
  }

  #run({ run, runUrl }) {
    const node = byId('run-text');
    node.hidden = !run;
    if (!run) return;
    // Only an address of this machine's program becomes a link.
    const link = runUrl && /^(https?:\/\/(127\.0\.0\.1|localhost)[:/]|\/)/.test(runUrl);
    const key = `${run} ${runUrl}`;
    if (node.dataset.shown === key) return;
    node.dataset.shown = key;
    node.replaceChildren('Full run: ', el('code', { text: run }));
    if (link) {
      node.append(' ', el('a', { href: runUrl, target: '_blank', rel: 'noopener', text: 'its page' }));
    }
  }

  #agreement() {
    const { agreement, heldOut, decoders, changed, settled } = this.store.session;
    this.#parts('agreement', agreement ?? []);
    this.#parts('held', heldOut ?? []);
    byId('held-hint').hidden = !this.#couldHoldOut();
    const words = [];
    if (Number.isFinite(decoders)) words.push(`Decoders agree ${percent(decoders)}.`);
    if (Number.isFinite(changed)) {
      const part = changed < 0.1 ? `${(100 * changed).toFixed(1)}%` : percent(changed);
      words.push(`${part} of voxels changed since the last model.`);
    }
    if (settled) words.push('Settled: another update would change little.');
    setText(byId('settled'), words.join(' '));
  }

  /** Whether enough patients are drawn on that one could test the model. */
  #couldHoldOut() {
    const { scans } = this.store;
    const drawn = new Set(scans.filter((s) => s.drawn.length > 0).map((s) => s.patient));
    return drawn.size >= 4 && scans.every((s) => s.role !== 'heldOut');
  }

  /** The total first, then a row for each class: a bar, and in words how many pixels it is of. */
  #parts(id, parts) {
    byId(`${id}-part`).hidden = parts.length === 0;
    const voxels = parts.reduce((n, p) => n + p.voxels, 0);
    const agreed = parts.reduce((n, p) => n + p.part * p.voxels, 0);
    const rows = [{ id: 'all', part: voxels > 0 ? agreed / voxels : NaN, voxels }, ...parts];
    keyed(
      byId(id).tBodies[0],
      parts.length > 0 ? rows : [],
      (p) => p.id,
      () => el('tr', {}, el('th', { scope: 'row' }), el('td', {}, el('meter', { min: 0, max: 1 })), el('td'), el('td')),
      (row, p) => {
        const [name, bar, part, of] = row.children;
        setText(name, p.id === 'all' ? 'all' : (this.store.classes[p.id]?.name ?? '?'));
        bar.firstChild.value = Number.isFinite(p.part) ? p.part : 0;
        bar.firstChild.setAttribute('aria-hidden', 'true');
        setText(part, percent(p.part));
        setText(of, `of ${p.voxels} px`);
      },
    );
  }

  #truth() {
    const { session, classes } = this.store;
    const truth = session.truth ?? [];
    byId('truth-part').hidden = truth.length === 0;
    const mean = (values) => {
      const known = values.filter(Number.isFinite);
      return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : NaN;
    };
    const rows = classes.slice(1).map((c) => ({
      name: c.name,
      dice: mean(truth.map((t) => t.dice[c.id] ?? NaN)),
      hd95: mean(truth.map((t) => t.hd95[c.id] ?? NaN)),
    }));
    keyed(
      byId('truth').tBodies[0],
      truth.length > 0 ? rows : [],
      (r, i) => i,
      () => el('tr', {}, el('th', { scope: 'row' }), el('td'), el('td')),
      (row, r) => {
        setText(row.children[0], r.name);
        setText(row.children[1], Number.isFinite(r.dice) ? r.dice.toFixed(3) : '–');
        setText(row.children[2], Number.isFinite(r.hd95) ? `${r.hd95.toFixed(1)} mm` : '–');
      },
    );
  }

  #models() {
    const { number, kept } = this.store.session.model;
    const earlier = (kept ?? []).filter((n) => n !== number);
    byId('back-field').hidden = earlier.length === 0;
    const all = [...new Set([number, ...earlier])].sort((a, b) => b - a);
    keyed(
      byId('back'),
      all,
      (n) => n,
      (n) => el('option', { value: n }),
      (node, n) => setText(node, n === number ? `${n} (in use)` : `back to ${n}`),
    );
    byId('back').value = String(number);
  }
}
