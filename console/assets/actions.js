// What an operator can do. Each asks first, and the server notes it in the audit log.

import {call} from './api.js';
import {ask, patiently, show} from './dialog.js';
import {h, put} from './dom.js';
import {goFor, number, refusal} from './format.js';
import {t} from './text.js';

const path = (g, action) => `goods/${encodeURIComponent(g.id)}/${action}`;

export const turn = (state, on) => ask({
  title: t(on ? 'do_on' : 'do_off'), word: on ? 'ON' : 'OFF',
  impact: t(on ? 'impact_on' : 'impact_off', {n: number(state.goods.length)}),
  act: () => call('POST', 'switch', {enabled: on}),
});

export function rate({settings}) {
  const now = t('rateValue', {limit: number(settings.limit), window: goFor(settings.window, true)});
  return ask({
    title: t('do_rate'), word: ({limit}) => limit,
    inputs: {
      limit: {label: t('limit'), value: settings.limit, inputmode: 'numeric'},
      window: {label: t('limitWindow'), value: goFor(settings.window), hint: t('windowHint')},
    },
    impact: (values) => t('impact_rate', {...values, now}),
    act: ({limit, window}) => call('POST', 'rate', {limit: whole(limit), window}),
  });
}

// whole is a number if the text is one; the server names the field if it is not.
const whole = (text) => /^-?\d+$/.test(text) ? Number(text) : text;

export const preload = (g) => ask({
  title: t('do_preload', g), word: g.id, impact: t('impact_preload', g),
  act: () => call('POST', path(g, 'preload'), {}),
});

export function total(g) {
  const from = g.catalog_total;
  return ask({
    title: t('do_total', g), word: g.id,
    inputs: {to: {label: t('newTotal'), value: from, inputmode: 'numeric'}},
    impact({to}) {
      const n = Number(to) - from;
      const key = n > 0 ? 'impact_total_up' : n < 0 ? 'impact_total_down' : 'impact_total_same';
      return t(key, {id: g.id, n: number(Math.abs(n)), from: number(from), to: number(Number(to)), taken: number(g.sold + g.held)});
    },
    check: ({to}) => /^\d+$/.test(to) && Number(to) !== from,
    act: ({to}) => call('POST', path(g, 'total'), {from, to: whole(to)}),
  });
}

export const end = (g) => ask({
  title: t('do_end', g), word: g.id, impact: t('impact_end', {id: g.id, left: number(g.left)}),
  act: () => call('POST', path(g, 'end'), {}),
});

export const ban = (done) => ask({
  title: t('do_ban'), word: ({user}) => user,
  inputs: {
    user: {label: t('byUser')},
    reason: {label: t('reason'), maxlength: 500},
    duration: {label: t('duration'), hint: t('durationHint'), value: '24h'},
  },
  impact: ({user}) => t('impact_ban', {user: user || '…'}),
  act: ({user, reason, duration}) => call('POST', 'blacklist', {user_id: user, reason, duration}).then(done),
});

export const unban = (user, done) => ask({
  title: t('do_unban', {user}), word: user, impact: t('impact_unban', {user}),
  act: () => call('DELETE', 'blacklist/' + encodeURIComponent(user)).then(done),
});

// reconcile compares first, and mends only after the differences were shown.
export function reconcile(g) {
  const fault = h('p', {class: 'fault', role: 'alert', hidden: true}), found = h('div', {class: 'found', role: 'status'});
  const compare = h('button', {type: 'button', class: 'primary', onclick: look}, t('compare'));
  const dialog = h('dialog', {'aria-labelledby': 'asked'}, h('h2', {id: 'asked'}, t('do_reconcile', g)),
    h('p', {class: 'impact'}, t('impact_compare', g)), found, fault,
    h('div', {class: 'buttons'}, h('button', {type: 'button', onclick: () => dialog.close()}, t('close')), compare));

  async function look() {
    compare.disabled = fault.hidden = true;
    put(compare, t('working'));
    try {
      const {differences} = await patiently(fault, call('POST', path(g, 'reconcile'), {dry_run: true}));
      if (!differences.length) found.replaceChildren(h('p', {class: 'good'}, '✓ ', t('agree')));
      else mend(differences);
    } catch (refused) {
      put(fault, refusal(refused));
      fault.hidden = false;
    }
    put(compare, t('compare'));
    compare.disabled = false;
  }

  function mend(differences) {
    dialog.close();
    ask({
      title: t('do_reconcile', g), word: g.id, verb: t('mend'),
      impact: [t('differ', {n: differences.length}), ...differences.map((d) => '• ' + d)].join('\n'),
      act: () => call('POST', path(g, 'reconcile'), {dry_run: false}),
    });
  }
  return show(dialog);
}
