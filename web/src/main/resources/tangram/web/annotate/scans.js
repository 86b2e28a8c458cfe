// The list of scans, and of the slices that it pays most to draw on.
import { byId, el, keyed, setText } from './dom.js';
import { samePlace } from './store.js';

const WORDS = { refused: 'unusable', changed: 'read only', question: 'asks' };

export class Scans {
  constructor({ store, actions, panels }) {
    Object.assign(this, { store, actions, panels });
    byId('look').addEventListener('click', () => actions.look());
    byId('go-next').addEventListener('click', () => actions.goNext());
    byId('skip').addEventListener('click', () => actions.skip());
    store.on('session drawn place', () => this.#scans());
    store.on('next place session drawn', () => this.#next());
  }

  #scans() {
    const { store, actions, panels } = this;
    byId('no-scans').hidden = store.session === null || store.scans.length > 0;
    keyed(
      byId('scans'),
      store.scans,
      (scan) => scan.id,
      (scan) =>
        el(
          'li',
          { class: 'pair' },
          el(
            'button',
            { type: 'button', class: 'item', on: { click: () => actions.go({ scan: scan.id }) } },
            el('span', { class: 'mark', 'aria-hidden': 'true' }),
            el('span', { class: 'name' }),
            el('span', { class: 'more' }),
          ),
          el('button', {
            type: 'button',
            class: 'plain small',
            text: '…',
            on: { click: () => panels.scan(scan.id) },
          }),
        ),
      (node, scan) => {
        const [button, more] = node.children;
        const [mark, name, rest] = button.children;
        const slices = scan.frames * scan.depth;
        const drawn = scan.drawn.length;
        const held = scan.role === 'heldOut';
        setText(mark, held ? '⚑' : drawn > 0 ? '●' : '○');
        setText(name, scan.name);
        // A state needs its words more than the numbers, which the title has as well.
        setText(rest, WORDS[scan.state] ?? `${held ? 'held ' : ''}${drawn}/${slices}`);
        button.title = `${scan.file}: drawn on ${drawn} of ${slices} slices${held ? ', held out' : ''}`;
        more.setAttribute('aria-label', `Patient and role of ${scan.name}`);
        more.title = 'Patient and role';
        const current = scan.id === store.place.scan;
        const was = button.getAttribute('aria-current') === 'true';
        button.setAttribute('aria-current', String(current));
        button.classList.toggle('odd', scan.state !== 'ok');
        if (current && !was) node.scrollIntoView({ block: 'nearest' });
      },
    );
  }

  #next() {
    const { store, actions } = this;
    byId('no-next').hidden = store.next.length > 0;
    keyed(
      byId('next'),
      store.next,
      ({ scan, frame, slice }) => `${scan}/${frame}/${slice}`,
      ({ scan, frame, slice }) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', class: 'item', on: { click: () => actions.go({ scan, frame, slice }) } },
            el('span', { class: 'mark', 'aria-hidden': 'true' }),
            el('span', { class: 'name' }),
            el('span', { class: 'more' }),
          ),
        ),
      (node, candidate, i) => {
        const button = node.firstChild;
        const [mark, name, more] = button.children;
        setText(mark, String(i + 1));
        const its = store.scans[candidate.scan];
        const time = its?.frames > 1 ? `frame ${candidate.frame + 1} ` : '';
        setText(name, its?.name ?? '?');
        setText(more, `${time}slice ${candidate.slice + 1} · ${candidate.why ?? ''}`);
        button.title = `${actions.nameOf(candidate)}: ${candidate.why ?? ''}`;
        button.setAttribute('aria-current', String(samePlace(candidate, store.place)));
      },
    );
    const { scan, frame, slice } = store.place;
    const skipped = store.scan ? store.isSkipped(store.scan, frame, slice) : false;
    byId('skip').setAttribute('aria-pressed', String(skipped));
    byId('skip').disabled = !store.scan || store.isDrawn(store.scans[scan], frame, slice);
  }
}
