package httpadapter_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// namesOrder reports whether a user's request names an order: in its path or in its
// body. What the callback names is the provider's word, and no user's.
func (o operation) namesOrder() bool {
	inPath := func(example string) bool { return example == exampleOrder }
	return o.secured == "session" && (slices.ContainsFunc(values(o.params), inPath) || slices.Contains(o.fields, "order_id"))
}

func values(m map[string]string) (list []string) {
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

// about returns the request of an operation about the order.
func (o operation) about(w *world, orderID string) call {
	c := call{method: o.method, path: o.path, body: o.body(""), bearer: w.login("user-2")}
	for param, example := range o.params {
		if example == exampleOrder {
			c.path = strings.Replace(c.path, "{"+param+"}", orderID, 1)
		}
	}
	if body, ok := c.body.(map[string]any); ok {
		body["order_id"] = orderID
	}
	return c
}

// Somebody else's order and none at all: the same answer, byte for byte, after the
// same questions to the backends, so the same work.
func TestSomebodyElsesOrderIsNone(t *testing.T) {
	w, seen := newWorld(t), 0
	theirs := w.buy("user-1", 1).ID
	missing := neighbour(theirs)
	before := w.state()
	for _, o := range readDocument(t).operations() {
		if !o.namesOrder() {
			continue
		}
		seen++
		var there, none answer
		askedThere := w.asked(func() { there = w.want(o.about(w, theirs), 404, "order_not_found") })
		askedNone := w.asked(func() { none = w.want(o.about(w, missing), 404, "order_not_found") })
		if there.raw != none.raw || !sameHeader(there.header, none.header) {
			t.Errorf("%s: theirs %v %s, none %v %s", o.id, there.header, there.raw, none.header, none.raw)
		}
		if strings.Contains(there.raw, theirs) {
			t.Errorf("%s: the answer has the order in it: %s", o.id, there.raw)
		}
		if !slices.Equal(askedThere, askedNone) || !slices.Equal(askedThere, []string{"sessions.Get", "orders.Get"}) {
			t.Errorf("%s: theirs asked %v, none %v", o.id, askedThere, askedNone)
		}
	}
	if seen < 2 {
		t.Errorf("%d operations name an order", seen)
	}
	if after := w.state(); after != before {
		t.Errorf("somebody else changed\n%s to\n%s", before, after)
	}
}

// neighbour is an id next to that of an order, which no order has.
func neighbour(id string) string {
	last := byte('0')
	if id[len(id)-1] == '0' {
		last = '1'
	}
	return id[:len(id)-1] + string(last)
}

func sameHeader(a, b http.Header) bool {
	for name := range a {
		if !slices.Equal(a[name], b[name]) {
			return false
		}
	}
	return len(a) == len(b)
}

// The place at which a page begins is an id too.
func TestAPageAfterSomebodyElsesOrderTellsNothing(t *testing.T) {
	w := newWorld(t)
	w.buy("user-2", 1)
	theirs := w.buy("user-1", 1).ID
	bearer := w.login("user-2")
	page := func(after string) string {
		return w.want(call{method: "GET", path: "/api/orders?after=" + after, bearer: bearer}, 200, "").raw
	}
	if a, b := page(theirs), page(neighbour(theirs)); a != b {
		t.Errorf("after theirs %s, after none %s", a, b)
	}
	if everybodys := page(strings.Repeat("z", 36)); strings.Contains(everybodys, theirs) {
		t.Errorf("somebody else's order is in the list: %s", everybodys)
	}
}

// Two buyers cannot use one ticket, and the one who may not learns only that.
func TestSomebodyElsesTicketIsNone(t *testing.T) {
	w := newWorld(t)
	theirs := w.ticket("user-1", 1)
	buy := func(token string) answer {
		return w.want(call{method: "POST", path: "/api/seckill", bearer: w.login("user-2"), body: map[string]any{"goods_id": "1001", "token": token}}, 403, "invalid_ticket")
	}
	if a, b := buy(theirs), buy(theirs[:len(theirs)-1]+"_"); a.raw != b.raw {
		t.Errorf("theirs %s, none %s", a.raw, b.raw)
	}
}
