// Says things: errors in a sentence with what to do about it, and short notes, both in words that
// screen readers hear.
import { ApiError } from './api.js';
import { byId, el, setText } from './dom.js';

const NOTE_MS = 6000;
const MOST = 3;

/** Says something in passing, such as what was undone. */
export function note(text) {
  setText(byId('note'), text);
  clearTimeout(note.timer);
  note.timer = setTimeout(() => setText(byId('note'), ''), NOTE_MS);
}

/** Shows an error until it is dismissed. The same one twice is shown once. */
export function error(sentence, mend = '') {
  const list = byId('errors');
  const text = mend ? `${sentence} ${mend}` : sentence;
  for (const node of list.children) if (node.firstChild.textContent === text) return;
  while (list.children.length >= MOST) list.firstChild.remove();
  const node = el('li', { class: 'error' }, el('span', { text }));
  node.append(
    el('button', {
      type: 'button',
      text: '✕',
      'aria-label': 'Dismiss this message',
      on: { click: () => node.remove() },
    }),
  );
  list.append(node);
}

/** Runs what asks the program for something and says what went wrong. @return whether it worked */
export async function attempt(doing) {
  try {
    await doing();
    return true;
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    error(e.message, e.mend);
    return false;
  }
}

// What nobody expected must be seen as well: a page that stops silently loses trust and work.
window.addEventListener('error', (event) => {
  error(`The page made a mistake: ${event.message}.`, 'Reload it; what was saved is safe.');
});
window.addEventListener('unhandledrejection', (event) => {
  error(`The page made a mistake: ${event.reason}.`, 'Reload it; what was saved is safe.');
});
