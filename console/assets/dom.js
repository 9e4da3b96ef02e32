// Building elements. Text is only ever text: nothing here parses markup.

// h('button', {class: 'x', onclick: f, disabled: true}, 'text', child)
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

// s is h for SVG.
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// put changes an element's text if it is another one: screen readers hear changes only.
export function put(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

// mark sets or removes a data attribute, by which the style sheet tells states apart.
export function mark(element, name, value) {
  if (value) element.dataset[name] = value === true ? '' : value;
  else delete element.dataset[name];
}

// table is a list that turns into cards where the window is narrow.
export function table(heads, rows) {
  return h('div', {class: 'scroll'}, h('table', {},
    h('thead', {}, h('tr', {}, heads.map((head) => h('th', {scope: 'col'}, head)))),
    h('tbody', {}, rows)));
}

// row is one line of a table. Cells are texts or elements.
export function row(heads, cells) {
  return h('tr', {}, cells.map((cell, i) => h('td', {'data-label': heads[i]}, cell)));
}

// field is a labelled input.
export function field(label, input, hint) {
  return h('label', {class: 'field'}, h('span', {}, label), input, hint ? h('small', {}, hint) : null);
}

let toastRegion;

// toast says that something was done.
export function toast(text) {
  if (!toastRegion?.isConnected) {
    toastRegion = h('div', {class: 'toasts', role: 'status'});
    document.body.append(toastRegion);
  }
  const note = h('p', {}, text);
  toastRegion.append(note);
  setTimeout(() => note.remove(), 4000);
}
