package seckill

import (
	"maps"
	"sync"
	"sync/atomic"
)

// Tally counts what this engine did since it was built. Counts only rise.
type Tally struct {
	// Tickets, Purchases and Payments count calls by their code; "" is success,
	// "fault" an error that is no refusal.
	Tickets, Purchases, Payments map[Code]uint64
	// Orders counts new orders that this node committed. An order that another call
	// gets again is not new, and neither is one whose COMMIT had no answer and that is
	// found when the ledger is asked again.
	Orders uint64
	// Moves counts orders that this node moved, by the state they moved to.
	Moves map[Code]uint64
	// Stages has the durations of each stage, in seconds.
	Stages map[StageName]Histogram
	// GroupSizes has the buyers of each group.
	GroupSizes Histogram
	// Leases counts the leases that this node had for selling, LeasesEnded those that
	// ended, by the reason: "handed_over" to a node that wanted it, "lost" (it expired
	// or was taken over), "idle" without buyers, "fenced", "mode" (the settings want
	// another one) or "stopped".
	Leases      uint64
	LeasesEnded map[Code]uint64
	// Duplicates counts what came again, by who noticed: the "gate" or the "ledger" an
	// attempt that has its order or its hold, the "inbox" a payment event.
	Duplicates map[Code]uint64
	// Fenced counts groups that a newer lease had overtaken, Unknown buyers who were
	// told outcome_unknown, Astray groups in which the ledger refused somebody whom
	// the gate had let through, Swept holds that the sweep settled.
	Fenced, Unknown, Astray, Swept uint64
	// Differences counts what reconciles found that did not agree.
	Differences uint64
	// Parked counts what this node parked, by the [order.Lane].
	Parked map[Code]uint64
	// Events counts events that this node published.
	Events uint64
}

// Tally returns the counts of this engine.
func (e *Engine) Tally() Tally {
	t := e.tally
	r := Tally{
		Tickets: t.tickets.all(), Purchases: t.purchases.all(), Payments: t.payments.all(), Moves: t.moves.all(),
		Orders: t.orders.Load(),
		Stages: make(map[StageName]Histogram, stages), GroupSizes: t.groups.histogram(),
		Leases: t.leases.Load(), LeasesEnded: t.leasesEnded.all(), Duplicates: t.duplicates.all(),
		Fenced: t.fenced.Load(), Unknown: t.unknown.Load(), Astray: t.astray.Load(), Swept: t.swept.Load(),
		Differences: t.differences.Load(), Events: t.events.Load(), Parked: t.parked.all(),
	}
	for i := range t.stages {
		r.Stages[StageName(i)] = t.stages[i].histogram()
	}
	return r
}

type tally struct {
	tickets, purchases, payments, moves    byCode
	leasesEnded, duplicates, parked        byCode
	stages                                 [stages]*recorder
	groups                                 *recorder
	fenced, unknown, astray, swept, events atomic.Uint64
	leases, differences, orders            atomic.Uint64
}

func newTally() *tally {
	t := &tally{groups: newRecorder(sizes)}
	for i := range t.stages {
		t.stages[i] = newRecorder(durations)
	}
	return t
}

// byCode counts by code.
type byCode struct {
	mu     sync.Mutex
	counts map[Code]uint64
}

func (b *byCode) add(c Code) { b.addN(c, 1) }

func (b *byCode) addN(c Code, n int) {
	if n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.counts == nil {
		b.counts = make(map[Code]uint64)
	}
	b.counts[c] += uint64(n)
}

func (b *byCode) all() map[Code]uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.counts)
}
