// Live charts of the last two minutes, drawn as SVG: stacked areas for rates, lines for
// what does not add up.

import {h, put, s} from './dom.js';
import {number} from './format.js';
import {t} from './text.js';

const span = 120_000; // ms
const width = 600, height = 120;
const gap = 15_000; // a point that is further from the one before stands alone

// nice is the next of 1, 2, 5, 10, … above the highest value.
function nice(n) {
  const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)));
  return [1, 2, 5, 10].map((m) => m * power).find((m) => m >= n);
}

// area is a step for each point, as a rate is one of the time since the point before.
function area(points, lower, upper, x, y) {
  return points.map((p, i) => {
    const since = i > 0 && p.at - points[i - 1].at < gap ? points[i - 1].at : p.at - 1000;
    return upper[i] > lower[i] ? `M${x(since)},${y(lower[i])}V${y(upper[i])}H${x(p.at)}V${y(lower[i])}Z` : '';
  }).join('');
}

// line goes from point to point where there are values. A point alone is a dot.
function line(points, values, x, y) {
  let path = '', before = null;
  points.forEach((p, i) => {
    if (values[i] === null) return;
    const joined = before !== null && p.at - before < gap;
    path += `${joined ? 'L' : 'M'}${x(p.at)},${y(values[i])}${joined ? '' : 'h.01'}`;
    before = p.at;
  });
  return path;
}

// stack puts each series on the ones before it, and returns their sums too.
function stack(points, series) {
  const sums = points.map(() => 0);
  const layers = series.map((one) => {
    const lower = [...sums];
    one.values.forEach((v, i) => { sums[i] += v; });
    return {...one, lower, upper: [...sums]};
  });
  return {layers, sums};
}

// chart draws what seriesOf gives for a list of points: [{name, values, color}].
// color is 1 to 8, for the style sheet. A value of a chart of lines may be null.
//
//   empty   what the legend says if there is no series
//   lines   true if the series do not add up
//   unit    behind each value of the legend
export function chart(title, seriesOf, {empty = '', lines = false, unit = ''} = {}) {
  const plot = s('svg', {viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': title});
  const most = h('span', {class: 'most'});
  const legend = h('ul', {class: 'legend'});
  const cursor = h('div', {class: 'cursor', hidden: true});
  const frame = h('div', {class: 'plot'}, plot, most, cursor);
  let points = [], at = null; // where the pointer is, from 0 to 1

  function draw() {
    const end = points.at(-1)?.at ?? 0;
    const x = (when) => ((when - (end - span)) / span * width).toFixed(1);
    const series = seriesOf(points);
    const {layers, sums} = stack(points, lines ? [] : series);
    const top = nice(Math.max(0, ...(lines ? series.flatMap((one) => one.values) : sums)));
    const y = (v) => (height - v / top * (height - 4)).toFixed(1);
    plot.replaceChildren(
      ...[0.5, 1].map((part) => s('line', {class: 'grid', x1: 0, x2: width, y1: y(top * part), y2: y(top * part)})),
      ...layers.map((one) => s('path', {class: `area c${one.color}`, d: area(points, one.lower, one.upper, x, y)})),
      ...(lines ? series : []).map((one) => s('path', {class: `line c${one.color}`, d: line(points, one.values, x, y)})));
    put(most, number(top) + unit);
    tell(series, end);
  }

  // tell fills the legend with the values under the pointer, or the latest.
  function tell(series, end) {
    let i = points.length - 1;
    if (at !== null) {
      const when = end - span + at * span;
      i = points.reduce((best, p, j) => Math.abs(p.at - when) < Math.abs(points[best].at - when) ? j : best, 0);
    }
    const items = series.map((one) => h('li', {},
      h('i', {class: `swatch c${one.color}`}), one.name, ' ', h('b', {}, written(one.values[i]))));
    legend.replaceChildren(...(items.length ? items : [h('li', {class: 'quiet'}, empty)]));
    plot.setAttribute('aria-label', `${title}: ${legend.textContent}`);
  }

  const written = (value) => value === undefined || value === null ? '–' : number(value, value < 10 ? 2 : value < 100 ? 1 : 0) + unit;

  frame.addEventListener('pointermove', (event) => {
    const box = frame.getBoundingClientRect();
    at = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    cursor.hidden = false;
    cursor.style.left = `${at * 100}%`;
    draw();
  });
  frame.addEventListener('pointerleave', () => {
    at = null;
    cursor.hidden = true;
    draw();
  });

  const node = h('section', {class: 'card chart'},
    h('h2', {}, title, h('small', {}, t('ofThisNode'))), frame, legend);
  return {node, update(next) { points = next; draw(); }};
}
