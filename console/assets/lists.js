// The blacklist and the audit log.

import * as actions from './actions.js';
import {call} from './api.js';
import {h, row, table} from './dom.js';
import {moment, refusal, span} from './format.js';
import {known, t} from './text.js';

// filled loads something into a place, and says there how that goes.
async function filled(place, load) {
  if (!place.children.length) place.replaceChildren(h('p', {class: 'quiet loading'}, t('loading')));
  try {
    place.replaceChildren(...await load());
  } catch (refused) {
    place.replaceChildren(h('p', {class: 'fault', role: 'alert'}, refusal(refused)));
  }
}

export function blacklist(operator) {
  const place = h('div', {'aria-live': 'polite'});
  const heads = [t('user'), t('reason'), t('added'), t('expires'), ''];
  const load = () => filled(place, async () => {
    const {entries} = await call('GET', 'blacklist');
    if (!entries.length) return [h('p', {class: 'quiet empty'}, t('nobodyListed'))];
    return [table(heads, entries.map((e) => row(heads, [
      h('b', {}, e.user), e.reason || '–', moment(e.added_at), e.expires_at ? moment(e.expires_at) : t('forever'),
      operator ? h('button', {type: 'button', onclick: () => actions.unban(e.user, load)}, t('remove')) : '',
    ])))];
  });
  const add = operator ? h('button', {type: 'button', class: 'primary', onclick: () => actions.ban(load)}, t('add')) : null;
  return {node: h('section', {class: 'card'}, h('div', {class: 'buttons'}, add), place), enter: load};
}

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const moments = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, durations = /\.(Window|TTL|Wait|Slice)$/;
const never = '0001-01-01T00:00:00Z'; // Go's zero time

// brief writes a field for people: times as they are elsewhere in the page, durations,
// which come in nanoseconds, with their unit.
function brief(value, key = '') {
  if (value === undefined || value === never) return '–';
  if (typeof value === 'number' && durations.test(key)) return span(value / 1e6);
  if (typeof value !== 'string') return JSON.stringify(value);
  return moments.test(value) ? moment(value) : value;
}

// flat turns nested fields into one level: {'RateLimit.Limit': 10}.
function flat(value, prefix = '') {
  return Object.entries(value).flatMap(([key, v]) =>
    v && typeof v === 'object' && !Array.isArray(v) ? flat(v, `${prefix}${key}.`) : [[prefix + key, v]]);
}

const boring = ['Version', 'ReadAt', 'ID'];

// changes lists the fields that differ between the states before and after, or what is
// there if there was nothing before.
function changes(before, after) {
  if (after === null || typeof after !== 'object' || Array.isArray(after)) return [brief(after)];
  const now = flat(after).filter(([key]) => !boring.includes(key));
  if (before === null || typeof before !== 'object') {
    return now.filter(([, v]) => v && v !== never && brief(v) !== '[]').map(([key, v]) => t('is', {key, after: brief(v, key)}));
  }
  const was = Object.fromEntries(flat(before));
  return now.filter(([key, v]) => JSON.stringify(was[key]) !== JSON.stringify(v))
    .map(([key, v]) => t('was', {key, before: brief(was[key], key), after: brief(v, key)}));
}

// outcome is what became of an action: its changes, with the whole states behind them.
function outcome(a) {
  if (a.error) return h('span', {class: 'fault'}, t('failed', a));
  if (!a.done) return h('span', {class: 'warn'}, t('underWay'));
  const list = changes(a.before ? parsed(a.before) : null, parsed(a.after));
  return h('details', {}, h('summary', {}, list.slice(0, 3).join(' · ') + (list.length > 3 ? ' …' : '') || '–'),
    h('pre', {}, [a.before, a.after].filter(Boolean).map((text) => JSON.stringify(parsed(text), null, 1)).join('\n→\n')));
}

export function audit() {
  const place = h('div', {'aria-live': 'polite'});
  const heads = [t('time'), t('actor'), t('action'), t('target'), t('changes')];
  const lines = (audits) => audits.map((a) => row(heads,
    [moment(a.at), a.actor, known('action_' + a.action, a.action), a.target, outcome(a)]));
  const page = (before) => call('GET', 'audits' + (before ? `?before=${before}` : ''));
  const load = () => filled(place, async () => {
    const first = await page(0);
    if (!first.audits.length) return [h('p', {class: 'quiet empty'}, t('noAudits'))];
    const body = table(heads, lines(first.audits));
    const more = h('button', {type: 'button', onclick: next}, t('older'));
    let before = first.before;
    more.hidden = !before;
    const fault = h('p', {class: 'fault', role: 'alert', hidden: true});
    async function next() {
      let older;
      try {
        older = await page(before);
      } catch (refused) {
        fault.textContent = refusal(refused);
        fault.hidden = false;
        return;
      }
      fault.hidden = true;
      body.querySelector('tbody').append(...lines(older.audits));
      before = older.before;
      more.hidden = !before;
    }
    return [body, fault, more];
  });
  return {node: h('section', {class: 'card'}, place), enter: load};
}
