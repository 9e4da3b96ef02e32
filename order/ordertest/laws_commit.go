package ordertest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seckill-go/seckill/order"
)

var commitLaws = []storeLaw{
	{"CommitBooksTheDraft", "A booked order is the draft: pending, version 1, durable when Commit returns, its units in the row.", func(l *lab) {
		l.open(5)
		d := of(draft("ada"), 2, 0)
		o := l.order(d)
		expect(l, "order", o, order.Order{
			ID: d.ID, GoodsID: goods, UserID: "ada", Quantity: 2, Amount: 1999, Currency: "CNY",
			State: order.Pending, Version: 1, CreatedAt: d.CreatedAt, UpdatedAt: d.CreatedAt, PayBy: d.PayBy,
		})
		expect(l, "order read again", l.get(d.ID), o)
		l.sold(2)
	}},
	{"TimesAreUTCToTheMicrosecond", "Times are UTC, to the microsecond, in the answer as in what is read later.", func(l *lab) {
		l.open(1)
		d := draft("ada")
		d.CreatedAt = time.Date(2026, 11, 12, 4, 0, 0, 123456789, time.FixedZone("CST", 8*3600))
		d.PayBy = d.CreatedAt.Add(time.Minute)
		o := l.order(d)
		expect(l, "CreatedAt", o.CreatedAt, time.Date(2026, 11, 11, 20, 0, 0, 123456000, time.UTC))
		expect(l, "PayBy", o.PayBy, time.Date(2026, 11, 11, 20, 1, 0, 123456000, time.UTC))
		expect(l, "order read again", l.get(d.ID), o)
	}},
	{"CommitNeedsARow", "A goods without a stock row is not found, and nothing is booked.", func(l *lab) {
		d := draft("ada")
		_, err := l.Commit(l.ctx, goods, 0, []order.Draft{d})
		l.is(err, order.ErrNotFound)
		_, err = l.Get(l.ctx, d.ID)
		l.is(err, order.ErrNotFound)
	}},
	{"CommitOfNothing", "A group of no drafts changes nothing.", func(l *lab) {
		l.open(1)
		l.commit()
		l.sold(0)
		expect(l, "events", len(l.events()), 0)
	}},
	{"SoldOutAtTheTotal", "Never are more units in live orders than the row's total.", func(l *lab) {
		l.open(3)
		l.statuses(l.commit(group(5)...), order.Committed, order.Committed, order.Committed, order.SoldOut, order.SoldOut)
		l.statuses(l.commit(group(2)...), order.SoldOut, order.SoldOut)
		l.sold(3)
	}},
	{"SmallBehindLarge", "A large draft that does not fit leaves room for a small one behind it.", func(l *lab) {
		l.open(3)
		l.statuses(l.commit(of(draft("a"), 2, 0), of(draft("b"), 2, 0), of(draft("c"), 1, 0), draft("d")),
			order.Committed, order.SoldOut, order.Committed, order.SoldOut)
		l.sold(3)
	}},
	{"RefusedDraftsFailNoNeighbour", "Each draft is booked or refused for itself.", func(l *lab) {
		l.open(10)
		old := draft("ada")
		l.order(old)
		gone := draft("bob")
		l.bury(gone.ID)
		l.statuses(l.commit(draft("a"), old, gone, of(draft("b"), 2, 1), draft("c")),
			order.Committed, order.Replayed, order.Buried, order.LimitReached, order.Committed)
		l.sold(3)
	}},
	{"SameAttemptSameOrder", "An attempt that has an order is Replayed with that order, in whatever state, also when all is sold.", func(l *lab) {
		l.open(1)
		d := draft("ada")
		o := l.order(d)
		again := draft("ada") // The caller has another time and price for the same attempt.
		again.ID = d.ID
		l.replayed(again, o)
		l.replayed(again, l.move(cancel(o))[0].Order)
		l.order(draft("bob"))
		l.replayed(again, l.move(pay(o))[0].Order)
		l.sold(1)
	}},
	{"TwiceInOneGroup", "Of two drafts of one attempt in one group the second is Replayed.", func(l *lab) {
		l.open(5)
		d := draft("ada")
		out := l.commit(d, draft("bob"), d)
		l.statuses(out, order.Committed, order.Committed, order.Replayed)
		expect(l, "replayed order", out[2].Order, out[0].Order)
		l.sold(2)
		expect(l, "events", len(l.events()), 2)
	}},
	{"AttemptOfOtherGoods", "No two orders share an attempt, of whatever goods; the neighbours do not fail.", func(l *lab) {
		l.open(5)
		_, err := l.Open(l.ctx, "goods-2", 0, 5)
		l.must("Open", err)
		d := draft("ada")
		o := l.order(d)
		out := l.commitOf("goods-2", draft("bob"), d)
		l.statuses(out, order.Committed, order.Replayed)
		expect(l, "replayed order", out[1].Order, o)
	}},
	{"AttemptOfOtherGoodsAtOnce", "Groups of two goods with one attempt in both: one has it, the other is Replayed, no draft fails.", func(l *lab) {
		for range 10 {
			l.raceForAttempt()
		}
	}},
	{"IdsDifferByCase", "Ids are compared letter by letter.", func(l *lab) {
		l.open(4)
		lower, upper := of(draft("ada"), 1, 1), of(draft("ADA"), 1, 1)
		lower.ID, upper.ID = "id-x", "id-X"
		l.statuses(l.commit(lower, upper), order.Committed, order.Committed)
		expect(l, "owner of id-x", l.get("id-x").UserID, "ada")
	}},
	{"LargeGroups", "A group of any size is booked as a whole.", func(l *lab) {
		l.open(1000)
		out := l.commit(group(600)...)
		for i, o := range out {
			expect(l, fmt.Sprintf("status of draft %d", i), o.Status, order.Committed)
		}
		expect(l, "events", len(l.events()), 600)
		l.sold(600)
	}},
	{"NeverOversells", "200 buyers at once, in groups of 1 to 3 drafts of 1 to 3 units, for 100 units: never more than 100 are sold, and the last are.", func(l *lab) {
		l.open(100)
		l.together(200, func(i int) {
			var g []order.Draft
			for range 1 + i%3 {
				g = append(g, of(draft(fmt.Sprint("user-", i)), 1+i%3, 0))
			}
			l.commit(g...)
		})
		l.commit(group(3)...)
		l.sold(100)
	}},
	{"OneAttemptAtOnce", "One attempt committed 50 times at once is one order, and all are told the same.", func(l *lab) {
		l.open(100)
		d := draft("ada")
		orders := make([]order.Order, 50)
		l.together(50, func(i int) {
			mine := d
			mine.CreatedAt = draft("ada").CreatedAt
			orders[i] = l.commit(mine)[0].Order
		})
		expect(l, "different orders", len(slices.Compact(orders)), 1)
		l.sold(1)
	}},
	{"ManyGoodsAtOnce", "Groups of many goods at once are booked each for itself; one that is fenced, or of a goods that is not there, fails alone.", (*lab).sellManyGoods},
	{"EndedContextBooksNothing", "A context that has ended books nothing, and the error tells.", func(l *lab) {
		l.open(1)
		_, err := l.Commit(ended(l.ctx), goods, 0, group(1))
		l.is(err, ended(l.ctx).Err())
		l.sold(0)
	}},
}

func (l *lab) replayed(d order.Draft, want order.Order) {
	out := l.commit(d)[0]
	expect(l, "status of a known attempt", out.Status, order.Replayed)
	expect(l, "replayed order", out.Order, want)
}

func (l *lab) is(err, want error) {
	if !errors.Is(err, want) {
		l.fail("error: got %v, want %v", err, want)
	}
}

func (l *lab) sellManyGoods() {
	const n = 24
	name := func(i int) string { return fmt.Sprint("goods-", i%n) }
	for i := range n {
		_, err := l.Open(l.ctx, name(i), 5, 20)
		l.must("Open", err)
	}
	l.together(5*n, func(i int) {
		switch i / n {
		case 0:
			_, err := l.Commit(l.ctx, name(i), 4, group(1))
			l.is(err, order.ErrFenced)
		case 1:
			_, err := l.Commit(l.ctx, "not "+name(i), 5, group(1))
			l.is(err, order.ErrNotFound)
		default:
			l.commitOf(name(i), of(draft("ada"), 1, 2), of(draft("bob"), 1, 2), draft("eve"), draft("eve"))
		}
	})
	for i := range n {
		row, err := l.Stock(l.ctx, name(i))
		l.must("Stock", err)
		expect(l, "row of one of many", row, order.Stock{GoodsID: name(i), Total: 20, Sold: 10, Fence: 5, Epoch: 1})
		r, err := l.Recount(l.ctx, name(i))
		l.must("Recount", err)
		expect(l, "sums of one of many agree", r.Sound(), true)
	}
}

func (l *lab) raceForAttempt() {
	both := []string{goods, "goods-2"}
	d, statuses := draft("ada"), make([]order.Status, 2)
	for _, id := range both {
		_, err := l.Open(l.ctx, id, 0, 100)
		l.must("Open", err)
	}
	l.together(2, func(i int) {
		mine := d
		mine.CreatedAt = draft("ada").CreatedAt
		out := l.commitOf(both[i], draft("bob"), mine, draft("eve"))
		expect(l, "first neighbour", out[0].Status, order.Committed)
		expect(l, "last neighbour", out[2].Status, order.Committed)
		expect(l, "order of the attempt", out[1].Order.ID, d.ID)
		statuses[i] = out[1].Status
	})
	slices.Sort(statuses)
	if !slices.Equal(statuses, []order.Status{order.Committed, order.Replayed}) {
		l.fail("statuses of the shared attempt: %v", statuses)
	}
}
