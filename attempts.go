package seckill

import (
	"sync"
	"time"
)

// attempts are the purchase attempts of which this node does not know the outcome:
// those of calls that are under way, and those that the ledger may have booked
// without saying so. The zero value is ready.
type attempts struct {
	mu   sync.Mutex
	open map[string]attempt
}

type attempt struct {
	calls int
	// doubt is when the node may forget that a commit of the attempt had no answer;
	// zero means that there was none.
	doubt time.Time
}

// begin notes a call that may sell. The caller checks after it that the call still
// may: then a call that is refused meanwhile has seen it.
func (a *attempts) begin(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = make(map[string]attempt)
	}
	one := a.open[id]
	one.calls++
	a.open[id] = one
}

// end notes that a call is about to be answered. settled says that the answer is
// the ledger's: it ends a doubt.
func (a *attempts) end(id string, settled bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.open[id]
	one.calls--
	if settled {
		one.doubt = time.Time{}
	}
	if one.calls <= 0 && one.doubt.IsZero() {
		delete(a.open, id)
		return
	}
	a.open[id] = one
}

// beside reports whether more calls of the attempt are under way than the caller's
// own, 0 or 1.
func (a *attempts) beside(id string, own int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.open[id].calls > own
}

// doubtful reports whether the ledger may have booked the attempt.
func (a *attempts) doubtful(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !a.open[id].doubt.IsZero()
}

// doubt notes that a commit of the buyers' attempts had no answer, and forgets older
// doubts whose time is over. A doubt is remembered for as long as the ticket may
// still be purchased with.
func (a *attempts) doubt(buyers []*buyer, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, one := range a.open {
		if one.calls <= 0 && one.doubt.Before(now) {
			delete(a.open, id)
		}
	}
	for _, b := range buyers {
		one := a.open[b.draft.ID]
		one.doubt = b.expires
		a.open[b.draft.ID] = one
	}
}
