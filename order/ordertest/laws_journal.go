package ordertest

import (
	"slices"
	"time"

	"github.com/seckill-go/seckill/order"
)

// A store need not be a journal; one that is keeps these.
var journalLaws = []storeLaw{
	{"HistoryTellsEachStep", "A journal tells who committed an order, that its event was sent once it was, and each move.", journaled(func(l *lab) {
		l.open(20)
		before := time.Now()
		first, second := named("node-a", group(3)), named("node-b", group(3))
		slices.Reverse(second) // a group's first order need not be its oldest
		l.commit(first...)
		l.commit(second...)
		after := time.Now()
		for _, d := range slices.Concat(first, second) {
			l.history(d.ID, order.Step{Name: order.StepCommitted, Node: d.Node})
			if at := l.steps(d.ID)[0].At; at.Before(before.Add(-time.Second)) || at.After(after.Add(time.Second)) {
				l.fail("committed between %v and %v, the history says %v", before, after, at)
			}
		}
		l.sent(l.batches(1)...)
		l.history(first[1].ID, order.Step{Name: order.StepCommitted, Node: "node-a"}, order.Step{Name: order.StepSent})
		l.history(second[1].ID, order.Step{Name: order.StepCommitted, Node: "node-b"})
	})},
	{"HistoryHasEveryMove", "Each state that an order moved to is a step, the last with the time of UpdatedAt.", journaled(func(l *lab) {
		l.open(20)
		committed := order.Step{Name: order.StepCommitted}
		paid, late := l.order(draft("ada")), l.order(draft("bob"))
		moved := l.move(pay(paid), cancel(late))
		l.history(paid.ID, committed, order.Step{Name: "paid"})
		expect(l, "when it was paid", l.steps(paid.ID)[1].At, moved[0].Order.UpdatedAt)
		l.history(late.ID, committed, order.Step{Name: "cancelled"})
		due := l.move(pay(late))[0].Order
		l.history(late.ID, committed, order.Step{Name: "cancelled"}, order.Step{Name: "refund_due"})
		expect(l, "when the refund was due", l.steps(late.ID)[2].At, due.UpdatedAt)
	})},
	{"HistoryOfNoOrder", "The history of an order that is not there is ErrNotFound.", journaled(func(l *lab) {
		_, err := l.journal().History(l.ctx, "nobody")
		l.is(err, order.ErrNotFound)
	})},
	{"LatestPagesNewestFirst", "Latest pages through the orders of a goods, newest first, of every state and no other goods.", journaled(func(l *lab) {
		l.open(20)
		_, err := l.Open(l.ctx, "other", 0, 20)
		l.must("Open", err)
		var made []order.Order
		for _, d := range group(5) {
			made = append(made, l.order(d))
			l.commitOf("other", draft("eve"))
		}
		made[1] = l.move(cancel(made[1]))[0].Order
		slices.Reverse(made)
		var got []order.Order
		for after := ""; ; after = got[len(got)-1].ID {
			page, err := l.journal().Latest(l.ctx, goods, after, 2)
			l.must("Latest", err)
			if got = append(got, page...); len(page) < 2 {
				break
			}
		}
		if !slices.Equal(got, made) {
			l.fail("orders: got %v, want %v", ids(got), ids(made))
		}
		none, err := l.journal().Latest(l.ctx, goods, "", 0)
		l.must("Latest", err)
		expect(l, "orders in a page of none", len(none), 0)
	})},
}

// journaled skips a law about journals for a store that is none.
func journaled(prove func(*lab)) func(*lab) {
	return func(l *lab) {
		if _, ok := l.Store.(order.Journal); ok {
			prove(l)
		}
	}
}

func (l *lab) journal() order.Journal { return l.Store.(order.Journal) }

func (l *lab) steps(id string) []order.Step {
	steps, err := l.journal().History(l.ctx, id)
	l.must("History", err)
	return steps
}

// history compares all but the times, which are there.
func (l *lab) history(id string, want ...order.Step) {
	got := l.steps(id)
	same := slices.EqualFunc(got, want, func(a, b order.Step) bool { return a.Name == b.Name && a.Node == b.Node && !a.At.IsZero() })
	if !same {
		l.fail("history: got %+v, want %+v", got, want)
	}
}

func named(node string, drafts []order.Draft) []order.Draft {
	for i := range drafts {
		drafts[i].Node = node
	}
	return drafts
}
