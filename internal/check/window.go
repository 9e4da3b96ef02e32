package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// A search of a whole history is quick when it succeeds early, and does not end
// when it does not: with 64 clients, some histories of 5,000 purchases take 0.1 s
// and others longer than anybody waits (go test -run LargeHistories -v). Then the
// history is searched in windows that overlap by half, small ones first, which are
// quick and find what two neighbours contradict. A window is a weaker claim: what
// was under way at its start may have happened before, what was under way at its
// end may happen later. So a window that fits no order proves that the history fits
// none, and one that fits proves nothing beyond itself.
var windowSizes = []int{16, 64, 256}

// search has porcupine look for an order, of the whole and then of windows.
func (c *claims) search(b *book, v *verdict) {
	history, all := c.history(), c.start()
	if len(history) == 0 {
		return
	}
	v.looked()
	switch c.try(all, history, b.rules.SearchFor) {
	case porcupine.Illegal:
		v.fail(nil, "goods %s: its %d answers fit no order", c.goods, len(history))
		return
	case porcupine.Ok:
		return
	}
	if !c.searchWindows(history, b, v) {
		v.undecided = true
	}
}

// searchWindows reports whether it found a window that fits no order.
func (c *claims) searchWindows(history []porcupine.Operation, b *book, v *verdict) (found bool) {
	var windows, undecided int
	end := time.Now().Add(2 * b.rules.SearchFor)
	for _, size := range windowSizes {
		for lo := 0; lo < len(history) && time.Now().Before(end); lo += size / 2 {
			hi := min(lo+size, len(history))
			if !slices.ContainsFunc(history[lo:hi], refuses) {
				continue // nobody says that anything is gone
			}
			start, window := c.window(history, lo, hi)
			switch windows++; c.try(start, window, b.rules.SearchFor/10) {
			case porcupine.Illegal:
				v.fail([]Op{*history[lo].Input.(step).op}, "goods %s: %d answers fit no order, this is the first of them", c.goods, len(window))
				b.figure = &figure{c.model(start), window}
				return true
			case porcupine.Unknown:
				undecided++
			}
		}
	}
	v.without(fmt.Sprintf("goods %s: no order of all %d answers was found within %v; %d of %d windows fit one, the others took too long",
		c.goods, len(history), b.rules.SearchFor, windows-undecided, windows))
	return false
}

func refuses(op porcupine.Operation) bool {
	s := op.Input.(step)
	return s.kind == soldOuts || s.kind == limits
}

func (c *claims) try(start *state, history []porcupine.Operation, within time.Duration) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(c.model(start), history, within)
}

// start is the state before anything happened.
func (c *claims) start() *state {
	if c.users == 0 {
		users := map[string]bool{}
		for _, t := range c.takes {
			users[t.user] = true
		}
		for _, r := range c.reads {
			users[r.op.User] = true
		}
		c.users = len(users)
	}
	return &state{total: c.first, users: make([]int32, 2*c.users), known: make([]byte, len(c.takes))}
}

// window cuts operations lo to hi out of a history that is sorted by call, and
// gives the state before them.
func (c *claims) window(history []porcupine.Operation, lo, hi int) (*state, []porcupine.Operation) {
	from, to := history[lo].Call, int64(never)
	if hi < len(history) {
		to = history[hi].Call
	}
	start := c.start()
	var window []porcupine.Operation
	for _, op := range history[:hi] {
		s := op.Input.(step)
		switch asks := refuses(op); {
		case op.Call < from && asks, asks && op.Return >= to:
			continue // its moment may be outside
		case op.Call < from && s.kind == borrows && op.Return < from:
			start.add(s, 0, s.units, sold)
			continue
		case op.Call < from && (s.kind == borrows || s.kind == holds):
			start.add(s, 0, s.units, s.holding())
			continue
		case op.Return < from && s.kind == totals:
			start.total = s.units
			continue
		case op.Return < from:
			start.add(s, s.units, 0, sold)
			continue
		case op.Return >= to:
			op.Return = never
			if s.kind == borrows {
				s.kind = holds
			}
		}
		op.Input = s
		window = append(window, op)
	}
	return start.among(window), window
}

// among renumbers users and attempts, of which a window has few, so that its states
// are small.
func (s *state) among(window []porcupine.Operation) *state {
	few := &state{total: s.total, hard: s.hard, soft: s.soft}
	users, attempts := map[int]int{}, map[int]int{}
	for i, op := range window {
		in := op.Input.(step)
		if _, ok := users[in.user]; !ok {
			users[in.user] = len(users)
			few.users = append(few.users, s.users[2*in.user], s.users[2*in.user+1])
		}
		in.user = users[in.user]
		if in.attempt >= 0 {
			if _, ok := attempts[in.attempt]; !ok {
				attempts[in.attempt] = len(attempts)
				few.known = append(few.known, s.known[in.attempt])
			}
			in.attempt = attempts[in.attempt]
		}
		window[i].Input = in
	}
	return few
}
