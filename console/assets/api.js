// Talking to the node that serves the page. All paths are relative to the page.

export class Refused extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

// Milliseconds that the page waits. The server ends an action after 150 seconds, and
// sends a state at least every 30.
const readLimit = 15_000;
const actionLimit = 160_000;
const streamLimit = 35_000;

// call returns the answer's JSON, or throws Refused; status 0 means no answer at all,
// after which what was asked for may still take effect.
export async function call(method, path, body, limit = method === 'GET' ? readLimit : actionLimit) {
  let response, answer;
  try {
    response = await fetch('api/' + path, {
      method,
      headers: body ? {'Content-Type': 'application/json'} : {},
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(limit),
    });
    answer = await response.json();
  } catch {
    throw new Refused(response?.status ?? 0, 'no_answer', '');
  }
  if (!response.ok) throw new Refused(response.status, answer.code, answer.detail);
  return answer;
}

const pollEvery = 2000;
const knockEvery = 10; // polls between two tries to get the stream that was refused

// login and logout are short.
export const login = (token) => call('POST', 'login', {token}, readLimit);
export const logout = () => call('POST', 'logout', {}, readLimit);

// watch hands every state to onState, and how it comes ('live', 'polling', 'lost') to
// onLink: by a stream, and by asking again and again while that does not get through.
// It returns a function that ends it. onLogout is called when the session is over.
export function watch({onState, onLink, onLogout}) {
  let source, silence, timer, polling, polls = 0, over = false; // polling is the loop that may go on

  function open() {
    source = new EventSource('api/stream');
    source.onmessage = (event) => {
      clearTimeout(timer);
      polling = undefined;
      watchSilence();
      onLink('live');
      onState(JSON.parse(event.data));
    };
    source.onerror = ask;
    watchSilence();
  }

  // A connection whose other end has lost power never reports an error.
  function watchSilence() {
    clearTimeout(silence);
    silence = setTimeout(() => {
      source.close();
      ask();
    }, streamLimit);
  }

  function ask() {
    if (!polling && !over) poll(polling = {});
  }

  async function poll(mine) {
    try {
      const state = await call('GET', 'state');
      if (over || mine !== polling) return;
      onLink('polling');
      onState(state);
      if (source.readyState === EventSource.CLOSED && ++polls % knockEvery === 0) open(); // there may be a seat by now
    } catch (refused) {
      if (over || mine !== polling) return;
      if (refused.status === 401) return onLogout();
      onLink('lost');
    }
    timer = setTimeout(poll, pollEvery, mine);
  }

  open();
  return () => {
    over = true;
    clearTimeout(timer);
    clearTimeout(silence);
    source.close();
  };
}
