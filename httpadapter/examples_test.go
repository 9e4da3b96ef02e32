package httpadapter_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/ticket"
)

// Every example of a request is sent, and every example of an answer is provoked,
// each in a world of its own.
func TestAnswersAsDocumented(t *testing.T) {
	d := readDocument(t)
	for _, o := range d.operations() {
		for _, name := range o.cases() {
			t.Run(o.id+"/"+name, func(t *testing.T) {
				d := &document{t, d.root, d.schemas}
				status, r := o.expected(name)
				w := newWorld(t)
				a := w.do(o.call(w, name))
				if strconv.Itoa(a.status) != status {
					t.Fatalf("want %s, got %d %s", status, a.status, a.raw)
				}
				d.checkAnswer(r, name, a)
			})
		}
	}
}

// cases are the names of all examples; an operation whose success has none gets one.
func (o operation) cases() []string {
	names := make(map[string]bool)
	for name := range o.requests {
		names[name] = true
	}
	for status, r := range o.responses {
		for name := range r.examples {
			names[name] = true
		}
		if status[0] == '2' && len(r.examples) == 0 && len(o.requests) == 0 {
			names["success"] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// expected is the response with the example of that name, else the one success.
func (o operation) expected(name string) (string, response) {
	success := ""
	for status, r := range o.responses {
		if _, ok := r.examples[name]; ok {
			return status, r
		}
		if status[0] == '2' {
			success = status
		}
	}
	return success, o.responses[success]
}

// call builds the request of a case, in a world that is made ready for it.
func (o operation) call(w *world, name string) call {
	c := call{method: o.method, path: o.path, body: o.body(name), header: make(http.Header)}
	switch o.secured {
	case "session":
		c.bearer = w.login("user-1")
	case "admin":
		c.bearer = adminToken
	}
	for param, example := range o.params {
		c.path = strings.Replace(c.path, "{"+param+"}", example, 1)
	}
	fresh(w, &c, o, name)
	if prepare, ok := provocations[o.id+"/"+name]; ok {
		prepare(w, &c)
	} else if prepare, ok := provocations[name]; ok {
		prepare(w, &c)
	}
	if o.id == "paymentCallback" && name != "bad_signature" {
		sign(w, &c)
	}
	return c
}

// body is a copy of the example of that name, else of the first one.
func (o operation) body(name string) any {
	if o.requests == nil {
		return nil
	}
	if _, ok := o.requests[name]; !ok {
		name = slices.Sorted(maps.Keys(o.requests))[0]
	}
	return maps.Clone(o.requests[name].(map[string]any))
}

const exampleOrder = "AZpvPo9cfDqdHjsvSlxtfg"

// fresh puts a ticket and an order of this world in the place of the example's.
func fresh(w *world, c *call, o operation, name string) {
	body, _ := c.body.(map[string]any)
	if _, ok := body["token"]; ok && name != "invalid_ticket" {
		body["token"] = w.ticket("user-1", 1)
	}
	if _, ok := body["order_id"]; ok || strings.Contains(c.path, exampleOrder) {
		id := w.buy("user-1", 1).ID
		c.path = strings.Replace(c.path, exampleOrder, id, 1)
		if ok {
			body["order_id"] = id
		}
	}
}

func sign(w *world, c *call) {
	content, ok := c.body.(string)
	if !ok {
		b, err := json.Marshal(c.body)
		w.must(err)
		content = string(b)
	}
	c.body = content
	kind := c.header["Content-Type"]
	w.webhook.Sign(c.header, "evt_1", []byte(content))
	if kind != nil {
		c.header["Content-Type"] = kind
	}
}

// provocations make an answer come, by "operation/example" or example.
var provocations = map[string]func(w *world, c *call){
	"purchase/again": func(w *world, c *call) { w.want(*c, 201, "") },
	"page":           func(w *world, _ *call) { w.buy("user-1", 1) },
	"one":            func(w *world, _ *call) { w.ban("user-7") },

	"unauthenticated":    func(_ *world, c *call) { c.bearer = "" },
	"forbidden":          func(_ *world, c *call) { c.header.Set("Sec-Fetch-Site", "cross-site") },
	"too_large":          func(_ *world, c *call) { c.body = `"` + strings.Repeat("x", 4095) + `"` },
	"putGoods/too_large": func(_ *world, c *call) { c.body = `"` + strings.Repeat("x", 16383) + `"` },
	"unsupported_media_type": func(_ *world, c *call) {
		c.body = "{}"
		c.header.Set("Content-Type", "text/plain")
	},
	"invalid_request": func(_ *world, c *call) {
		c.body = `{"nonsense":1}`
		if c.method == "GET" {
			c.body, c.path = nil, c.path+"?limit=x"
		}
	},
	"getGoods/invalid_request": func(_ *world, c *call) { c.path = "/api/goods/a.b" },
	"getOrder/invalid_request": func(_ *world, c *call) { c.path = "/api/orders/a.b" },

	"goods_not_found": func(_ *world, c *call) {
		c.path = strings.Replace(c.path, "1001", "9999", 1)
		if body, ok := c.body.(map[string]any); ok {
			body["goods_id"] = "9999"
		}
	},
	"purchase/goods_not_found": func(w *world, c *call) {
		signer, err := ticket.NewSigner(ticketKey)
		w.must(err)
		token, err := signer.Sign(ticket.Ticket{
			Attempt: ticket.NewAttempt(time.Now()), User: "user-1", Goods: "9999", Quantity: 1,
			NotBefore: time.Now().Add(-time.Second), Expires: time.Now().Add(time.Minute),
		})
		w.must(err)
		c.body = map[string]any{"goods_id": "9999", "token": token}
	},
	"reconcile/goods_not_found": func(_ *world, c *call) { c.path, c.body = "/api/admin/reconcile/9999", nil },
	"order_not_found": func(_ *world, c *call) {
		if body, ok := c.body.(map[string]any); ok {
			body["order_id"] = nobody()
		}
	},
	"getOrder/order_not_found": func(_ *world, c *call) { c.path = "/api/orders/" + nobody() },

	"blacklisted":  func(w *world, _ *call) { w.ban("user-1") },
	"not_started":  func(w *world, _ *call) { w.put(func(g *goods.Goods) { g.StartsAt = time.Now().Add(time.Minute) }) },
	"ended":        func(w *world, _ *call) { w.put(func(g *goods.Goods) { g.EndsAt = time.Now().Add(-time.Minute) }) },
	"rate_limited": func(w *world, _ *call) { w.rate(1); w.ticket("user-1", 1) },
	"disabled": func(w *world, _ *call) {
		_, err := w.engine.Admin("test").SetEnabled(w.t.Context(), false)
		w.must(err)
	},
	"sold_out": func(w *world, c *call) {
		w.put(func(g *goods.Goods) { g.Total = 1 })
		c.body.(map[string]any)["quantity"] = 2
	},
	"purchase/sold_out": func(w *world, _ *call) {
		w.put(func(g *goods.Goods) { g.Total = 1 })
		w.buy("user-2", 1)
	},
	"limit_reached":   func(w *world, _ *call) { w.buy("user-1", 2) },
	"not_payable":     func(w *world, _ *call) { w.ahead.Store(int64(time.Hour)) },
	"total_too_small": func(w *world, _ *call) { w.buy("user-1", 2) },
	"preload/total_too_small": func(w *world, _ *call) {
		w.buy("user-1", 2)
		smaller := w.goods
		smaller.Total = 1
		_, err := w.catalog.Put(w.t.Context(), smaller)
		w.must(err)
	},
	"parked":  func(w *world, _ *call) { w.park(order.OrderLane, "order.created") },
	"retried": func(w *world, _ *call) { w.park(order.OrderLane, "order.created") },
	"still_parked": func(w *world, _ *call) { // an order that somebody has paid is not cancelled
		w.park(order.CancelLane, "")
		w.park(order.PaymentLane, "payment.succeeded")
	},
	"busy":            func(w *world, _ *call) { w.down.Store(true) },
	"login/busy":      func(w *world, _ *call) { w.loginDown.Store(true) },
	"verify/busy":     func(w *world, _ *call) { w.loginDown.Store(true) },
	"not_ready":       func(w *world, _ *call) { w.down.Store(true) },
	"fault":           func(w *world, _ *call) { w.authBroken.Store(true) },
	"outcome_unknown": func(w *world, _ *call) { w.uncommit.Store(true) },
}

// park parks an event of an order, or its cancel.
func (w *world) park(lane order.Lane, kind string) {
	w.t.Helper()
	p := order.Parked{Lane: lane, Key: exampleOrder, Reason: "message too long", At: time.Now()}
	if kind != "" {
		p.Event = order.Event{ID: exampleOrder, Type: kind, Version: 1, Key: exampleOrder, Time: p.At}
	}
	w.must(w.orders.Park(w.t.Context(), []order.Parked{p}))
}

func (w *world) ban(user string) {
	w.t.Helper()
	_, err := w.engine.Admin("test").Ban(w.t.Context(), user, "bot", 0)
	w.must(err)
}

func (w *world) rate(limit int) {
	w.t.Helper()
	_, err := w.engine.Admin("test").SetRateLimit(w.t.Context(), limit, time.Minute)
	w.must(err)
}

func (d *document) checkAnswer(r response, name string, a answer) {
	d.t.Helper()
	if strings.Contains(a.raw, "secret text") {
		d.t.Errorf("internal text left: %s", a.raw)
	}
	if kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";"); kind != r.content {
		d.t.Errorf("want %q, got %q", r.content, kind)
	}
	if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
		d.t.Errorf("headers are %v", a.header)
	}
	if !strings.HasSuffix(r.content, "json") {
		return
	}
	example := r.examples[name].(map[string]any)
	d.conforms(r.pointer, example, "the example")
	got := decoded(d.t, a.raw).(map[string]any)
	d.conforms(r.pointer, got, "the answer")
	if r.content == "application/problem+json" {
		d.checkProblem(example, got, a)
	}
}

func (d *document) checkProblem(example, got map[string]any, a answer) {
	d.t.Helper()
	for _, field := range []string{"type", "title", "status", "code", "retryable"} {
		if example[field] != got[field] {
			d.t.Errorf("%s is %v, documented as %v", field, got[field], example[field])
		}
	}
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if retryable := got["retryable"] == true; retryable != (err == nil && seconds >= 1) {
		d.t.Errorf("retryable %v, Retry-After %q", retryable, a.header.Get("Retry-After"))
	}
	if (a.status == http.StatusUnauthorized) != (a.header.Get("WWW-Authenticate") != "") {
		d.t.Errorf("%d with WWW-Authenticate %q", a.status, a.header.Get("WWW-Authenticate"))
	}
}
