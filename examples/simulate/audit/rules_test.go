package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seckill-go/seckill/examples/simulate/audit"
	"github.com/seckill-go/seckill/examples/simulate/client"
)

func order(id, state string) client.Order {
	return client.Order{ID: id, GoodsID: "1001", Quantity: 1, State: state}
}

// sale is a small sale in which all is well: three units, buyer 0 paid, buyer 1 did
// not in time, buyer 2 waits.
func sale() *audit.Facts {
	f := &audit.Facts{
		GoodsID: "1001", Most: 3, SoldOut: 5, Fresh: true, Within: "1s", Orders: make(map[string]audit.Shown),
		Before: client.Goods{ID: "1001", Total: 3, Left: 3, Limit: 1}, After: client.Goods{ID: "1001", Total: 3, Left: 1, Limit: 1},
	}
	for i, state := range []string{"paid", "cancelled", "pending"} {
		id := fmt.Sprint("o", i)
		f.Attempts = append(f.Attempts, audit.Attempt{Buyer: i, Receipts: []client.Order{order(id, "pending")}})
		f.Orders[id] = audit.Shown{Order: order(id, state), Buyer: i}
	}
	f.Attempts[0].Payment = audit.Payment{Asked: true, Accepted: time.Now(), Seen: []string{"pending", "paid"}}
	return f
}

func TestEachBreachIsFoundAndNothingElse(t *testing.T) {
	t.Parallel()
	set := func(f *audit.Facts, id, state string) {
		f.Orders[id] = audit.Shown{Order: order(id, state), Buyer: f.Orders[id].Buyer}
	}
	for name, c := range map[string]struct {
		change func(f *audit.Facts)
		broken string // "" for none
	}{
		"all is well":                 {func(*audit.Facts) {}, ""},
		"more than on sale":           {func(f *audit.Facts) { f.Most, f.After.Left = 1, 0 }, "no_oversell"},
		"more left than there can be": {func(f *audit.Facts) { f.After.Left, f.SoldOut = 2, 0 }, "no_oversell"},
		"two orders for a ticket": {func(f *audit.Facts) {
			f.Orders["o3"] = audit.Shown{Order: order("o3", "cancelled"), Buyer: 1}
			f.Attempts[1].Receipts = append(f.Attempts[1].Receipts, order("o3", "pending"))
		}, "one_ticket_one_order"},
		"the same order again": {func(f *audit.Facts) {
			f.Attempts[1].Receipts = append(f.Attempts[1].Receipts, order("o1", "cancelled"))
		}, ""},
		"an order for a forgery":     {func(f *audit.Facts) { f.Attempts[2].Forged = "an invented" }, "forged_tickets_buy_nothing"},
		"a forgery that was refused": {func(f *audit.Facts) { f.Attempts = append(f.Attempts, audit.Attempt{Buyer: 0, Forged: "an invented"}) }, ""},
		"an order that is gone":      {func(f *audit.Facts) { delete(f.Orders, "o2") }, "orders_are_visible"},
		"an order of two units":      {func(f *audit.Facts) { o := f.Orders["o1"]; o.Quantity = 2; f.Orders["o1"] = o }, "orders_are_visible"},
		"an order of other goods":    {func(f *audit.Facts) { f.Attempts[1].Receipts[0].GoodsID = "1002" }, "orders_are_visible"},
		"an unknown state":           {func(f *audit.Facts) { set(f, "o2", "lost"); f.After.Left = 0 }, "orders_are_visible"},
		"paid by nobody":             {func(f *audit.Facts) { set(f, "o2", "paid") }, "orders_are_visible"},
		"paid though it failed": {func(f *audit.Facts) {
			set(f, "o2", "paid")
			f.Attempts[2].Payment = audit.Payment{Asked: true, Fails: true}
		}, "orders_are_visible"},
		"paid, and then pending": {func(f *audit.Facts) { f.Attempts[2].Payment = audit.Payment{Asked: true, Seen: []string{"paid"}} }, "orders_are_visible"},
		"a late payment is given back": {func(f *audit.Facts) {
			set(f, "o1", "refund_due")
			f.Attempts[1].Payment = audit.Payment{Asked: true, Accepted: time.Now(), Seen: []string{"cancelled"}}
		}, ""},
		"somebody else sees it":        {func(f *audit.Facts) { f.Shared = []string{"o2"} }, "orders_are_visible"},
		"an order that nobody told of": {func(f *audit.Facts) { f.Attempts[1].Receipts = nil }, "no_hidden_orders"},
		"an order that nobody could":   {func(f *audit.Facts) { f.Attempts[1].Receipts, f.Attempts[1].Ambiguous = nil, true }, ""},
		"an order of an earlier run":   {func(f *audit.Facts) { f.Attempts[1].Receipts, f.Fresh = nil, false }, ""},
		"a payment that never came":    {func(f *audit.Facts) { f.Attempts[2].Payment = audit.Payment{Asked: true, Accepted: time.Now()} }, "paid_in_time"},
		"a payment that came late":     {func(f *audit.Facts) { f.Attempts[0].Payment.Late = true }, "paid_in_time"},
		"a payment that was refused":   {func(f *audit.Facts) { f.Attempts[2].Payment = audit.Payment{Asked: true} }, ""},
		"sold out, and units are left": {func(f *audit.Facts) {
			set(f, "o1", "pending")
			f.Most, f.After.Total, f.Before.Total, f.Before.Left = 4, 4, 4, 4
		}, "sold_out_is_true"},
		"units of before came back": {func(f *audit.Facts) {
			set(f, "o1", "pending")
			f.Most, f.After.Total, f.Before.Total, f.Before.Left = 4, 4, 4, 3
		}, ""},
		"an operator added units": {func(f *audit.Facts) { set(f, "o1", "pending"); f.Most, f.After.Total = 4, 4 }, ""},
		"nobody was told sold out": {func(f *audit.Facts) {
			set(f, "o1", "pending")
			f.Most, f.After.Total, f.Before.Total, f.Before.Left, f.SoldOut = 4, 4, 4, 4, 0
		}, ""},
		"a buyer with two": {func(f *audit.Facts) { o := f.Orders["o2"]; o.Buyer = 0; f.Orders["o2"] = o; f.Attempts[2].Buyer = 0 }, "limit_is_kept"},
		"two without a limit": {func(f *audit.Facts) {
			o := f.Orders["o2"]
			o.Buyer = 0
			f.Orders["o2"] = o
			f.Attempts[2].Buyer = 0
			f.Before.Limit, f.After.Limit = 0, 0
		}, ""},
		"numbers that do not add up":     {func(f *audit.Facts) { f.Status = &client.Status{Total: 3, Left: 1, Sold: 1, Held: 0, Conserved: true} }, "conserved"},
		"numbers that say so themselves": {func(f *audit.Facts) { f.Status = &client.Status{Total: 3, Left: 1, Sold: 2} }, "conserved"},
		"orders that were not sold":      {func(f *audit.Facts) { f.Status = &client.Status{Total: 3, Left: 2, Sold: 1, Conserved: true} }, "conserved"},
		"numbers that add up":            {func(f *audit.Facts) { f.Status = &client.Status{Total: 3, Left: 1, Sold: 2, Paid: 1, Conserved: true} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := sale()
			c.change(f)
			for _, check := range audit.Judge(*f) {
				want := audit.Holds
				switch {
				case check.Name == c.broken:
					want = audit.Broken
				case check.Name == "conserved" && f.Status == nil:
					want = audit.Unasked
				}
				require.Equal(t, want, check.Verdict, "%+v", check)
				require.NotEmpty(t, check.Detail)
			}
		})
	}
}

// Whatever could not be read is not said to hold; what the answers alone show is
// broken all the same.
func TestWhatCouldNotBeReadIsOpen(t *testing.T) {
	t.Parallel()
	f := sale()
	f.Unread = []string{"the goods: 503 busy"}
	f.Attempts[0].Receipts = append(f.Attempts[0].Receipts, order("o9", "pending"))
	open := 0
	for _, check := range audit.Judge(*f) {
		if check.Verdict == audit.Open {
			open++
			require.Contains(t, check.Detail, "503 busy")
		}
		if check.Name == "one_ticket_one_order" {
			require.Equal(t, audit.Broken, check.Verdict)
		}
	}
	require.GreaterOrEqual(t, open, 5)
}
