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
	// Moves counts orders that this node moved, by the state they moved to.
	Moves map[Code]uint64
	// Groups counts group commits, GroupBuyers the buyers in them.
	Groups, GroupBuyers uint64
	// PurchaseSeconds is the time that purchases took, all together.
	PurchaseSeconds float64
	// PurchaseTimes are how long purchases took, in seconds, whatever their answer;
	// GroupSizes how many buyers shared a commit.
	PurchaseTimes, GroupSizes Histogram
	// Fenced counts groups that a newer lease had overtaken, Unknown buyers who were
	// told outcome_unknown, Astray groups in which the ledger refused somebody whom
	// the gate had let through, Swept holds that the sweep settled.
	Fenced, Unknown, Astray, Swept uint64
	// Events counts events that this node published.
	Events uint64
}

// Tally returns the counts of this engine.
func (e *Engine) Tally() Tally {
	t := e.tally
	times, groups := t.latency.histogram(), t.groups.histogram()
	return Tally{
		Tickets: t.tickets.all(), Purchases: t.purchases.all(), Payments: t.payments.all(), Moves: t.moves.all(),
		Groups: groups.Count, GroupBuyers: uint64(groups.Sum), PurchaseSeconds: times.Sum,
		PurchaseTimes: times, GroupSizes: groups,
		Fenced: t.fenced.Load(), Unknown: t.unknown.Load(), Astray: t.astray.Load(), Swept: t.swept.Load(),
		Events: t.events.Load(),
	}
}

type tally struct {
	tickets, purchases, payments, moves    byCode
	groups, latency                        *recorder
	fenced, unknown, astray, swept, events atomic.Uint64
}

func newTally() *tally { return &tally{groups: newRecorder(sizes), latency: newRecorder(durations)} }

// byCode counts by code.
type byCode struct {
	mu     sync.Mutex
	counts map[Code]uint64
}

func (b *byCode) add(c Code) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.counts == nil {
		b.counts = make(map[Code]uint64)
	}
	b.counts[c]++
}

func (b *byCode) all() map[Code]uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.counts)
}
