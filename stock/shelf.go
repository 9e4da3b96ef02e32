package stock

import (
	"crypto/rand"
	"time"
)

// shelf is what [Memory] knows of one goods.
type shelf struct {
	Counts
	isOpen   bool
	attempts map[string]attempt
	groups   map[string]*group // those that hold something
	units    map[string]int    // user → units held and sold
}

// attempt is a known one: Held, Sold or Released.
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
func fill(fence int64, snapshot Snapshot) (*shelf, error) {
	s := &shelf{
		Counts:   Counts{Total: snapshot.Total, Left: snapshot.Total, Epoch: snapshot.Epoch, Fence: fence},
		isOpen:   true,
		attempts: make(map[string]attempt),
		groups:   make(map[string]*group),
		units:    make(map[string]int),
	}
	if snapshot.Sales == nil {
		return s, nil
	}
	for sale, err := range snapshot.Sales {
		if err != nil {
			return nil, err
		}
		if err := sale.Validate(); err != nil {
			return nil, err
		}
		s.add(sale)
	}
	return s, nil
}

func (s *shelf) add(sale Sale) {
	if _, ok := s.attempts[sale.Attempt]; ok {
		return
	}
	verdict := Confirm
	if sale.Released {
		verdict = Restore
	}
	s.settleUnknown(Settlement{Attempt: sale.Attempt, User: sale.User, Quantity: sale.Quantity, Verdict: verdict})
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

func (s *shelf) settle(one Settlement) {
	known, ok := s.attempts[one.Attempt]
	switch {
	case !ok:
		s.settleUnknown(one)
	case known.status == Held:
		s.settleHeld(one, known)
	case known.status == Sold && one.Verdict == Restore:
		s.Sold -= known.quantity
		s.giveBack(known)
		s.attempts[one.Attempt] = attempt{status: Released}
	}
}

func (s *shelf) settleUnknown(one Settlement) {
	switch one.Verdict {
	case Confirm:
		s.Left -= one.Quantity
		s.Sold += one.Quantity
		s.units[one.User] += one.Quantity
		s.attempts[one.Attempt] = attempt{status: Sold, user: one.User, quantity: one.Quantity}
	case Restore:
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
