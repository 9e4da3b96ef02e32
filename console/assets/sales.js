// The sales: for each goods one bar that always adds up, and what can be done to it.

import * as actions from './actions.js';
import {h, mark, put} from './dom.js';
import {day, number} from './format.js';
import {known, t} from './text.js';

// parts cuts the total into the segments of the bar. What is paid comes from the
// ledger, which may be a moment ahead of the gate.
function parts(g) {
  const paid = Math.min(g.paid, g.sold);
  const all = [['paid', paid], ['unpaid', g.sold - paid]];
  return g.loaded ? [...all, ['held', g.held], ['left', g.left]] : [...all, ['unknown', Math.max(0, g.total - g.sold)]];
}

// check is a ✓ or ✗ with the sum that it judges.
function check(element, ok, name, sum) {
  mark(element, 'ok', ok ? 'yes' : 'no');
  put(element.children[0], ok ? '✓' : '✗');
  put(element.children[1], name);
  put(element.children[2], sum);
  element.title = t(ok ? 'adds' : 'addsNot');
}

const newCheck = () => h('p', {class: 'check'}, h('b'), h('span'), h('code'));

function button(name, g, act) {
  return h('button', {type: 'button', 'data-act': name, onclick: () => act(g())}, t(name) + '…');
}

const most = 4; // nodes that are named

// leases says which nodes hold the goods' lease.
function leases(g, node) {
  if (!g.holders) return t('holdersUnknown');
  if (!g.holders.length) return t('noHolder');
  const names = g.holders.map((one) => (one.node || '?') + (one.node === node ? ` (${t('thisNode')})` : ''));
  const nodes = names.slice(0, most).join(', ') + (names.length > most ? ` +${number(names.length - most)}` : '');
  const fence = Math.max(...g.holders.map((one) => one.fence));
  return t('lease', {nodes, mode: t('mode_' + g.holders[0].mode), fence: fence || '?'});
}

// card is one goods. update(g) shows its current numbers.
function card(id, operator) {
  let goods;
  const now = () => goods;
  const title = h('h2'), badge = h('span', {class: 'badge'}), when = h('p', {class: 'quiet'});
  const bar = h('div', {class: 'bar', role: 'img'}), figures = h('ul', {class: 'figures'});
  const gate = newCheck(), ledger = newCheck();
  const lease = h('p', {class: 'quiet', 'data-lease': ''}), more = h('span');
  const foot = h('p', {class: 'quiet foot'}, more, h('a', {href: '#orders/' + encodeURIComponent(id)}, t('ordersOf')));
  const buttons = operator && h('div', {class: 'buttons'},
    button('preload', now, actions.preload), button('total', now, actions.total),
    button('reconcile', now, actions.reconcile), button('end', now, actions.end));
  const segments = new Map();

  function segment(name) {
    if (!segments.has(name)) {
      const one = {part: h('i', {class: name}), value: h('b')};
      one.figure = h('li', {'data-part': name}, h('i', {class: `swatch ${name}`}), one.value, h('span', {}, t(name)));
      segments.set(name, one);
    }
    return segments.get(name);
  }

  function draw(g) {
    const all = parts(g);
    const shown = all.map(([name, n]) => {
      const one = segment(name);
      one.part.style.flexGrow = n;
      put(one.value, number(n));
      return one;
    });
    if (bar.children.length !== shown.length || shown.some((one, i) => bar.children[i] !== one.part)) {
      bar.replaceChildren(...shown.map((one) => one.part));
      figures.replaceChildren(...shown.map((one) => one.figure));
    }
    const sum = all.map(([name, n]) => `${t(name)} ${number(n)}`).join(' + ') + ` = ${number(g.total)}`;
    bar.setAttribute('aria-label', sum);
    const numbers = all.map(([, n]) => number(n)).join(' + ');
    check(gate, g.loaded && g.conserved, t('gateSum'), g.loaded ? `${numbers} = ${number(g.total)}` : t('gateEmpty'));
    check(ledger, g.sound, t('ledgerSum'), t('ledgerCheck', Object.fromEntries(Object.entries(g.ledger).map(([name, n]) => [name, number(n)]))));
  }

  const node = h('article', {class: 'card sale', 'data-goods': id},
    h('header', {}, title, badge), when, bar, figures, gate, ledger, lease, foot, buttons);
  return {
    node,
    update(g, node) {
      goods = g;
      put(title, `${g.id} · ${g.title}`);
      put(badge, known('state_' + g.state, g.state));
      mark(badge, 'state', g.state);
      put(when, t('window', {from: day(g.starts_at), to: day(g.ends_at)}));
      const preloaded = g.state !== 'not_preloaded' && g.epoch > 0;
      for (const part of [bar, figures, gate, ledger]) part.hidden = !preloaded;
      if (preloaded) draw(g);
      const other = g.catalog_total !== g.total ? ` · ${t('totalDiffers', {n: number(g.catalog_total)})}` : '';
      put(lease, leases(g, node));
      put(more, `${t('epoch', {n: g.epoch})}${other} · `);
      if (!buttons) return;
      for (const one of buttons.children) {
        const act = one.dataset.act;
        one.disabled = act === 'end' && !['open', 'sold_out', 'disabled'].includes(g.state) || act === 'reconcile' && !preloaded;
      }
    },
  };
}

// sales is the list of all goods.
export function sales(operator) {
  const cards = new Map();
  const list = h('div', {class: 'sales'}, h('p', {class: 'card quiet loading'}, t('loading')));
  return {
    node: list,
    update(state) {
      if (state.fault) return; // the numbers stay as they were; the page says so
      const nodes = state.goods.map((g) => {
        if (!cards.has(g.id)) cards.set(g.id, card(g.id, operator));
        cards.get(g.id).update(g, state.node);
        return cards.get(g.id).node;
      });
      if (!nodes.length) nodes.push(h('p', {class: 'card quiet empty'}, t('noGoods')));
      if (nodes.length !== list.children.length || nodes.some((node, i) => list.children[i] !== node)) list.replaceChildren(...nodes);
    },
  };
}
