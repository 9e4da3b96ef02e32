// Orders: the latest of a goods, all of a user's, or one by its id, each with what is
// known of its life.

import {call} from './api.js';
import {h, row, table} from './dom.js';
import {moment, money, number, precise, refusal, span} from './format.js';
import {known, t} from './text.js';

// fine is a time in ms with the microseconds that Date.parse leaves out.
function fine(text) {
  const digits = /\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? '';
  return Date.parse(text) + Number('0.' + (digits || '0'));
}

// passed is how long a step took, or is still to come. Nodes' clocks may differ by a
// little: a step before the one that it followed took no time.
function passed(step, before) {
  if (step.due) {
    const left = fine(step.at) - Date.now();
    return left > 0 ? t('due', {d: span(left)}) : null;
  }
  return before ? t('later', {d: span(Math.max(0, fine(step.at) - fine(before.at)))}) : null;
}

// timeline lists the moments of an order, with the time between them and who did it.
function timeline({timeline: steps}) {
  const done = steps.filter((step) => !step.due);
  const whole = done.length > 1 ? t('whole', {d: span(fine(done.at(-1).at) - fine(done[0].at))}) : null;
  return [h('ol', {class: 'timeline'}, steps.map((step, i) => {
    const took = passed(step, steps[i - 1]);
    return h('li', {'data-step': step.step, 'data-due': step.due ? 'yes' : 'no'},
      h('b', {}, known('step_' + step.step, step.step)), ' ',
      h('time', {datetime: step.at}, precise(step.at)),
      took ? h('small', {}, took) : null,
      step.node ? h('small', {class: 'node'}, t('stepBy', step)) : null,
      step.note ? h('code', {}, step.step === 'ticket' ? t('stepAttempt', step) : step.note) : null);
  })), whole ? h('p', {class: 'quiet'}, whole) : null];
}

const state = (order) => h('span', {class: 'badge', 'data-state': order.state}, known('order_' + order.state, order.state));

// details is the row under an order that opens with its timeline.
function details(order) {
  const place = h('td', {colspan: 7});
  const line = h('tr', {class: 'details', hidden: true}, place);
  return {
    line,
    async toggle(button) {
      line.hidden = !line.hidden;
      button.setAttribute('aria-expanded', String(!line.hidden));
      if (line.hidden) return;
      try {
        const found = order.timeline ? order : await call('GET', 'orders/' + encodeURIComponent(order.order_id));
        place.replaceChildren(...timeline(found).filter(Boolean), h('p', {class: 'quiet'}, t('version', {n: found.version})));
      } catch (refused) {
        place.replaceChildren(h('p', {class: 'fault'}, refusal(refused)));
      }
    },
  };
}

function lines(order, heads, open) {
  const under = details(order);
  const button = h('button', {type: 'button', class: 'link', 'aria-expanded': 'false', onclick: () => under.toggle(button)}, order.order_id);
  if (open) under.toggle(button);
  return [row(heads, [button, state(order), order.user_id, order.goods_id, number(order.quantity),
    money(order.amount, order.currency), moment(order.created_at)]), under.line];
}

// orders shows those of the first goods until something is looked for. goodsIDs
// returns what is on sale.
export function orders(goodsIDs) {
  const by = h('select', {name: 'by', 'aria-label': t('search')},
    h('option', {value: 'goods'}, t('byGoods')), h('option', {value: 'user'}, t('byUser')), h('option', {value: 'order'}, t('byOrder')));
  const input = h('input', {name: 'id', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-label': t('search')});
  const found = h('div', {'aria-live': 'polite'}, h('p', {class: 'quiet'}, t('searchHint')));
  const heads = [t('order'), t('state'), t('user'), t('goods'), t('units'), t('amount'), t('time')];
  let latest = 0; // a slow answer does not replace a later one

  async function search(event) {
    event?.preventDefault();
    const mine = ++latest, id = input.value.trim();
    found.replaceChildren(h('p', {class: 'quiet loading'}, t('loading')));
    let nodes;
    try {
      nodes = by.value === 'order' ? await one(id) : await list(`${by.value}=${encodeURIComponent(id)}`);
    } catch (refused) {
      nodes = [h('p', {class: 'fault', role: 'alert'}, refusal(refused))];
    }
    if (mine === latest) found.replaceChildren(...nodes);
  }

  async function one(id) {
    const order = await call('GET', 'orders/' + encodeURIComponent(id));
    return [table(heads, lines(order, heads, true))];
  }

  // list is a page of orders; the button under it adds the next.
  async function list(query) {
    const body = table(heads, []), rows = body.querySelector('tbody');
    const fault = h('p', {class: 'fault', role: 'alert', hidden: true});
    const more = h('button', {type: 'button', onclick: () => next(more.dataset.after).catch(tell)}, t('older'));
    const tell = (refused) => {
      fault.textContent = refusal(refused);
      fault.hidden = false;
    };
    async function next(after) {
      const page = await call('GET', `orders?${query}&after=${encodeURIComponent(after)}`);
      rows.append(...page.orders.flatMap((order) => lines(order, heads)));
      more.dataset.after = page.after;
      more.hidden = !page.after;
      fault.hidden = true;
    }
    await next('');
    return rows.children.length ? [body, fault, more] : [h('p', {class: 'quiet empty'}, t('noOrders'))];
  }

  // enter is told a goods by a link of its card.
  function enter(goodsID) {
    if (!goodsID && input.value) return;
    const id = goodsID || goodsIDs()[0];
    if (!id) return;
    by.value = 'goods';
    input.value = id;
    search();
  }

  return {node: h('section', {class: 'card'}, h('form', {class: 'search', role: 'search', onsubmit: search},
    by, input, h('button', {class: 'primary'}, t('search'))), found), enter};
}
