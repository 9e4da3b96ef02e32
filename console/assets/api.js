// Talking to the node that serves the page. All paths are relative to the page.

export class Refused extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

// call returns the answer's JSON, or throws Refused; status 0 means no answer at all.
export async function call(method, path, body) {
  let response, answer;
  try {
    response = await fetch('api/' + path, {
      method,
      headers: body ? {'Content-Type': 'application/json'} : {},
      body: body && JSON.stringify(body),
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

// watch hands every state to onState, and how it comes ('live', 'polling', 'lost') to
// onLink: by a stream, and by asking again and again while that does not get through.
// It returns a function that ends it. onLogout is called when the session is over.
export function watch({onState, onLink, onLogout}) {
  let source, timer, polls = 0, over = false;

  function open() {
    source = new EventSource('api/stream');
    source.onmessage = (event) => {
      clearTimeout(timer);
      timer = undefined;
      onLink('live');
      onState(JSON.parse(event.data));
    };
    source.onerror = () => {
      if (timer === undefined && !over) poll();
    };
  }

  async function poll() {
    timer = setTimeout(poll, pollEvery);
    try {
      const state = await call('GET', 'state');
      if (over || timer === undefined) return;
      onLink('polling');
      onState(state);
      if (source.readyState === EventSource.CLOSED && ++polls % knockEvery === 0) open(); // there may be a seat by now
    } catch (refused) {
      if (over) return;
      if (refused.status === 401) onLogout();
      else onLink('lost');
    }
  }

  open();
  return () => {
    over = true;
    clearTimeout(timer);
    source.close();
  };
}
