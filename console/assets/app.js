// The page: who is logged in, which view is open, and how fresh the numbers are.

import * as api from './api.js';
import {field, h, mark, put} from './dom.js';
import {refusal} from './format.js';
import {audit, blacklist} from './lists.js';
import {orders} from './orders.js';
import {sales} from './sales.js';
import {shop} from './shop.js';
import {known, language, languages, speak, t} from './text.js';
import './words.js';

const app = document.getElementById('app');
const remembered = 120_000; // ms of points that the charts show
const quiet = 5000; // ms without a state until the page says so
let me = {role: ''}, leave = () => {};
let state = null, points = [], seenAt = 0, link = '';

function keep(name, value) {
  try {
    if (value !== undefined) localStorage.setItem('seckill.' + name, value);
    return localStorage.getItem('seckill.' + name);
  } catch { // a browser that keeps nothing
    return null;
  }
}

function setTheme(theme) { mark(document.documentElement, 'theme', theme); }

function toggleTheme() {
  const dark = document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  setTheme(keep('theme', dark === 'dark' ? 'light' : 'dark') ?? (dark === 'dark' ? 'light' : 'dark'));
}

function toggleLanguage() {
  const other = languages.find((one) => one !== language());
  keep('language', other);
  speak(other);
  render();
}

const corner = () => h('div', {class: 'corner'},
  h('button', {type: 'button', id: 'language', onclick: toggleLanguage}, t('otherLanguage')),
  h('button', {type: 'button', id: 'theme', title: t('theme'), 'aria-label': t('theme'), onclick: toggleTheme}, '◐'));

function render(note) {
  leave();
  leave = () => {};
  app.replaceChildren(...(me.role ? inside() : [door(note)]));
}

// door is the login.
function door(note = '') {
  const fault = h('p', {class: 'fault', role: 'alert', hidden: !note}, note);
  const token = h('input', {type: 'password', name: 'token', required: true, autocomplete: 'current-password', autofocus: true});
  const submit = h('button', {class: 'primary'}, t('login'));
  async function login(event) {
    event.preventDefault();
    submit.disabled = fault.hidden = true;
    try {
      await api.login(token.value.trim());
      me = await api.call('GET', 'me');
      if (me.role) return render();
      put(fault, t('loginLost'));
    } catch (refused) {
      put(fault, refusal(refused));
    }
    submit.disabled = fault.hidden = false;
  }
  return h('main', {class: 'door'}, corner(), h('form', {class: 'card', onsubmit: login}, h('img', {src: 'icon.svg', alt: '', width: 48}),
    h('h1', {}, t('loginTitle')), field(t('token'), token, t('loginHint')), fault, submit));
}

async function logout(note) {
  await api.logout().catch(() => {});
  me = {role: ''};
  state = null;
  points = [];
  seenAt = 0;
  link = '';
  render(note);
}

// inside is everything behind the login.
function inside() {
  const operator = me.role === 'operator';
  const whole = shop(operator), each = sales(operator);
  const views = {
    sales: {node: h('div', {}, whole.node, each.node)},
    orders: orders(() => (state?.goods ?? []).map((g) => g.id)), blacklist: blacklist(operator), audit: audit(),
  };
  const tabs = Object.fromEntries(Object.keys(views).map((name) => [name, h('a', {href: '#' + name}, t(name))]));
  const pill = h('span', {class: 'pill', role: 'status'});
  const banner = h('p', {class: 'banner', role: 'alert', hidden: true}), entered = Date.now();
  const main = h('main');

  function go() {
    const [wanted, what = ''] = location.hash.slice(1).split('/');
    const name = views[wanted] ? wanted : 'sales';
    for (const [other, tab] of Object.entries(tabs)) {
      if (other === name) tab.setAttribute('aria-current', 'page');
      else tab.removeAttribute('aria-current');
    }
    main.replaceChildren(views[name].node);
    views[name].enter?.(decodeURIComponent(what));
  }

  function tell() {
    const age = Date.now() - (seenAt || entered), s = Math.round(age / 1000);
    const now = link !== 'lost' && age >= quiet ? 'silent' : link;
    put(pill, now ? t('link_' + now, {s}) : t('loading'));
    mark(pill, 'link', now);
    mark(main, 'stale', now === 'lost' || now === 'silent');
    const text = now === 'lost' ? t('lost', {s: seenAt ? s : '?'}) : now === 'silent' ? t('silent', {s}) : state?.fault ? t('fault') : '';
    document.title = now === 'lost' || now === 'silent' ? `${t('link_' + now, {s})} · ${t('title')}` : t('title');
    put(banner, text);
    banner.hidden = !text;
  }

  function see(next) {
    state = next.fault && state ? {...next, goods: state.goods} : next;
    points = (next.history ?? (next.point ? [...points, next.point] : points)).filter((p) => next.at - p.at <= remembered);
    whole.update(state, points);
    each.update(state);
    tell();
  }

  window.onhashchange = go;
  go();
  if (state) see({...state, history: points});
  tell();
  const clock = setInterval(tell, 1000);
  const unwatch = api.watch({
    onState(next) { seenAt = Date.now(); see(next); },
    onLink(next) { link = next; tell(); },
    onLogout: () => logout(t('sessionOver')),
  });
  leave = () => {
    clearInterval(clock);
    unwatch();
    window.onhashchange = null;
    document.title = t('title');
  };
  return [
    h('header', {class: 'top'}, h('h1', {}, h('img', {src: 'icon.svg', alt: '', width: 24}), t('title')), pill,
      h('nav', {}, Object.values(tabs)),
      h('div', {class: 'corner'}, h('span', {class: 'quiet', title: me.actor}, known(me.role, me.role)),
        ...corner().children, h('button', {type: 'button', id: 'logout', onclick: () => logout()}, t('logout')))),
    banner, main];
}

setTheme(keep('theme'));
speak(keep('language') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'));
me = await api.call('GET', 'me').catch(() => me);
render();
