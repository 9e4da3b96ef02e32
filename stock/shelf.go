package stock

import "time"

// shelf is what [Memory] knows of one goods.
type shelf struct {
	Counts
	isOpen   bool
	attempts map[string]attempt
	holds    map[string]time.Time // attempt → since when
	units    map[string]int       // user → units held and sold
}

// attempt is a known one: Held, Sold or Released.
type attempt struct {
	status   Status
	user     string
	quantity int
}

// fill makes an open shelf from the ledger's word.
func fill(fence int64, snapshot Snapshot) (*shelf, error) {
	s := &shelf{
		Counts:   Counts{Total: snapshot.Total, Left: snapshot.Total, Epoch: snapshot.Epoch, Fence: fence},
		isOpen:   true,
		attempts: make(map[string]attempt),
		holds:    make(map[string]time.Time),
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

func (s *shelf) reserve(r Request, now time.Time) Status {
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
	s.attempts[r.Attempt] = attempt{Held, r.User, r.Quantity}
	s.holds[r.Attempt] = now
	return Reserved
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
		s.attempts[one.Attempt] = attempt{Sold, one.User, one.Quantity}
	case Restore:
		s.attempts[one.Attempt] = attempt{status: Released}
	}
}

func (s *shelf) settleHeld(one Settlement, known attempt) {
	delete(s.holds, one.Attempt)
	s.Held -= known.quantity
	switch one.Verdict {
	case Confirm:
		s.Sold += known.quantity
		s.attempts[one.Attempt] = attempt{Sold, known.user, known.quantity}
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
