// Orders: all of a user's, or one by its id, each with what is known of its life.

import {call} from './api.js';
import {h, row, table} from './dom.js';
import {moment, money, number, refusal, span} from './format.js';
import {known, t} from './text.js';

// timeline lists the moments of an order, with the time between them.
function timeline(order) {
  const began = Date.parse(order.timeline[0].at);
  return h('ol', {class: 'timeline'}, order.timeline.map((step, i) => h('li', {'data-due': step.due ? 'yes' : 'no'},
    h('b', {}, known('step_' + step.step, step.step)), ' ',
    h('time', {datetime: step.at}, moment(step.at)),
    i > 0 ? h('small', {}, t('later', {d: span(Date.parse(step.at) - began)})) : null,
    step.note ? h('code', {}, step.step === 'created' ? t('stepAttempt', step) : step.note) : null)));
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
        place.replaceChildren(timeline(found), h('p', {class: 'quiet'}, t('version', {n: found.version})));
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

export function orders() {
  const by = h('select', {name: 'by', 'aria-label': t('search')},
    h('option', {value: 'user'}, t('byUser')), h('option', {value: 'order'}, t('byOrder')));
  const input = h('input', {name: 'id', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-label': t('search')});
  const found = h('div', {'aria-live': 'polite'}, h('p', {class: 'quiet'}, t('searchHint')));
  const heads = [t('order'), t('state'), t('user'), t('goods'), t('units'), t('amount'), t('time')];

  async function search(event) {
    event.preventDefault();
    found.replaceChildren(h('p', {class: 'quiet loading'}, t('loading')));
    const id = input.value.trim();
    try {
      if (by.value === 'order') {
        const order = await call('GET', 'orders/' + encodeURIComponent(id));
        found.replaceChildren(table(heads, lines(order, heads, true)));
      } else {
        await list(id);
      }
    } catch (refused) {
      found.replaceChildren(h('p', {class: 'fault', role: 'alert'}, refusal(refused)));
    }
  }

  // list shows a page of a user's orders; the button under it adds the next.
  async function list(user) {
    const body = table(heads, []), rows = body.querySelector('tbody');
    const more = h('button', {type: 'button', onclick: () => next(more.dataset.after)}, t('older'));
    async function next(after) {
      const page = await call('GET', `orders?user=${encodeURIComponent(user)}&after=${encodeURIComponent(after)}`);
      rows.append(...page.orders.flatMap((order) => lines(order, heads)));
      more.dataset.after = page.after;
      more.hidden = !page.after;
    }
    await next('');
    found.replaceChildren(...(rows.children.length ? [body, more] : [h('p', {class: 'quiet empty'}, t('noOrders'))]));
  }

  return {node: h('section', {class: 'card'}, h('form', {class: 'search', role: 'search', onsubmit: search},
    by, input, h('button', {class: 'primary'}, t('search'))), found)};
}
