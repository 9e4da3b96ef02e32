// A crowd for k6 (https://grafana.com/docs/k6), for those who have it. The tests of this repository do not run it:
// `go run ./examples/simulate` is the crowd that they run, and it checks more.
//
//   go run ./examples/server
//   k6 run -e URL=http://127.0.0.1:8000 -e GOODS=1001 examples/simulate/seckill.k6.js
//
// URL, GOODS, RATE (visitors a second at the peak) and SECONDS can be set. The server has to have development logins
// (-dev). Arrivals are an open model: they come by the schedule, whether the server answers or not.
import http from 'k6/http';
import { check, sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';

const url = __ENV.URL || 'http://127.0.0.1:8000';
const goods = __ENV.GOODS || '1001';
const rate = Number(__ENV.RATE || 500);
const seconds = Number(__ENV.SECONDS || 10);
const retries = 3;

const orders = new Counter('seckill_orders');
const refusals = new Counter('seckill_refusals');
const purchase = new Trend('seckill_purchase', true);

export const options = {
  scenarios: {
    crowd: {
      executor: 'ramping-arrival-rate',
      startRate: rate,
      timeUnit: '1s',
      preAllocatedVUs: Math.min(rate, 1000),
      maxVUs: 2000,
      stages: [
        { target: rate, duration: `${Math.ceil(seconds * 0.2)}s` },
        { target: Math.ceil(rate / 10), duration: `${Math.ceil(seconds * 0.2)}s` },
        { target: 1, duration: `${Math.ceil(seconds * 0.6)}s` },
      ],
    },
  },
  thresholds: {
    checks: ['rate==1'], // one ticket one order, no forged ticket bought anything
    dropped_iterations: ['count==0'], // else k6 had too few visitors ready, and the model was not open
  },
};

// A refusal is an answer, not a failed request.
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 499 }, 503));

function post(path, session, body) {
  const headers = { 'Content-Type': 'application/json' };
  if (session) headers.Authorization = `Bearer ${session}`;
  return http.post(url + path, JSON.stringify(body), { headers, tags: { name: path } });
}

function problem(answer) {
  try {
    return answer.json();
  } catch (e) {
    return {}; // not of this API
  }
}

// persist asks again, no sooner and no more often than it should.
function persist(send) {
  for (let tries = 0; ; tries++) {
    const answer = send();
    if (answer.status >= 200 && answer.status < 300) return answer;
    const { code, retryable } = problem(answer);
    if (code) refusals.add(1, { code });
    if (tries === retries || (code && !retryable)) return answer;
    const wait = Number(answer.headers['Retry-After'] || 0.1);
    if (wait > seconds) return answer;
    sleep(wait * (1 + Math.random() / 4));
  }
}

export default function () {
  const user = `k6-${__VU}-${__ITER}-${Date.now()}`;
  const session = post('/api/auth/token', null, { user_id: user }).json('token');

  if (Math.random() < 0.05) {
    const forged = post('/api/seckill', session, { goods_id: goods, token: 'st1.k1.Zm9yZ2Vk.Zm9yZ2Vk' });
    check(forged, { 'forged tickets buy nothing': (r) => r.status >= 400 });
  }

  const ticket = persist(() => post('/api/seckill/token', session, { goods_id: goods }));
  if (ticket.status !== 200) return;
  const buy = { goods_id: goods, token: ticket.json('token') };
  const bought = persist(() => post('/api/seckill', session, buy));
  purchase.add(bought.timings.duration);
  if (bought.status !== 201 && bought.status !== 200) return;
  orders.add(1);

  const id = bought.json('order_id');
  if (Math.random() < 0.1) {
    const again = post('/api/seckill', session, buy);
    check(again, { 'one ticket, one order': (r) => r.status === 503 || r.json('order_id') === id });
  }
  if (Math.random() < 0.85) {
    post('/api/payment/simulate', session, { order_id: id, success: Math.random() < 0.94 });
  }
}
