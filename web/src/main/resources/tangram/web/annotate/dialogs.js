// The dialogs: keys, classes, a scan's patient and role, export, full training. And the card upon
// the image: what a scan asks, why it cannot be used, and how to begin.
import { byId, el, keyed, setText } from './dom.js';
import { ApiError } from './api.js';

/** Okabe and Ito's, in the order in which new classes take them. */
const PALETTE = [
  '#009E73', '#E69F00', '#56B4E9', '#CC79A7', '#F0E442', '#D55E00', '#0072B2', '#999999',
];
const FIRST =
  'Choose a class and draw with the mouse: a line inside each class, a short one along its border, and one in the background. Then press T to update the model, and correct what it gets wrong.';

export class Panels {
  #rows = [];
  #scan = 0;
  #hintGone = false;

  constructor({ store, stage, actions }) {
    Object.assign(this, { store, stage, actions });
    for (const button of document.querySelectorAll('dialog [data-close]')) {
      button.addEventListener('click', () => button.closest('dialog').close());
    }
    const submit = (id, f) =>
      byId(id).addEventListener('submit', (e) => {
        e.preventDefault();
        f();
      });
    submit('classes-form', () => this.#saveClasses());
    submit('scan-form', () => this.#saveScan());
    submit('export-form', () => this.#export());
    submit('fully-form', () => {
      byId('fully-dialog').close();
      actions.train('full');
    });
    byId('add-class').addEventListener('click', () => this.#addClass());
    byId('help-button').addEventListener('click', () => this.help());
    store.on('stage session drawn history', () => this.#card());
  }

  help() {
    byId('help').showModal();
  }

  fully() {
    byId('fully-dialog').showModal();
  }

  // ---- classes

  classes() {
    this.#rows = this.store.classes.map((c) => ({ ...c }));
    setText(byId('classes-problem'), '');
    this.#showRows();
    byId('classes-dialog').showModal();
  }

  #addClass() {
    const taken = new Set(this.#rows.map((c) => c.colour.toUpperCase()));
    const colour = PALETTE.find((c) => !taken.has(c)) ?? '#FFFFFF';
    this.#rows.push({ id: this.#rows.length, name: '', colour, isNew: true });
    this.#showRows();
    byId('class-rows').lastChild.querySelector('input[type=text]').focus();
  }

  #showRows() {
    keyed(
      byId('class-rows'),
      this.#rows,
      (c) => c.id,
      (c) =>
        el(
          'li',
          { class: 'row' },
          el('span', { class: 'number', text: String(c.id) }),
          el('input', { type: 'color', 'aria-label': `Colour of class ${c.id}` }),
          el('input', {
            type: 'text',
            maxlength: 32,
            required: true,
            autocomplete: 'off',
            'aria-label': `Name of class ${c.id}`,
          }),
          el('button', {
            type: 'button',
            class: 'plain',
            text: 'Remove',
            on: {
              click: () => {
                this.#rows.pop();
                this.#showRows();
              },
            },
          }),
        ),
      (node, c, i) => {
        const [, colour, name, remove] = node.children;
        colour.value = c.colour.toLowerCase();
        colour.oninput = () => (c.colour = colour.value.toUpperCase());
        if (name.value !== c.name) name.value = c.name;
        name.oninput = () => (c.name = name.value);
        remove.hidden = !(c.isNew && i === this.#rows.length - 1);
      },
    );
  }

  async #saveClasses() {
    const classes = this.#rows.map(({ id, name, colour }) => ({ id, name: name.trim(), colour }));
    await this.#save('classes', { classes });
  }

  /** Saves what a dialog asks for; what is wrong is said in the dialog. */
  async #save(dialog, change) {
    const problem = byId(`${dialog}-problem`);
    try {
      this.store.setSession(await this.actions.api.json('PATCH', '/session', change));
      byId(`${dialog}-dialog`).close();
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      setText(problem, `${e.message} ${e.mend}`);
    }
  }

  // ---- a scan

  scan(id) {
    const scan = this.store.scans[id];
    this.#scan = id;
    setText(byId('scan-dialog-title'), scan.name);
    const size = [scan.width, scan.height, scan.depth].join(' x ');
    const spacing = [...scan.spacing].reverse().map((mm) => Number(mm.toPrecision(3))).join(' x ');
    const frames = scan.frames > 1 ? `, ${scan.frames} frames` : '';
    const truth = scan.hasTruth ? ' Its truth is beside it.' : '';
    setText(byId('scan-facts'), `${scan.file}: ${size} voxels of ${spacing} mm${frames}.${truth}`);
    setText(byId('scan-problem'), scan.reason ?? '');
    byId('scan-patient').value = scan.patient;
    for (const radio of document.getElementsByName('role')) radio.checked = radio.value === scan.role;
    byId('scan-dialog').showModal();
  }

  async #saveScan() {
    const role = [...document.getElementsByName('role')].find((radio) => radio.checked)?.value;
    const patient = byId('scan-patient').value.trim();
    await this.#save('scan', { scan: { id: this.#scan, patient, role } });
  }

  // ---- export

  export() {
    byId('export-exists').hidden = true;
    byId('export-replace').checked = false;
    setText(byId('export-result'), '');
    byId('export-dialog').showModal();
  }

  async #export() {
    const go = byId('export-go');
    const what = [...document.getElementsByName('what')].find((radio) => radio.checked).value;
    go.disabled = true;
    setText(byId('export-result'), 'Segmenting and writing…');
    try {
      const { files, existing } = await this.actions.export(what, byId('export-replace').checked);
      byId('export-exists').hidden = !existing;
      if (existing) {
        byId('export-names').replaceChildren(...existing.map((name) => el('li', { text: name })));
      }
      setText(
        byId('export-result'),
        files ? `Written: ${files.join(', ')}` : existing ? 'Nothing was written.' : '',
      );
      if (!files && !existing) byId('export-dialog').close(); // the message tells why
    } finally {
      go.disabled = false;
    }
  }

  // ---- the card upon the image

  #card() {
    const { store, stage } = this;
    const { scan, session } = store;
    let text = '';
    let buttons = [];
    const began =
      store.scans.some((s) => s.drawn.length > 0) || Boolean(stage.drawing?.history.undoable);
    if (scan?.state === 'question') {
      text = `${scan.reason ?? 'Most voxels of its scribble file are 0.'} Does 0 mean unlabelled there?`;
      const answer = (yes) => () =>
        this.actions.patch({ answer: { scan: scan.id, zeroIsUnlabelled: yes } }).then((worked) => {
          if (worked) store.emit('place');
        });
      buttons = [
        ['Yes: 0 means unlabelled', answer(true)],
        [`No: 0 is ${store.classes[0].name}`, answer(false)],
      ];
    } else if (stage.problem) {
      text = `${stage.problem.sentence} ${stage.problem.mend}`;
      buttons = scan?.state === 'refused' ? [] : [['Try again', () => stage.show()]];
    } else if (scan && scan.state !== 'ok') {
      text = scan.reason ?? 'This scan is read only.';
    } else if (scan && !stage.volume) {
      text = 'Loading…';
    } else if (session && scan && !began && !this.#hintGone && !session.readOnly) {
      text = FIRST;
      buttons = [['Got it', () => { this.#hintGone = true; this.#card(); }]];
    }
    const key = `${text} ${scan?.id}`;
    const card = byId('card');
    card.hidden = text === '';
    if (card.dataset.shown === key) return;
    card.dataset.shown = key;
    setText(byId('card-text'), text);
    byId('card-buttons').replaceChildren(
      ...buttons.map(([label, click]) => el('button', { type: 'button', text: label, on: { click } })),
    );
  }
}
