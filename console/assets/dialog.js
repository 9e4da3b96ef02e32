// A dialog that says what an action will do, and wants to be told so in writing.

import {field, h, put, toast} from './dom.js';
import {refusal} from './format.js';
import {t} from './text.js';

// ask opens the dialog of an action and ends when it is closed.
//
//   title     what will be done
//   word      what the operator types; a function if it depends on the inputs
//   inputs    fields above it: {name: {label, value, hint, type}}
//   impact    text, or a function of the inputs' values
//   check     an optional function of the values: false keeps the button shut
//   act       does it, given the values
//   verb      what the button says
export function ask({title, word, inputs = {}, impact, check = () => true, act, verb = title}) {
  const fields = Object.entries(inputs).map(([name, {label, hint, ...props}]) =>
    [name, h('input', {name, autocomplete: 'off', ...props}), label, hint]);
  const values = () => Object.fromEntries(fields.map(([name, input]) => [name, input.value.trim()]));
  const wanted = () => typeof word === 'function' ? word(values()) : word;
  const text = h('p', {class: 'impact'}), prompt = h('span'), fault = h('p', {class: 'fault', role: 'alert', hidden: true});
  const typed = h('input', {name: 'confirm', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off'});
  const go = h('button', {class: 'primary', disabled: true}, verb);
  const stop = h('button', {type: 'button', onclick: () => dialog.close()}, t('cancel'));

  function refresh() {
    put(text, typeof impact === 'function' ? impact(values()) : impact);
    put(prompt, t('confirm', {word: wanted()}));
    typed.placeholder = wanted();
    go.disabled = !wanted() || typed.value.trim() !== wanted() || !check(values());
  }

  async function submit(event) {
    event.preventDefault();
    if (go.disabled) return;
    fault.hidden = go.disabled = true;
    put(go, t('working'));
    try {
      await patiently(fault, act(values()));
      dialog.close();
      toast(t('done', {what: title}));
    } catch (refused) {
      put(fault, refusal(refused));
      fault.hidden = false;
    }
    put(go, verb);
    refresh();
  }

  const form = h('form', {onsubmit: submit, oninput: refresh}, h('h2', {id: 'asked'}, title),
    fields.map(([, input, label, hint]) => field(label, input, hint)), text,
    h('label', {class: 'field'}, prompt, typed), fault, h('div', {class: 'buttons'}, stop, go));
  const dialog = h('dialog', {'aria-labelledby': 'asked'}, form);
  refresh();
  return show(dialog);
}

const slow = 10_000; // ms without an answer until the page says so

// patiently returns what the action returns. While no answer comes, note says that the
// action may still take effect.
export async function patiently(note, action) {
  const timer = setTimeout(() => {
    put(note, t('noAnswerYet', {s: slow / 1000}));
    note.hidden = false;
  }, slow);
  try {
    return await action;
  } finally {
    clearTimeout(timer);
    note.hidden = true;
  }
}

// show opens a dialog and ends when it is closed, with the focus back where it was.
export function show(dialog) {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve();
    });
  });
}
