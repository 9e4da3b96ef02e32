package ordertest

import (
	"fmt"
	"slices"
	"time"

	"github.com/seckill-go/seckill/order"
)

var buryLaws = []storeLaw{
	{"BuriedForGood", "An attempt without an order is Buried, and no later Commit can book it.", func(l *lab) {
		l.open(5)
		d := draft("ada")
		for range 2 {
			l.statuses(l.bury(d.ID, "unheard-of", d.ID), order.Buried, order.Buried, order.Buried)
			l.statuses(l.commit(d, draft("bob")), order.Buried, order.Committed)
		}
		l.sold(2)
	}},
	{"BuryFindsTheOrder", "An attempt with an order is Replayed with it, in whatever state.", func(l *lab) {
		l.open(5)
		d := draft("ada")
		o := l.order(d)
		out := l.bury(d.ID, "unheard-of")
		l.statuses(out, order.Replayed, order.Buried)
		expect(l, "order", out[0].Order, o)
		gone := l.move(cancel(o))[0].Order
		expect(l, "cancelled order", l.bury(d.ID)[0].Order, gone)
		expect(l, "attempt of the order", l.commit(d)[0].Status, order.Replayed)
	}},
	{"BuryNeedsARow", "A goods without a stock row is not found.", func(l *lab) {
		_, err := l.Bury(l.ctx, goods, []string{"a"})
		l.is(err, order.ErrNotFound)
	}},
	{"BuriedOrBooked", "Of Commit and Bury at once, an attempt is booked or buried, never both, and both calls tell the same.", func(l *lab) {
		l.open(1000)
		booked := 0
		for range 20 {
			d := draft("ada")
			var committed, settled order.Status
			l.together(2, func(i int) {
				if i == 0 {
					committed = l.commit(d)[0].Status
				} else {
					settled = l.bury(d.ID)[0].Status
				}
			})
			switch {
			case committed == order.Committed && settled == order.Replayed:
				booked++
			case committed == order.Buried && settled == order.Buried:
			default:
				l.fail("Commit says %v, Bury says %v", committed, settled)
			}
		}
		l.sold(booked)
	}},
}

var readLaws = []storeLaw{
	{"UnknownIsNotFound", "An unknown order and the row of an unknown goods are not found.", func(l *lab) {
		_, err := l.Get(l.ctx, "nobody")
		l.is(err, order.ErrNotFound)
		_, err = l.Stock(l.ctx, "nothing")
		l.is(err, order.ErrNotFound)
	}},
	{"FindReturnsThoseThatAre", "Find returns the orders of those attempts that have one, each once.", func(l *lab) {
		l.open(5)
		a, b := l.order(draft("ada")), l.order(draft("bob"))
		l.bury("gone")
		found, err := l.Find(l.ctx, []string{b.ID, "gone", "unheard-of", a.ID, b.ID})
		l.must("Find", err)
		slices.SortFunc(found, func(x, y order.Order) int { return x.CreatedAt.Compare(y.CreatedAt) })
		l.equal("orders", ids(found), []string{a.ID, b.ID})
		expect(l, "order", found[0], a)
		none, err := l.Find(l.ctx, nil)
		l.must("Find", err)
		expect(l, "orders of no attempts", len(none), 0)
	}},
	{"ListPagesNewestFirst", "List returns a user's orders newest first, up to limit, those older than the one given.", func(l *lab) {
		l.open(10)
		var want []string
		for range 5 {
			want = append([]string{l.order(draft("ada")).ID}, want...)
			l.order(draft("bob"))
		}
		l.equal("first page", l.list("ada", "", 2), want[:2])
		l.equal("second page", l.list("ada", want[1], 2), want[2:4])
		l.equal("last page", l.list("ada", want[3], 2), want[4:])
		l.equal("page behind the last", l.list("ada", want[4], 2), []string{})
		l.equal("page of no rows", l.list("ada", "", 0), []string{})
		l.equal("all of a stranger", l.list("eve", "", 10), []string{})
		l.equal("page behind somebody else's order", l.list("bob", want[0], 10), []string{})
	}},
	{"SalesYieldsAllOrders", "Sales yields all orders of the goods, of every state, each once, and can be left early.", func(l *lab) {
		l.open(3000)
		_, err := l.Open(l.ctx, "goods-2", 0, 1)
		l.must("Open", err)
		l.commitOf("goods-2", draft("ada"))
		out := l.commit(append(group(400), draft("user-7"), draft("user-7"))...)
		l.move(cancel(out[0].Order), pay(out[1].Order))
		want := make(map[string]order.Order)
		for _, o := range out {
			want[o.Order.ID] = l.get(o.Order.ID)
		}
		for o, err := range l.Sales(l.ctx, goods) {
			l.must("Sales", err)
			expect(l, "sale", o, want[o.ID])
			delete(want, o.ID)
		}
		expect(l, "orders that were not yielded", len(want), 0)
		for range l.Sales(l.ctx, goods) {
			break
		}
	}},
	{"SalesYieldsItsError", "An error of Sales is yielded and ends it.", func(l *lab) {
		l.open(1)
		l.order(draft("ada"))
		n := 0
		for _, err := range l.Sales(ended(l.ctx), goods) {
			l.is(err, ended(l.ctx).Err())
			n++
		}
		expect(l, "yields", n, 1)
	}},
	{"StrangeTextIsKept", "Reasons and payment ids are kept as they came.", func(l *lab) {
		l.open(1)
		c := cancel(l.order(draft("ada")))
		c.EventID, c.Reason, c.PaymentID = "event/é 1", "余额不足 \\ ' \" ? % 🙈", "pay_Ü 1"
		o := l.move(c)[0].Order
		expect(l, "reason and payment", l.get(o.ID).Reason+l.get(o.ID).PaymentID, c.Reason+c.PaymentID)
		expect(l, "order read again", l.get(o.ID), o)
		expect(l, "moved again", l.move(c)[0].Moved, false)
	}},
}

func (l *lab) list(user, after string, limit int) []string {
	page, err := l.List(l.ctx, user, after, limit)
	l.must("List", err)
	return ids(page)
}

var backlogLaws = []storeLaw{
	{"OverdueEarliestFirst", "Overdue returns pending orders whose PayBy is before the time, earliest first, up to limit.", func(l *lab) {
		l.open(10)
		var made []order.Order
		for _, minutes := range []int{30, 10, 20, 40, 5} {
			d := draft("ada")
			d.PayBy = start.Add(time.Duration(minutes) * time.Minute)
			made = append(made, l.order(d))
		}
		l.move(pay(made[4]))
		l.equal("overdue", l.overdue(start.Add(30*time.Minute), 9), ids([]order.Order{made[1], made[2]}))
		l.equal("overdue a little later", l.overdue(start.Add(30*time.Minute+time.Microsecond), 9), ids([]order.Order{made[1], made[2], made[0]}))
		l.equal("first", l.overdue(start.Add(time.Hour), 1), []string{made[1].ID})
		l.move(cancel(made[1]))
		l.equal("next", l.overdue(start.Add(time.Hour), 1), []string{made[2].ID})
	}},
	{"UnrestoredUntilMarked", "A cancelled order waits until it is marked restored, also when it becomes refund_due, in the order of cancelling.", func(l *lab) {
		l.open(10)
		var made []order.Order
		for i := range 4 {
			made = append(made, l.order(draft(fmt.Sprint("user-", i))))
		}
		l.equal("before", l.unrestored(9), []string{})
		for i, n := range []int{2, 0, 1} {
			c := cancel(made[n])
			c.At = start.Add(time.Duration(i+1) * time.Hour)
			l.move(c)
		}
		late := pay(made[2])
		late.At = start.Add(9 * time.Hour)
		l.move(late, pay(made[3]))
		l.equal("unrestored", l.unrestored(9), ids([]order.Order{made[2], made[0], made[1]}))
		l.equal("first two", l.unrestored(2), ids([]order.Order{made[2], made[0]}))
		for range 2 {
			l.must("MarkRestored", l.MarkRestored(l.ctx, []string{made[2].ID, made[1].ID, "nobody"}))
			l.equal("rest", l.unrestored(9), []string{made[0].ID})
		}
		l.must("MarkRestored", l.MarkRestored(l.ctx, []string{made[0].ID}))
		l.move(pay(made[0]))
		l.equal("after a late payment", l.unrestored(9), []string{})
		l.sold(1)
	}},
	{"CancelledAndPaidInOneCall", "An order that one call cancels and finds paid late waits to be restored as well.", func(l *lab) {
		l.open(10)
		o := l.order(draft("ada"))
		l.move(cancel(o), pay(o))
		l.equal("unrestored", l.unrestored(9), []string{o.ID})
	}},
}

func (l *lab) overdue(before time.Time, limit int) []string {
	page, err := l.Overdue(l.ctx, before, limit)
	l.must("Overdue", err)
	return ids(page)
}

func (l *lab) unrestored(limit int) []string {
	page, err := l.Unrestored(l.ctx, limit)
	l.must("Unrestored", err)
	return ids(page)
}
