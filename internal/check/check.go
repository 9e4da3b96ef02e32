// Package check is the offline judge of a sale: it takes the recorded history of
// what clients asked and were told, and a dump of what the backends say at the
// end, and evaluates the sixteen invariants of docs/guarantees.md.
//
// It knows nothing of the engine, so that it cannot share its mistakes. What it
// was not given it reports as not evaluated, never as held. The same history,
// dump and rules give the same report.
//
// The invariants:
//
//	I1  no oversell            I9  fencing
//	I2  no undersell           I10 outbox
//	I3  conservation           I11 honest answers
//	I4  buyer's limit          I12 time
//	I5  same attempt, same     I13 tickets
//	    answer                 I14 liveness
//	I6  paid is never lost     I15 bounded
//	I7  restore once           I16 audit
//	I8  monotone states
//
// Honest answers are judged in two ways. Each refusal is held against the most
// units that can have been taken at any moment of its call, which takes n·log n
// and names the refusal that lies. Then porcupine looks for one order of all
// answers; that is complete, but its search is exponential at worst, so it has a
// time limit. A history that it does not decide in time is searched again in
// windows, and reported as not decided if they show nothing.
package check

import (
	"time"
)

// Rules are what a run stated about itself. The zero value judges what holds
// always, and leaves out what holds after recovery.
type Rules struct {
	// Recovered says that the faults are over and the recovery time has passed: what
	// holds after recovery or after the drain is evaluated.
	Recovered bool
	// Complete says that every purchase and every admin change is in the history:
	// an order or an audit row that no operation explains is a violation.
	Complete bool
	// Skew is how far a node's clock was off at most, by node. Others are right.
	Skew map[string]time.Duration
	// Staleness is how old the counts may be from which tickets are refused. Zero
	// means 1 s.
	Staleness time.Duration
	// LateReplay is how long after the first yes an attempt may be refused for its
	// ticket, the window or the switch by a node that looked for its order before.
	// Zero means not at all.
	LateReplay time.Duration
	// Leeway is added to the sale's window on both sides, for answers under way.
	// Zero means none.
	Leeway time.Duration
	// HoldFor is how long after its last answer an attempt without an order may
	// hold units. Zero means for ever.
	HoldFor time.Duration
	// Rest is a moment at which nothing was held and every cancelled order's units
	// were back, by a look at the backends. Zero means that there was none.
	Rest time.Time
	// SoldOut is a goods of which buyers came until they were told sold out, at the
	// end: every unit has to be in an order. Empty means none.
	SoldOut string
	// SearchFor bounds porcupine's search of each goods, and that of its windows to
	// twice as much. Zero means 5 s.
	SearchFor time.Duration
}

// Check judges. The operations come in any order.
func Check(history []Op, dump Dump, rules Rules) Report {
	if rules.Staleness == 0 {
		rules.Staleness = time.Second
	}
	if rules.SearchFor == 0 {
		rules.SearchFor = 5 * time.Second
	}
	b := newBook(history, dump, rules)
	var r Report
	for _, i := range invariants {
		v := &verdict{Result: Result{ID: i.id, Name: i.name}}
		i.judge(b, v)
		r.Results = append(r.Results, v.result())
	}
	r.figure = b.figure
	return r
}

// invariants in their order. Each judge calls v.looked for what it could look at;
// a verdict that looked at nothing is not evaluated.
var invariants = []struct {
	id, name string
	judge    func(*book, *verdict)
}{
	{"I1", "no oversell", noOversell},
	{"I2", "no undersell", noUndersell},
	{"I3", "conservation", conservation},
	{"I4", "buyer's limit", buyersLimit},
	{"I5", "same attempt, same answer", sameAnswer},
	{"I6", "paid is never lost", paidStays},
	{"I7", "restore once", restoreOnce},
	{"I8", "monotone states", monotoneStates},
	{"I9", "fencing", fencing},
	{"I10", "outbox", outbox},
	{"I11", "honest answers", honestAnswers},
	{"I12", "time", inTime},
	{"I13", "tickets", tickets},
	{"I14", "liveness", liveness},
	{"I15", "bounded", bounded},
	{"I16", "audit", audit},
}
