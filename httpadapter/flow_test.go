package httpadapter_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestSellsFromDefinitionToPayment(t *testing.T) {
	w := newWorld(t)
	w.run()
	watch := map[string]any{
		"goods_id": "1002", "title": "Watch", "price": map[string]any{"amount": 99900, "currency": "CNY"}, "total": 3,
		"starts_at": time.Now().Add(-time.Hour), "ends_at": time.Now().Add(time.Hour),
	}
	w.want(call{method: "POST", path: "/api/admin/goods", bearer: adminToken, body: watch}, 201, "")
	w.want(call{method: "POST", path: "/api/admin/goods", bearer: adminToken, body: watch}, 200, "")
	w.want(call{method: "POST", path: "/api/seckill/token", bearer: w.login("u1"), body: `{"goods_id":"1002"}`}, 409, "not_started")
	preloaded := w.want(call{method: "POST", path: "/api/admin/preload/1002", bearer: adminToken}, 200, "")
	if preloaded.body["left"] != 3.0 || preloaded.body["epoch"] != 1.0 {
		t.Errorf("preload: %s", preloaded.raw)
	}

	u1 := w.login("u1")
	eventually(t, "goods on sale", func() bool {
		return w.do(call{method: "GET", path: "/api/goods/1002", bearer: u1}).body["state"] == "open"
	})
	paid, cancelled := w.purchase(t, u1), w.purchase(t, u1)
	w.want(call{method: "POST", path: "/api/payment/simulate", bearer: u1, body: map[string]any{"order_id": paid}}, 202, "")
	w.want(call{method: "POST", path: "/api/payment/simulate", bearer: u1, body: map[string]any{"order_id": cancelled, "success": false}}, 202, "")
	state := func(orderID string) any {
		return w.do(call{method: "GET", path: "/api/orders/" + orderID, bearer: u1}).body["state"]
	}
	eventually(t, "one paid, one cancelled", func() bool { return state(paid) == "paid" && state(cancelled) == "cancelled" })
	eventually(t, "the unit is back", func() bool {
		return w.do(call{method: "GET", path: "/api/goods/1002", bearer: u1}).body["left"] == 2.0
	})
	w.want(call{method: "POST", path: "/api/payment/simulate", bearer: u1, body: map[string]any{"order_id": paid}}, 409, "not_payable")
	w.conserved(t)
}

// purchase takes a ticket for goods 1002 and uses it twice.
func (w *world) purchase(t *testing.T, bearer string) (orderID string) {
	t.Helper()
	ticket := w.want(call{method: "POST", path: "/api/seckill/token", bearer: bearer, body: `{"goods_id":"1002","quantity":1}`}, 200, "")
	use := call{method: "POST", path: "/api/seckill", bearer: bearer, body: map[string]any{"goods_id": "1002", "token": ticket.body["token"]}}
	first := w.want(use, 201, "")
	again := w.want(use, 200, "")
	orderID, _ = first.body["order_id"].(string)
	if orderID == "" || again.body["order_id"] != orderID || first.header.Get("Location") != "/api/orders/"+orderID {
		t.Fatalf("first %v %s, again %s", first.header, first.raw, again.raw)
	}
	if again.body["state"] != "pending" || again.body["quantity"] != 1.0 {
		t.Errorf("the order is %s", again.raw)
	}
	return orderID
}

func TestTheStatusNamesTheNodesThatHoldALease(t *testing.T) {
	w := newWorld(t)
	holders := func() any {
		status := w.want(call{method: "GET", path: "/api/admin/status", bearer: adminToken}, 200, "")
		return status.body["goods"].([]any)[0].(map[string]any)["lease_holders"]
	}
	if none, ok := holders().([]any); !ok || len(none) != 0 {
		t.Errorf("nobody sells, the status says %v", holders())
	}
	w.buy("u1", 1)
	if got := fmt.Sprint(holders()); got != "[map[fence:1 mode:shared node:node-a]]" && got != "[map[fence:2 mode:shared node:node-a]]" {
		t.Errorf("node-a sells, the status says %s", got)
	}
}

func (w *world) conserved(t *testing.T) {
	t.Helper()
	status := w.want(call{method: "GET", path: "/api/admin/status", bearer: adminToken}, 200, "")
	list, _ := status.body["goods"].([]any)
	if len(list) == 0 {
		t.Fatalf("status: %s", status.raw)
	}
	for _, g := range list {
		g := g.(map[string]any)
		if g["conserved"] != true || g["left"].(float64)+g["held"].(float64)+g["sold"].(float64) != g["total"] {
			t.Errorf("not conserved: %v", g)
		}
	}
	report := w.want(call{method: "POST", path: "/api/admin/reconcile/1002", bearer: adminToken, body: `{"dry_run":true}`}, 200, "")
	if differences, _ := report.body["differences"].([]any); len(differences) != 0 {
		t.Errorf("reconcile: %s", report.raw)
	}
}

func TestCallbackPaysOnce(t *testing.T) {
	w := newWorld(t)
	w.run()
	o := w.buy("u1", 1)
	body := `{"order_id":"` + o.ID + `","payment_id":"p1","status":"succeeded","amount":199900,"currency":"CNY"}`
	signed := call{method: "POST", path: "/api/payment/callback?status=failed", body: body, header: make(http.Header)}
	w.webhook.Sign(signed.header, "evt_1", []byte(body))
	u1 := w.login("u1")
	get := call{method: "GET", path: "/api/orders/" + o.ID, bearer: u1}
	for range 3 {
		w.want(signed, 204, "")
	}
	eventually(t, "paid", func() bool { return w.do(get).body["state"] == "paid" })
	w.want(signed, 204, "")
	if got := w.do(get); got.body["payment_id"] != "p1" {
		t.Errorf("the order is %s", got.raw)
	}

	cheap := call{method: "POST", path: signed.path, body: `{"order_id":"` + o.ID + `","payment_id":"p2","status":"succeeded","amount":1,"currency":"CNY"}`, header: make(http.Header)}
	w.webhook.Sign(cheap.header, "evt_2", []byte(cheap.body.(string)))
	w.want(cheap, 400, "invalid_request")
	w.want(call{method: "POST", path: signed.path, body: body + " ", header: signed.header}, 401, "bad_signature")
}

func TestOrdersComeInPages(t *testing.T) {
	w := newWorld(t)
	u1 := w.login("u1")
	older := w.buy("u1", 1)
	w.ahead.Store(int64(time.Second)) // ids of the same millisecond have no order
	newer := w.buy("u1", 1)
	w.buy("u2", 1)
	page := func(query string) (ids []any, next any) {
		a := w.want(call{method: "GET", path: "/api/orders?" + query, bearer: u1}, 200, "")
		for _, o := range a.body["orders"].([]any) {
			o := o.(map[string]any)
			ids = append(ids, o["order_id"])
		}
		return ids, a.body["next"]
	}
	if ids, next := page("limit=1"); len(ids) != 1 || ids[0] != newer.ID || next != newer.ID {
		t.Errorf("first page %v, next %v", ids, next)
	}
	if ids, next := page("limit=10&after=" + newer.ID); len(ids) != 1 || ids[0] != older.ID || next != nil {
		t.Errorf("second page %v, next %v", ids, next)
	}
	if ids, _ := page("after=" + older.ID); ids != nil {
		t.Errorf("after the last: %v", ids)
	}
}
