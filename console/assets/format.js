// Numbers, money and times, in the language of the page.

import {known, language} from './text.js';

const locale = () => (language() === 'zh' ? 'zh-CN' : 'en-GB');

export const number = (n, digits = 0) => n.toLocaleString(locale(), {maximumFractionDigits: digits});

// money takes minor units: how many there are to a unit depends on the currency.
export function money(amount, currency) {
  const format = new Intl.NumberFormat(locale(), {style: 'currency', currency});
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export const moment = (at) => new Date(at).toLocaleString(locale(), {
  month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false,
});

// precise is the time of day to the millisecond.
export const precise = (at) => new Date(at).toLocaleString(locale(), {
  month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false,
});

export const day = (at) => new Date(at).toLocaleString(locale(), {
  month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false,
});

// span is the time between two moments: "0.04 ms", "850 ms", "12.3 s", "5 min".
export function span(ms) {
  if (ms < 10) return `${number(ms, ms < 1 ? 2 : 1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${number(ms / 1000, 1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${number(ms / 3_600_000, 1)} h`;
}

const units = {h: '小时', m: '分钟', s: '秒', ms: '毫秒'};

// goFor turns Go's "1m0s" into "1m"; to be read, not to be typed, in the page's language.
export function goFor(d, read) {
  const short = d.replace(/(?<=[hm])0s$/, '').replace(/(?<=h)0m$/, '');
  return read && language() === 'zh' ? short.replace(/ms|[hms]/g, (unit) => units[unit]) : short;
}

// refusal is what to show of a refused call: what the code means, or the server's own
// words where they name a field.
export function refusal(refused) {
  if (refused.code === 'invalid_request') return refused.message;
  return known('code_' + refused.code, refused.message || refused.code);
}
