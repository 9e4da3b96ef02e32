package stock

import (
	"crypto/rand"
	"time"
)

// shelf is what [Memory] knows of one goods.
type shelf struct {
	Counts
	isOpen   bool
	loaded   int64     // the fence of the last Load
	since    time.Time // when that was, zero if there were no orders yet
	attempts map[string]attempt
	groups   map[string]*group // those that hold something
	units    map[string]int    // user → units held and sold
}

// attempt is a known one: Held, Sold or Released. One that is Sold with a quantity of
// 0 has an order, and its units are among those that the Load counted, or are not.
type attempt struct {
	status   Status
	user     string
	quantity int
	group    *group // that took it, while it is held
}

// group is what one Reserve took and what is held still.
type group struct {
	name  string
	since time.Time
	held  map[string]attempt
}

func newGroup(now time.Time) *group {
	return &group{name: rand.Text(), since: now, held: make(map[string]attempt)}
}

// fill makes an open shelf from the ledger's word.
func fill(fence int64, snapshot Snapshot, now time.Time) *shelf {
	if snapshot.Epoch <= 1 && snapshot.Sold == 0 {
		now = time.Time{}
	}
	return &shelf{
		Counts: Counts{
			Total: snapshot.Total, Left: snapshot.Total - snapshot.Sold, Sold: snapshot.Sold, Epoch: snapshot.Epoch, Fence: fence,
		},
		isOpen:   true,
		loaded:   fence,
		since:    now,
		attempts: make(map[string]attempt),
		groups:   make(map[string]*group),
		units:    make(map[string]int),
	}
}

// refilled is how long ago the gate was filled, 0 if there were no orders yet.
func (s *shelf) refilled(now time.Time) time.Duration {
	if s.since.IsZero() {
		return 0
	}
	return max(now.Sub(s.since), 1)
}

func (s *shelf) reserve(r Request, g *group) Status {
	if known, ok := s.attempts[r.Attempt]; ok {
		return known.status
	}
	if r.Limit > 0 && s.units[r.User]+r.Quantity > r.Limit {
		return LimitReached
	}
	if r.Quantity > s.Left {
		return SoldOut
	}
	s.Left -= r.Quantity
	s.Held += r.Quantity
	s.units[r.User] += r.Quantity
	s.attempts[r.Attempt] = attempt{Held, r.User, r.Quantity, g}
	g.held[r.Attempt] = s.attempts[r.Attempt]
	return Reserved
}

// enter adds a group, if it took anything, and returns its name.
func (s *shelf) enter(g *group) string {
	if len(g.held) == 0 {
		return ""
	}
	s.groups[g.name] = g
	return g.name
}

// confirm confirms what a group holds, and reports whether there is such a group.
func (s *shelf) confirm(name string) bool {
	g, ok := s.groups[name]
	if ok {
		for id, known := range g.held {
			s.settleHeld(Settlement{Attempt: id, Verdict: Confirm}, known)
		}
	}
	return ok
}

// before reports whether the fence is known and older than the last Load's.
func (s *shelf) before(fence int64) bool { return 0 < fence && fence < s.loaded }

func (s *shelf) settle(one Settlement) {
	known := s.attempts[one.Attempt]
	if known.status == Held && one.Verdict != Release && s.before(one.Booked) {
		// The Load knew the order, so the hold is one too many.
		s.settleHeld(Settlement{Attempt: one.Attempt, Verdict: Release}, known)
		known = attempt{}
	}
	switch {
	case known.status == Released:
	case known.quantity == 0:
		s.settleUntaken(one, known)
	case known.status == Held:
		s.settleHeld(one, known)
	case one.Verdict == Restore:
		s.Sold -= known.quantity
		s.giveBack(known)
		s.attempts[one.Attempt] = attempt{status: Released}
	}
}

// settleUntaken settles an attempt for which no units were taken since the Load.
func (s *shelf) settleUntaken(one Settlement, known attempt) {
	counted := s.before(one.Booked)
	switch {
	case one.Verdict == Confirm && known.status == Sold:
	case one.Verdict == Confirm && counted:
		s.attempts[one.Attempt] = attempt{status: Sold}
	case one.Verdict == Confirm:
		s.Left -= one.Quantity
		s.Sold += one.Quantity
		s.units[one.User] += one.Quantity
		s.attempts[one.Attempt] = attempt{status: Sold, user: one.User, quantity: one.Quantity}
	case one.Verdict == Restore:
		if counted && !s.before(one.Released) {
			s.Sold -= one.Quantity
			s.Left += one.Quantity
		}
		s.attempts[one.Attempt] = attempt{status: Released}
	}
}

func (s *shelf) settleHeld(one Settlement, known attempt) {
	if delete(known.group.held, one.Attempt); len(known.group.held) == 0 {
		delete(s.groups, known.group.name)
	}
	s.Held -= known.quantity
	switch one.Verdict {
	case Confirm:
		s.Sold += known.quantity
		s.attempts[one.Attempt] = attempt{status: Sold, user: known.user, quantity: known.quantity}
	case Release:
		s.giveBack(known)
		delete(s.attempts, one.Attempt)
	case Restore:
		s.giveBack(known)
		s.attempts[one.Attempt] = attempt{status: Released}
	}
}

// giveBack makes an attempt's units sellable again, and no longer the user's.
func (s *shelf) giveBack(known attempt) {
	s.Left += known.quantity
	s.units[known.user] -= known.quantity
	if s.units[known.user] == 0 {
		delete(s.units, known.user)
	}
}
