// The bar at the top: what is in view, whether it is saved, which model answers. And the words for
// when the program is away or another tab has the session.
import { byId, count, setText } from './dom.js';

const TICK_MS = 1000;
const WORDS = {
  ok: '',
  lost: 'The program does not answer. See in its terminal whether it still runs, and start it again if not; this page goes on by itself. What you draw meanwhile is kept here.',
  refused:
    'The program was started again and no longer knows this page. Open the address that it printed in this tab; what you drew is kept and saved then.',
  other:
    'The program now has another folder open, or other scans in it. What is not saved is kept in this page only: start the program for the former folder on this port to save it.',
  elsewhere: 'This session is open in another tab. Take over to draw here; the other tab then stops.',
};

/** "40 s", "3 min", "2 h". */
export function ago(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 90) return `${s} s`;
  return s < 5400 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
}

export class TopBar {
  constructor({ store, stage, drawings, actions }) {
    Object.assign(this, { store, stage, drawings });
    byId('frame-back').addEventListener('click', () => actions.frame(-1));
    byId('frame-on').addEventListener('click', () => actions.frame(1));
    byId('play').addEventListener('click', () => actions.play());
    byId('save-now').addEventListener('click', () => drawings.resume());
    byId('take').addEventListener('click', () => actions.take());
    store.on('place session playing', () => this.#place());
    store.on('save link', () => this.#saved());
    store.on('session overlay place show', () => this.#model());
    store.on('link session save', () => this.#link());
    setInterval(() => {
      this.#saved();
      this.#model();
    }, TICK_MS);
  }

  #place() {
    const { scan, place, playing } = this.store;
    setText(byId('scan-name'), scan?.name ?? 'PCLMix');
    document.title = scan ? `${scan.name} · PCLMix` : 'PCLMix';
    byId('frame-field').hidden = !(scan?.frames > 1);
    setText(byId('frame-text'), `frame ${place.frame + 1}/${scan?.frames ?? 1}`);
    setText(byId('play'), playing ? 'Pause' : 'Play');
    setText(byId('slice-text'), scan?.depth > 0 ? `slice ${place.slice + 1}/${scan.depth}` : 'no slices');
  }

  #saved() {
    const { unsaved, problem, retryAt, lastSaved } = this.drawings.state;
    const node = byId('saved');
    node.classList.toggle('bad', problem !== null && unsaved > 0);
    byId('save-now').hidden = problem === null || unsaved === 0;
    if (problem && unsaved > 0) {
      const wait = Math.round((retryAt - Date.now()) / 1000);
      const again = wait > 0 ? ` Next try in ${wait} s.` : '';
      setText(node, `Not saved: ${count(unsaved, 'slice')}.${again}`);
      node.title = `${problem.message} ${problem.mend}`;
    } else {
      node.title = '';
      const time = lastSaved || this.store.session?.saved;
      const clock = time ? new Date(time).toLocaleTimeString('en-GB') : '';
      setText(node, unsaved > 0 ? 'saving…' : clock ? `saved ${clock}` : 'nothing drawn yet');
    }
  }

  #model() {
    const { session, show } = this.store;
    if (!session) return;
    const { number, start, slices, made } = session.model;
    let text = `model ${number}`;
    if (slices > 0) {
      text += `, trained on ${count(slices, 'slice')}`;
      if (made > 0) text += `, ${ago(Date.now() - made)} ago`;
    } else if (start === 'random') {
      text = 'untrained model: its first useful answer takes minutes';
    } else {
      text = `model of ${start === 'phantoms' ? 'generated hearts' : start}, not yet trained on these scans`;
    }
    setText(byId('model-text'), text);
    byId('model-text').title = text;
    this.#overlay(number, show);
  }

  #overlay(number, show) {
    const { prediction, volume } = this.stage;
    let text = '';
    if (volume && (show.prediction !== 'off' || show.uncertainty)) {
      if (!prediction) text = 'no prediction of this slice yet';
      else if (prediction.model !== number) text = `prediction of the earlier model ${prediction.model}`;
      else text = `prediction of model ${number}`;
    }
    const node = byId('overlay-note');
    setText(node, text);
    node.classList.toggle('old', Boolean(prediction) && prediction.model !== number);
  }

  #link() {
    const { link, session } = this.store;
    const { problem, unsaved } = this.drawings.state;
    const failure = problem && unsaved > 0 ? `${problem.message} ${problem.mend}` : '';
    const text = WORDS[link] || failure || session?.readOnly || session?.notice || '';
    byId('link').hidden = text === '';
    const bad = ['lost', 'refused', 'other'].includes(link) || failure !== '';
    byId('link').classList.toggle('bad', bad);
    setText(byId('link-text'), text);
    byId('take').hidden = link !== 'elsewhere';
  }
}
