// Talks to the program: every request carries the token and the name of this tab, every failure
// becomes an ApiError with a sentence and what to do about it.

const TOKEN = 'pclmix-token';
const TAB = 'pclmix-tab';
/** The server says something at least every 10 s. */
const SILENCE_MS = 25000;

/** A request that failed. `status` is 0 if nothing answered. */
export class ApiError extends Error {
  constructor(status, sentence, mend, body) {
    super(sentence);
    this.status = status;
    this.mend = mend ?? '';
    this.body = body ?? {};
  }
}

/**
 * Keeps the token in this tab's storage: one that is given, or that of the address, where it could
 * be seen and shared, and from which it is removed.
 * @return it; undefined if there is none
 */
export function keepToken(given) {
  const token = given ?? /^#t=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
  if (token) sessionStorage.setItem(TOKEN, token);
  if (token && !given) history.replaceState(null, '', location.pathname);
  return token;
}

/** A reload is the same tab; a duplicate of a tab copies its storage but is another. */
function tabName() {
  const reload = performance.getEntriesByType('navigation')[0]?.type === 'reload';
  const name = (reload && sessionStorage.getItem(TAB)) || crypto.randomUUID();
  sessionStorage.setItem(TAB, name);
  return name;
}

export class Api {
  #tab = tabName();

  #headers(more) {
    return {
      'X-Pclmix-Token': sessionStorage.getItem(TOKEN) ?? '',
      'X-Pclmix-Tab': this.#tab,
      ...more,
    };
  }

  /** Sends a request below /api. @throws ApiError if nothing answers, or with an error */
  async send(method, path, { body, headers, signal, keepalive } = {}) {
    let response;
    try {
      response = await fetch(`/api${path}`, {
        method,
        body,
        signal,
        keepalive,
        cache: 'no-store',
        headers: this.#headers(headers),
      });
    } catch (e) {
      if (e.name === 'AbortError') throw e;
      throw new ApiError(
        0,
        'The program does not answer.',
        'See in its terminal whether it still runs, and start it again if not.',
      );
    }
    if (!response.ok) throw await Api.#error(response);
    return response;
  }

  static async #error(response) {
    let answer = {};
    try {
      answer = await response.json();
    } catch {
      // Not from a route of ours; the status has to do.
    }
    const sentence = answer.error ?? `The program answered ${response.status}.`;
    return new ApiError(response.status, sentence, answer.mend, answer);
  }

  /** Sends JSON, or nothing, and reads JSON; null where the answer is empty. */
  async json(method, path, body) {
    const response = await this.send(method, path, {
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    });
    const text = await this.#whole(response.text());
    return text ? JSON.parse(text) : null;
  }

  /** Reads bytes. @return {headers, status, buffer} */
  async bytes(path) {
    const response = await this.send('GET', path);
    const buffer = await this.#whole(response.arrayBuffer());
    return { headers: response.headers, status: response.status, buffer };
  }

  async #whole(reading) {
    try {
      return await reading;
    } catch {
      throw new ApiError(0, 'The program stopped in the middle of an answer.', 'Start it again.');
    }
  }

  /**
   * Reads the stream of events until it ends.
   * @param heard gets {event, data} of each, and `open` once
   * @throws ApiError if the stream is refused, or ends other than by the server's wish
   */
  async events(heard) {
    const ending = new AbortController();
    let alarm;
    const alive = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => ending.abort(), SILENCE_MS);
    };
    try {
      alive();
      const response = await this.send('GET', '/events', { signal: ending.signal });
      heard({ event: 'open', data: null });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        alive();
        text += value;
        const blocks = text.split('\n\n');
        text = blocks.pop();
        for (const block of blocks) Api.#event(block, heard);
      }
    } catch (e) {
      if (e instanceof ApiError) throw e;
      throw new ApiError(0, 'The program does not answer.', 'See whether it still runs.');
    } finally {
      clearTimeout(alarm);
    }
  }

  static #event(block, heard) {
    let event = '';
    let data = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('event:')) event = line.slice(6).trim();
      if (line.startsWith('data:')) data += line.slice(5).trim();
    }
    if (event) heard({ event, data: data ? JSON.parse(data) : null });
  }
}
