package httpadapter_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill/httpadapter"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
)

func secretOf(fill string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(fill), 32))
}

// told is a provider's event that an order is paid, not signed yet.
func told(o order.Order) call {
	body := `{"order_id":"` + o.ID + `","payment_id":"p1","status":"succeeded","amount":` + strconv.FormatInt(o.Amount, 10) + `,"currency":"CNY"}`
	return call{method: "POST", path: "/api/payment/callback", body: body, header: make(http.Header)}
}

// signedBy signs the callback with the secret, at now + shift.
func (c call) signedBy(t testing.TB, secret string, shift time.Duration) call {
	t.Helper()
	w, err := payment.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	w.Now = func() time.Time { return time.Now().Add(shift) }
	c.header = make(http.Header)
	w.Sign(c.header, "evt_1", []byte(c.body.(string)))
	return c
}

// events are how many payment events got as far as the outbox.
func (w *world) events(f func()) (n int) {
	for _, call := range w.asked(f) {
		if call == "orders.Enqueue" {
			n++
		}
	}
	return n
}

func TestACallbackIsTakenWithinFiveMinutesOfItsTime(t *testing.T) {
	w := newWorld(t)
	o := w.buy("user-1", 1)
	const slack = 10 * time.Second // for a machine that is busy
	for shift, fresh := range map[time.Duration]bool{
		0: true, payment.Tolerance - slack: true, slack - payment.Tolerance: true,
		payment.Tolerance + slack: false, -payment.Tolerance - slack: false,
		24 * time.Hour: false, -24 * time.Hour: false, -50 * 365 * 24 * time.Hour: false,
	} {
		c := told(o).signedBy(t, webhookSecret, shift)
		n := w.events(func() {
			if a := w.do(c); (a.status == 204) != fresh || !fresh && a.body["code"] != "bad_signature" {
				t.Errorf("signed %v from now: %d %s", shift, a.status, a.raw)
			}
		})
		if (n == 1) != fresh {
			t.Errorf("signed %v from now: %d events", shift, n)
		}
	}
}

// Each part of what was signed, changed on its way.
func TestAnAlteredCallbackIsRefused(t *testing.T) {
	w := newWorld(t)
	o := w.buy("user-1", 1)
	other := w.buy("user-2", 1)
	stamp := strconv.FormatInt(time.Now().Add(time.Second).Unix(), 10)
	for name, alter := range map[string]func(*call){
		"another order":     func(c *call) { c.body = strings.Replace(c.body.(string), o.ID, other.ID, 1) },
		"another amount":    func(c *call) { c.body = strings.Replace(c.body.(string), "199900", "199901", 1) },
		"a space more":      func(c *call) { c.body = c.body.(string) + " " },
		"no body":           func(c *call) { c.body = "" },
		"another id":        func(c *call) { c.header.Set("Webhook-Id", "evt_2") },
		"two ids":           func(c *call) { c.header.Add("Webhook-Id", "evt_1") },
		"no id":             func(c *call) { c.header.Del("Webhook-Id") },
		"another timestamp": func(c *call) { c.header.Set("Webhook-Timestamp", stamp) },
		"two timestamps":    func(c *call) { c.header.Add("Webhook-Timestamp", stamp) },
		"no timestamp":      func(c *call) { c.header.Del("Webhook-Timestamp") },
		"no signature":      func(c *call) { c.header.Del("Webhook-Signature") },
		"an empty one":      func(c *call) { c.header.Set("Webhook-Signature", "v1,") },
		"half of it":        func(c *call) { c.header.Set("Webhook-Signature", c.header.Get("Webhook-Signature")[:20]) },
		"another scheme": func(c *call) {
			c.header.Set("Webhook-Signature", strings.Replace(c.header.Get("Webhook-Signature"), "v1,", "v1a,", 1))
		},
		"another secret": func(c *call) { *c = told(o).signedBy(t, secretOf("x"), 0) },
		"a session instead": func(c *call) {
			c.header, c.bearer = make(http.Header), w.login("user-1")
		},
		"the operator's token instead": func(c *call) { c.header, c.bearer = make(http.Header), adminToken },
	} {
		c := told(o).signedBy(t, webhookSecret, 0)
		alter(&c)
		if n := w.events(func() { w.want(c, 401, "bad_signature") }); n != 0 {
			t.Errorf("%s: %d events", name, n)
		}
	}
}

// Nobody without a secret learns which orders there are.
func TestACallbackIsVerifiedBeforeItIsRead(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{"{}", `{"order_id":"` + w.buy("user-1", 1).ID + `"}`, "no JSON", "[[[["} {
		c := call{method: "POST", path: "/api/payment/callback", body: body, header: make(http.Header)}
		if asked := w.asked(func() { w.want(c, 401, "bad_signature") }); len(asked) != 0 {
			t.Errorf("%s: asked %v", body, asked)
		}
		w.want(c.signedBy(t, webhookSecret, 0), 400, "invalid_request")
	}
}

// While the secret is changed both are good, and a provider may sign with both.
func TestTheWebhooksSecretIsChangedWithoutALostCallback(t *testing.T) {
	fresh, old := secretOf("f"), secretOf("o")
	serve := func(secrets ...string) *world {
		return newWorld(t, func(o *httpadapter.Options) {
			var err error
			if o.Webhook, err = payment.NewWebhook(secrets...); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, step := range []struct {
		accepts []string
		takes   map[string]int
	}{
		{[]string{old}, map[string]int{old: 204, fresh: 401}},
		{[]string{fresh, old}, map[string]int{old: 204, fresh: 204}},
		{[]string{fresh}, map[string]int{old: 401, fresh: 204}},
	} {
		w := serve(step.accepts...)
		o := w.buy("user-1", 1)
		for secret, status := range step.takes {
			if a := w.do(told(o).signedBy(t, secret, 0)); a.status != status {
				t.Errorf("%d secrets, signed with %.8q: %d %s", len(step.accepts), secret, a.status, a.raw)
			}
		}
		both, a, b := told(o), told(o).signedBy(t, old, 0), told(o).signedBy(t, fresh, 0)
		if a.header.Get("Webhook-Timestamp") != b.header.Get("Webhook-Timestamp") {
			b = told(o).signedBy(t, fresh, 0) // the second ended between the two
			a = told(o).signedBy(t, old, 0)
		}
		both.header = a.header.Clone()
		both.header.Set("Webhook-Signature", a.header.Get("Webhook-Signature")+" "+b.header.Get("Webhook-Signature"))
		w.want(both, 204, "")
	}
}

// A provider tells until it is heard, and an eavesdropper may tell again: the order
// is paid once, and what is told of it later is another event.
func TestACallbackToldAgainHasNoSecondEffect(t *testing.T) {
	w := newWorld(t)
	w.run()
	o := w.buy("user-1", 1)
	c := told(o).signedBy(t, webhookSecret, 0)
	get := call{method: "GET", path: "/api/orders/" + o.ID, bearer: w.login("user-1")}
	w.want(c, 204, "")
	eventually(t, "paid", func() bool { return w.do(get).body["state"] == "paid" })
	paid := w.do(get).raw
	for range 20 {
		w.want(c, 204, "")
	}
	last := w.buy("user-2", 1) // its event is behind the others
	w.want(told(last).signedByAs(t, "evt_last"), 204, "")
	eventually(t, "the last event", func() bool {
		return w.do(call{method: "GET", path: "/api/orders/" + last.ID, bearer: w.login("user-2")}).body["state"] == "paid"
	})
	if now := w.do(get).raw; now != paid {
		t.Errorf("the order was\n%s and is\n%s", paid, now)
	}
}

// signedByAs signs under an id of its own.
func (c call) signedByAs(t *testing.T, id string) call {
	t.Helper()
	w, err := payment.NewWebhook(webhookSecret)
	if err != nil {
		t.Fatal(err)
	}
	w.Sign(c.header, id, []byte(c.body.(string)))
	return c
}

// A callback goes without a browser's headers and without a session; with them it
// is no better.
func TestACallbackNeedsNothingButItsSignature(t *testing.T) {
	w := newWorld(t)
	c := told(w.buy("user-1", 1)).signedBy(t, webhookSecret, 0)
	c.bearer = "nonsense"
	c.header.Set("Origin", "https://provider.example")
	w.want(c, 204, "")
}
