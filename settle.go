package seckill

import (
	"context"
	"time"

	"github.com/seckill-go/seckill/stock"
)

// settleRest lets conclusions gather before the gate is told: a script costs as
// much for one as for a dozen.
const settleRest = 10 * time.Millisecond

// settle has the gate told what became of its holds. Nobody waits for that: the
// units are held until then, and the next group goes on meanwhile. What is
// concluded until the gate has been told goes with the next call.
func (s *sale) settle(settlements []stock.Settlement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsettled = append(s.unsettled, settlements...)
	if !s.settling {
		s.settling = true
		s.e.spawn(s.tell)
	}
}

// tell tells the gate until there is nothing to tell. What it does not hear stays
// held until the sweep.
func (s *sale) tell() {
	time.Sleep(settleRest)
	for settlements := s.concluded(); settlements != nil; settlements = s.concluded() {
		err := persist(context.Background(), gatePatience, func(ctx context.Context) error {
			return s.e.o.Stock.Settle(ctx, s.goodsID, settlements)
		}, stock.ErrNotLoaded)
		if err != nil {
			s.e.log.Warn("gate not settled, the sweep will do it", "goods", s.goodsID, "attempts", len(settlements), "error", err)
		}
		if len(settlements) < s.e.o.MaxGroup {
			time.Sleep(settleRest)
		}
	}
}

// concluded takes the next settlements, or ends the telling.
func (s *sale) concluded() []stock.Settlement {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.unsettled), s.e.o.MaxGroup)
	if n == 0 {
		s.settling, s.unsettled = false, nil
		return nil
	}
	next := s.unsettled[:n:n]
	s.unsettled = s.unsettled[n:]
	return next
}
