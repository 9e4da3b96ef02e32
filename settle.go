package seckill

import (
	"context"
	"time"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/stock"
)

// settleRest lets conclusions gather before the gate is told: a script costs as
// much for one as for a dozen.
const settleRest = 10 * time.Millisecond

// conclusions are what became of the holds of a goods, on their way to the gate.
// Nobody waits for that: the units are held until then, and the next groups go on
// meanwhile. sale.mu guards them.
type conclusions struct {
	untold []stock.Settlement
	told   chan struct{} // closed when the gate knows all; nil if it does
	hurry  chan struct{} // ends a rest
}

// settle has the gate told.
func (s *sale) settle(settlements []stock.Settlement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.untold = append(s.untold, settlements...)
	if s.told == nil {
		s.told = make(chan struct{})
		s.e.spawn(s.tell)
	}
}

// tell tells the gate until there is nothing to tell. What it does not hear stays
// held until the sweep.
func (s *sale) tell() {
	s.rest()
	for settlements := s.concluded(); settlements != nil; settlements = s.concluded() {
		fault.Point("gate.untold")
		err := persist(context.Background(), gatePatience, func(ctx context.Context) error {
			return s.e.o.Stock.Settle(ctx, s.goodsID, settlements)
		}, stock.ErrNotLoaded)
		if err != nil {
			s.e.log.Warn("gate not settled, the sweep will do it", "goods", s.goodsID, "attempts", len(settlements), "error", err)
		}
		fault.Point("gate.told")
		if len(settlements) < s.e.o.MaxGroup {
			s.rest()
		}
	}
}

func (s *sale) rest() {
	select {
	case <-s.hurry:
	case <-time.After(settleRest):
	}
}

// concluded takes the next settlements, or ends the telling.
func (s *sale) concluded() []stock.Settlement {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.untold), s.e.o.MaxGroup)
	if n == 0 {
		close(s.told)
		s.told, s.untold = nil, nil
		return nil
	}
	next := s.untold[:n:n]
	s.untold = s.untold[n:]
	return next
}

// settled waits until the gate was told all. Whoever is about to have the goods
// for himself finds no hold that is only not settled yet.
func (s *sale) settled() {
	s.mu.Lock()
	told := s.told
	s.mu.Unlock()
	if told == nil {
		return
	}
	select {
	case s.hurry <- struct{}{}:
	default:
	}
	<-told
}
