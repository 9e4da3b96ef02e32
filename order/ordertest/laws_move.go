package ordertest

import (
	"fmt"
	"slices"
	"time"

	"github.com/seckill-go/seckill/order"
)

var moveLaws = []storeLaw{
	{"TheOnlyMoves", "pending → paid, pending → cancelled → refund_due; anything else changes nothing. Each move raises the version by one.", func(l *lab) {
		l.open(100)
		for _, e := range edges {
			l.edge(e)
		}
	}},
	{"MoveKeepsWhatItTells", "A moved order has the reason, the payment and the time of the change, to the microsecond, and is so when read.", func(l *lab) {
		l.open(1)
		o := l.order(draft("ada"))
		at := start.Add(time.Hour + 789).In(time.FixedZone("CST", 8*3600))
		gone := l.move(order.Change{OrderID: o.ID, Move: order.Cancel, Reason: "card declined", PaymentID: "p-1", At: at})[0].Order
		expect(l, "reason, payment and time", gone.Reason+" "+gone.PaymentID+" "+gone.UpdatedAt.String(), "card declined p-1 "+start.Add(time.Hour).String())
		expect(l, "order read again", l.get(o.ID), gone)
		back := l.move(order.Change{OrderID: o.ID, Move: order.Pay, PaymentID: "p-2", At: at.Add(time.Second)})[0].Order
		expect(l, "reason and payment", back.Reason+" "+back.PaymentID, "card declined p-2")
		expect(l, "order read again", l.get(o.ID), back)
	}},
	{"MoveOfNoOrder", "A change of an unknown order is answered with a zero Order, fails no neighbour, and its event is not remembered.", func(l *lab) {
		l.open(5)
		o, d := l.order(draft("ada")), draft("bob")
		early := order.Change{EventID: "early", OrderID: d.ID, Move: order.Pay, At: start}
		out := l.move(early, pay(o))
		expect(l, "answer", out[0], order.Changed{})
		expect(l, "neighbour moved", out[1].Moved, true)
		l.order(d)
		expect(l, "moved when it exists", l.move(early)[0].Moved, true)
	}},
	{"MoveOfNothing", "No changes change nothing.", func(l *lab) { l.move() }},
	{"EventsHappenOnce", "A change whose event was taken before changes nothing, and is answered with the order as it is, and as Known.", func(l *lab) {
		l.open(5)
		o := l.order(draft("ada"))
		gone := cancel(o)
		gone.EventID = "e-1"
		paid := pay(o)
		paid.EventID = "e-1"
		out := l.move(gone, paid)
		expect(l, "first moved", out[0].Moved, true)
		expect(l, "second, in the same call", out[1], order.Changed{Order: out[0].Order, Known: true})
		expect(l, "third, later", l.move(paid)[0], order.Changed{Order: out[0].Order, Known: true})
		paid.EventID = "e-2"
		expect(l, "another event moved", l.move(paid)[0].Moved, true)
	}},
	{"IdleEventsAreTaken", "An event whose change moved nothing is taken as well.", func(l *lab) {
		l.open(5)
		o := l.order(draft("ada"))
		first, second := pay(o), pay(o)
		second.EventID, second.PaymentID = "late", "other"
		l.move(first)
		expect(l, "second payment moved", l.move(second)[0].Moved, false)
		expect(l, "payment of the order", l.get(o.ID).PaymentID, first.PaymentID)
		other := l.order(draft("bob"))
		taken := pay(other)
		taken.EventID = "late"
		expect(l, "same event moved another order", l.move(taken)[0].Moved, false)
	}},
	{"ChangesApplyInOrder", "Changes of one call apply in their order, each with its event.", func(l *lab) {
		l.open(5)
		o := l.order(draft("ada"))
		out := l.move(cancel(o), pay(o), cancel(o))
		expect(l, "state and version", fmt.Sprint(out[2].Order.State, out[2].Order.Version), "refund_due3")
		expect(l, "moved", fmt.Sprint(out[0].Moved, out[1].Moved, out[2].Moved), "true true false")
		expect(l, "order read again", l.get(o.ID), out[2].Order)
		l.equal("events", l.types(o.ID), []string{"order.created", "order.cancelled", "order.refund_due"})
		l.sold(0)
	}},
	{"CancelGivesUnitsBack", "A cancelled order's units are back in the stock row and can be sold again.", func(l *lab) {
		l.open(3)
		o := l.order(of(draft("ada"), 3, 0))
		l.move(cancel(o))
		l.sold(0)
		l.order(of(draft("bob"), 3, 0))
		l.move(pay(o), cancel(o))
		l.sold(3)
	}},
	{"CancelGivesUnitsBackOnce", "50 cancels and pays of one order at once give its units back once or not at all.", func(l *lab) {
		l.open(10)
		sold := l.order(of(draft("bob"), 4, 0)).Quantity
		for pays := range 3 { // of three goroutines
			o := l.order(of(draft("ada"), 2, 0))
			l.together(50, func(i int) {
				if i%3 < pays {
					l.move(pay(o))
				} else {
					l.move(cancel(o))
				}
			})
			if l.settled(o) {
				sold += o.Quantity
			}
			l.sold(sold)
		}
	}},
	{"ManyMovesAtOnce", "Calls with many changes of several goods at once end, and nothing is lost.", func(l *lab) {
		_, err := l.Open(l.ctx, "goods-2", 0, 1000)
		l.must("Open", err)
		l.open(1000)
		var all []order.Change
		for i, out := range append(l.commit(group(80)...), l.commitOf("goods-2", group(80)...)...) {
			c := pay(out.Order)
			if i%2 == 0 {
				c = cancel(out.Order)
			}
			c.EventID = "move-" + out.Order.ID
			all = append(all, c)
		}
		l.together(4, func(i int) {
			l.move(append(slices.Clone(all[i*30:]), all[:i*30]...)...)
			l.commit(group(5)...)
		})
		l.sold(40 + 20)
		expect(l, "paid units", l.stock().Paid, 40)
	}},
	{"PaidIsASum", "Paid is the sum of units over paid orders.", func(l *lab) {
		l.open(9)
		a, b := l.order(of(draft("ada"), 2, 0)), l.order(of(draft("bob"), 3, 0))
		l.move(pay(a))
		expect(l, "paid", l.stock().Paid, 2)
		l.move(pay(b))
		expect(l, "paid", l.stock().Paid, 5)
		l.sold(5)
	}},
}

// edge is a change of an order in a state that was reached by others, and where
// it leads; "" is nowhere.
type edge struct {
	before changes
	change func(order.Order) order.Change
	to     order.State
}

type changes = []func(order.Order) order.Change

var edges = []edge{
	{nil, pay, order.Paid},
	{nil, cancel, order.Cancelled},
	{changes{pay}, pay, ""},
	{changes{pay}, cancel, ""},
	{changes{cancel}, pay, order.RefundDue},
	{changes{cancel}, cancel, ""},
	{changes{cancel, pay}, pay, ""},
	{changes{cancel, pay}, cancel, ""},
}

func (l *lab) edge(e edge) {
	o := l.order(draft("ada"))
	for _, change := range e.before {
		o = l.move(change(o))[0].Order
	}
	want := order.Changed{Order: o}
	got := l.move(e.change(o))[0]
	if e.to != "" {
		want.Moved = true
		want.Order.State, want.Order.Version, want.Order.UpdatedAt = e.to, o.Version+1, o.CreatedAt.Add(time.Minute)
		want.Order.Reason, want.Order.PaymentID = got.Order.Reason, got.Order.PaymentID
		want.Order.Released = got.Order.Released
	}
	expect(l, fmt.Sprintf("a change of an order that is %s", o.State), got, want)
	expect(l, "order read again", l.get(o.ID), got.Order)
}

// settled reports whether the order was paid; it ends the law if the order has
// not come to its end on a legal way.
func (l *lab) settled(o order.Order) bool {
	switch now := l.get(o.ID); {
	case now.State == order.Paid && now.Version == 2:
		return true
	case now.State == order.Cancelled && now.Version == 2, now.State == order.RefundDue && now.Version == 3:
		return false
	default:
		l.fail("the order ended %s at version %d", now.State, now.Version)
		return false
	}
}
