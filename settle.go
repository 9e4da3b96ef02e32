package seckill

import (
	"context"
	"slices"
	"time"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// settleRest lets conclusions gather before the gate is told: a script costs as
// much for one as for a dozen.
const settleRest = 10 * time.Millisecond

// conclusion is what became of the holds of one group. Nearly always all of it is
// sold, and then the gate is told its name and nothing else.
type conclusion struct {
	group    string // as the gate calls it; "" if it was not all sold now, or has no name
	holders  []*buyer
	outcomes []order.Outcome // of each holder
}

// settlements settle each holder by itself.
func (c *conclusion) settlements() []stock.Settlement {
	list := make([]stock.Settlement, len(c.holders))
	for i, b := range c.holders {
		d := &b.draft
		list[i] = settlement(d.ID, d.UserID, d.Quantity, c.outcomes[i])
	}
	return list
}

// settlement is what the gate has to know of an attempt by the ledger's word on it.
func settlement(attempt, user string, quantity int, o order.Outcome) stock.Settlement {
	s := stock.Settlement{Attempt: attempt, User: user, Quantity: quantity, Verdict: stock.Release}
	if o.Status == order.Committed || o.Status == order.Replayed {
		s.Verdict, s.Booked, s.Released = stock.Confirm, o.Order.Fence, o.Order.Released
		if !o.Order.State.Live() {
			s.Verdict = stock.Restore
		}
	}
	return s
}

// conclusions are what became of the groups of a goods, on their way to the gate.
// Nobody waits for that: the units are held until then, and the next groups go on
// meanwhile. sale.mu guards them.
type conclusions struct {
	untold []conclusion
	told   chan struct{} // closed when the gate knows all; nil if it does
	hurry  chan struct{} // ends a rest
}

// settle has the gate told.
func (s *sale) settle(c conclusion) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.untold = append(s.untold, c)
	if s.told == nil {
		s.told = make(chan struct{})
		s.e.spawn(s.tell)
	}
}

// tell tells the gate until there is nothing to tell. What it does not hear stays
// held until the sweep.
func (s *sale) tell() {
	s.rest()
	for groups := s.concluded(); groups != nil; groups = s.concluded() {
		fault.Point("gate.untold")
		ctx, stage := s.e.start(context.Background(), Stage{Name: StageSettle, GoodsID: s.goodsID, Size: holders(groups)})
		err := s.confirm(ctx, groups)
		stage.done(err)
		if err != nil {
			s.e.log.Warn("gate not settled, the sweep will do it", "goods", s.goodsID, "groups", len(groups), "error", err)
		}
		fault.Point("gate.told")
		s.rest()
	}
}

// confirm confirms the groups that are all sold by their names, and settles the
// holders of others, and of those that the gate does not know, one by one.
func (s *sale) confirm(ctx context.Context, groups []conclusion) error {
	var names []string
	for _, c := range groups {
		if c.group != "" {
			names = append(names, c.group)
		}
	}
	var unknown []string
	var err error
	if len(names) > 0 {
		err = ask(ctx, func(ctx context.Context) (err error) {
			unknown, err = s.e.o.Stock.Confirm(ctx, s.goodsID, names)
			return err
		})
	}
	if err != nil {
		return err
	}
	var others []stock.Settlement
	for _, c := range groups {
		if c.group == "" || slices.Contains(unknown, c.group) {
			others = append(others, c.settlements()...)
		}
	}
	for settlements := range slices.Chunk(others, s.e.o.MaxGroup) {
		if err := ask(ctx, func(ctx context.Context) error { return s.e.o.Stock.Settle(ctx, s.goodsID, settlements) }); err != nil {
			return err
		}
	}
	return nil
}

// ask calls the gate, again and again if it does not answer.
func ask(ctx context.Context, call func(context.Context) error) error {
	return persist(ctx, gatePatience, call, stock.ErrNotLoaded)
}

// holders counts those of all groups.
func holders(groups []conclusion) (n int) {
	for _, c := range groups {
		n += len(c.holders)
	}
	return n
}

func (s *sale) rest() {
	select {
	case <-s.hurry:
	case <-time.After(settleRest):
	}
}

// concluded takes all conclusions, or ends the telling.
func (s *sale) concluded() []conclusion {
	s.mu.Lock()
	defer s.mu.Unlock()
	groups := s.untold
	s.untold = nil
	if groups == nil {
		close(s.told)
		s.told = nil
	}
	return groups
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
