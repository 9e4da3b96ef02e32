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
