// Keeps in touch with the program: the stream of events says what has happened and, when it ends,
// that the program is away. The session, asked for again, is the truth.
import { keepToken } from './api.js';
import { error } from './messages.js';

const TOKENS = 'pclmix-token';

const RETRY_MS = 1500;

/** The program that answers has another folder open, or other scans. */
class OtherSession extends Error {}

/** Whether scans have the same numbers in two sessions, so that what is drawn goes where it was. */
function isSame(before, after) {
  const same = (a, b) => a.file === b?.file && a.width === b.width && a.height === b.height;
  return (
    before.folder === after.folder && before.scans.every((scan, i) => same(scan, after.scans[i]))
  );
}

export class Link {
  #tries = null;
  #running = false;
  #tokens = new BroadcastChannel(TOKENS);

  constructor({ api, store, stage, actions, drawings, predictions, images }) {
    Object.assign(this, { api, store, stage, actions, drawings, predictions, images });
    store.on('taken', () => this.start());
    // The address that a program started anew prints, opened in this tab.
    window.addEventListener('hashchange', () => {
      const token = keepToken();
      if (token) this.#again(token);
    });
    // Or in another tab: it tells this one, which can then save what it holds.
    this.#tokens.addEventListener('message', ({ data }) => {
      if (store.link === 'refused' || store.link === 'lost') this.#again(data);
    });
    window.addEventListener('online', () => {
      if (store.link === 'lost') this.start();
    });
  }

  #again(token) {
    keepToken(token);
    this.start();
  }

  /** Connects, and again whenever the stream ends. @return once the session is here, or refused */
  async start(token) {
    // Tabs of an earlier run of the program wait for this.
    if (token) this.#tokens.postMessage(token);
    clearTimeout(this.#tries);
    if (this.#running) return;
    this.#running = true;
    try {
      await this.#session();
      await this.api.events((heard) => this.#heard(heard));
      if (this.store.link === 'ok') this.store.setLink('lost');
    } catch (e) {
      this.#lost(e);
    } finally {
      this.#running = false;
    }
    if (['lost', 'starting'].includes(this.store.link)) this.#tries = setTimeout(() => this.start(), RETRY_MS);
  }

  async #session() {
    const before = this.store.session;
    const session = await this.api.json('GET', '/session');
    if (before && !isSame(before, session)) throw new OtherSession();
    this.store.setSession(session);
    if (before) return;
    const scan = this.#firstScan();
    this.actions.go({ scan, slice: (this.store.scans[scan]?.depth ?? 1) >> 1 });
  }

  /** The first scan that can be drawn on. */
  #firstScan() {
    const { scans } = this.store;
    return Math.max(0, scans.findIndex((scan) => scan.state === 'ok'));
  }

  #lost(e) {
    if (e instanceof OtherSession) {
      // What waits here must not be drawn on scans of another folder.
      if (this.drawings.unsaved.length === 0) location.reload();
      return this.store.setLink('other');
    }
    if (e.status === undefined) throw e;
    if (e.status === 401) this.store.setLink('refused');
    else if (e.status === 409) this.store.setLink('elsewhere');
    else this.store.setLink('lost');
    if (e.status >= 400 && e.status !== 401 && e.status !== 409) error(e.message, e.mend);
    return null;
  }

  #heard({ event, data }) {
    const { store, actions, predictions } = this;
    switch (event) {
      case 'open':
        this.#connected();
        break;
      case 'step':
        if (data?.step !== undefined) {
          Object.assign(store.session.training, data);
          store.emit('training');
        } else {
          actions.refreshSoon();
        }
        break;
      case 'round':
        actions.refreshSoon();
        break;
      case 'predicted':
        predictions.made(data);
        break;
      case 'next':
        actions.refreshNext();
        break;
      case 'saved':
        break; // the answer to each PUT has said so
      case 'error':
        error(data.error, data.mend);
        actions.refreshSoon();
        break;
      case 'bye':
        store.setLink(data?.elsewhere ? 'elsewhere' : 'lost');
        break;
      default:
        break;
    }
  }

  #connected() {
    this.store.setLink('ok');
    // While there was no connection another tab may have drawn, and the model may have changed.
    this.drawings.resume();
    this.drawings.refresh();
    this.predictions.allStale();
    this.actions.refreshNext();
    this.stage.show();
  }
}
