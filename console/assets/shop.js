// The shop as a whole: switch, rate limit, events, parts, and the charts of this node.

import * as actions from './actions.js';
import {chart} from './charts.js';
import {h, mark, put} from './dom.js';
import {goFor, number} from './format.js';
import {known, t} from './text.js';

// A reason has the same color every day; the first seven are those that one sees.
const codes = ['sold_out', 'rate_limited', 'limit_reached', 'disabled', 'blacklisted', 'busy', 'invalid_ticket',
  'not_started', 'ended', 'outcome_unknown', 'goods_not_found', 'invalid_request'];

const colorOf = (code) => 2 + Math.max(0, codes.indexOf(code)) % 7;

// sum adds up counts by code, but for those of the code left out.
const sum = (counts, without) => Object.entries(counts ?? {}).reduce((n, [code, count]) => code === without ? n : n + count, 0);

// since lists what this node did since its start.
const since = (totals) => Object.entries({
  tickets: totals.tickets?.[''] ?? 0, orders: totals.orders,
  refusals: sum(totals.tickets, '') + sum(totals.purchases, ''), commits: totals.groups, events: totals.events,
  swept: totals.swept, fenced: totals.fenced, unknown: totals.unknown,
}).map(([name, n]) => h('li', {title: t('total_' + name + '_why')}, t('total_' + name, {n: number(n)})));

const orders = (points) => [{name: t('orders'), color: 1, values: points.map((p) => p.orders)}];

function refusals(points) {
  const seen = [...new Set(points.flatMap((p) => Object.keys(p.refused)))].sort();
  return seen.map((code) => ({
    name: known('code_' + code, code).replace(/[;；].*/, ''), color: colorOf(code),
    values: points.map((p) => p.refused[code] ?? 0),
  }));
}

function tile(name, act) {
  const value = h('b', {}, '…'), note = h('small');
  const node = h('section', {class: 'tile'}, h('h2', {}, t(name)), value, note, act);
  return {node, show(text, more = '', state = '') { put(value, text); put(note, more); mark(node, 'state', state); }};
}

// spread is the series of the middle and of the slow or large end.
const spread = (key, middle, end) => (points) => [['p50', middle], ['p99', end]].map(([name, color]) => (
  {name, color, values: points.map((p) => p[key]?.[name] ?? null)}));

// latest is how the latest point that had some says it: "0.8 / 12 ms".
function latest(points, key, unit = '') {
  const found = points.findLast((p) => p[key])?.[key];
  const short = (n) => number(n, n < 10 ? 2 : n < 100 ? 1 : 0);
  return found ? `${short(found.p50)} / ${short(found.p99)}${unit}` : t('nothingYet');
}

// shop shows a state; operators get the buttons.
export function shop(operator) {
  let state;
  const button = (text, act) => operator ? h('button', {type: 'button', disabled: true, onclick: () => act(state)}, text) : null;
  const turn = button(t('turnOff'), (s) => actions.turn(s, !s.settings.enabled)), change = button(t('change'), actions.rate);
  const tiles = {
    switch: tile('switch', turn), rateLimit: tile('rateLimit', change),
    latency: tile('latency'), group: tile('group'), outbox: tile('outbox'), parts: tile('parts'),
  };
  tiles.switch.node.id = 'switch';
  const list = h('ul', {class: 'parts'}), totals = h('ul', {class: 'parts'});
  const charts = [
    chart(t('ordersRate'), orders), chart(t('refusalsRate'), refusals, {empty: t('noRefusals')}),
    chart(t('timesChart'), spread('times', 1, 2), {lines: true, unit: ' ms'}), chart(t('sizesChart'), spread('sizes', 5, 6), {lines: true}),
  ];

  function showParts(parts) {
    const bad = parts.filter((p) => !p.ok);
    tiles.parts.show(bad.length ? t('partsBad', {n: bad.length, all: parts.length}) : t('partsOK', {n: parts.length}),
      bad.map((p) => known('part_' + p.name, p.name)).join(', '), bad.some((p) => p.needed) ? 'bad' : bad.length ? 'warn' : 'good');
    list.replaceChildren(...parts.map((p) => h('li', {'data-ok': p.ok ? 'yes' : 'no', title: t(p.needed ? 'needed' : 'notNeeded')},
      h('b', {}, p.ok ? '✓' : '✗'), known('part_' + p.name, p.name))));
  }

  function showSettings(live) {
    if (operator) turn.disabled = change.disabled = !live; // until the settings are known
    if (!live) return;
    tiles.switch.show(t(live.enabled ? 'on' : 'off'), `${t('lockMode', {mode: t('mode_' + live.lock_mode)})} · ${t('settingsAge', {s: number(live.age_seconds)})}`,
      live.enabled ? 'good' : 'bad');
    if (turn) put(turn, t(live.enabled ? 'turnOff' : 'turnOn'));
    tiles.rateLimit.show(t('rateValue', {limit: number(live.limit), window: goFor(live.window, true)}), t('rateNote'));
  }

  return {
    node: h('div', {class: 'shop'}, h('div', {class: 'tiles'}, Object.values(tiles).map((one) => one.node)),
      h('div', {class: 'charts'}, charts.map((one) => one.node)), list, totals),
    update(next, points) {
      state = next;
      showSettings(next.settings);
      showParts(next.parts);
      if (!next.fault) {
        const {pending, lag_seconds: lag} = next.outbox;
        tiles.outbox.show(t('outboxValue', {n: number(pending)}), pending ? t('outboxLag', {s: number(lag, 1)}) : t('outboxEmpty'),
          lag > 30 ? 'bad' : lag > 5 ? 'warn' : '');
      }
      tiles.latency.show(latest(points, 'times', ' ms'), t('latencyNote'));
      tiles.group.show(latest(points, 'sizes'), t('groupNote'));
      totals.replaceChildren(h('li', {}, t('sinceStart', next)), ...since(next.totals));
      for (const one of charts) one.update(points);
    },
  };
}
