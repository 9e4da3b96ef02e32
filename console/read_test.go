package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
)

func TestOrdersAreFoundByUserAndByGoods(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{})
	made := []string{w.buy("alice"), w.buy("bob"), w.buy("alice")}
	c := w.login(readToken)
	for query, want := range map[string]int{"user=alice": 2, "user=carol": 0, "goods=1001": 3, "goods=nothing": 0, "goods=1001&after=" + made[0]: 0} {
		a := c.ok("GET", "api/orders?"+query, "")
		if list := a.body["orders"].([]any); len(list) != want || a.body["after"] != "" {
			t.Errorf("%s: want %d, got %s", query, want, a.text)
		}
	}
}

// timeline is what the console tells of an order's life, by the names of its steps.
func (c *client) timeline(order string) map[string]map[string]any {
	c.w.t.Helper()
	o := c.ok("GET", "api/orders/"+order, "").body
	if o["user_id"] != "alice" {
		c.w.t.Errorf("%v", o)
	}
	steps := make(map[string]map[string]any)
	var last time.Time
	for _, step := range o["timeline"].([]any) {
		s := step.(map[string]any)
		at, err := time.Parse(time.RFC3339, s["at"].(string))
		must(c.w.t, err)
		if at.Before(last) {
			c.w.t.Errorf("not in the order of time: %v", o["timeline"])
		}
		last = at
		steps[s["step"].(string)] = s
	}
	return steps
}

func TestAnOrdersTimelineHasEveryStepWithItsTimeAndNode(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{Node: "node-a"})
	pending, paid := w.buy("alice"), w.buy("alice")
	must(t, w.engine.Pay(t.Context(), "alice", paid, ""))
	c := w.login(readToken)
	for order, want := range map[string]string{
		pending: "committed event_sent pay_by requested ticket", paid: "committed event_sent paid requested ticket",
	} {
		var got string
		for deadline := time.Now().Add(10 * time.Second); got != want; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("got %q, want %q", got, want)
			}
			var names []string
			for name := range c.timeline(order) {
				names = append(names, name)
			}
			slices.Sort(names)
			got = strings.Join(names, " ")
		}
		steps := c.timeline(order)
		if steps["committed"]["node"] != "node-a" || steps["ticket"]["note"] == "" || (order == pending) != (steps["pay_by"]["due"] == true) {
			t.Errorf("%v", steps)
		}
	}
}

// ledger is one that is no journal.
type ledger struct{ order.Store }

func TestALedgerWithoutAJournalIsNotTheOperatorsMistake(t *testing.T) {
	t.Parallel()
	w := open(t, seckill.Options{Orders: ledger{new(order.Memory)}})
	if a := w.login(adminToken).call("GET", "api/orders?goods=1001", ""); !a.is(501, "unsupported", "listed by user") {
		t.Errorf("%d %s", a.status, a.text)
	}
}
