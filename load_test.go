package seckill_test

import (
	"context"
	"testing"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// telltale calls opened once when a goods' row was opened.
type telltale struct {
	*order.Memory
	opened func()
}

func (l *telltale) Open(ctx context.Context, goodsID string, fence int64, total int) (order.Stock, error) {
	row, err := l.Memory.Open(ctx, goodsID, fence, total)
	if f := l.opened; f != nil {
		l.opened = nil
		f()
	}
	return row, err
}

// The row was read before the cancel, and the gate is filled from it after: the units
// must not be lost in between.
func TestACancelBetweenReadingAndFillingLosesNoUnit(t *testing.T) {
	ledger, gate := &telltale{Memory: new(order.Memory)}, new(forgetful)
	gate.forget()
	s := open(t, 10, 0, func(o *seckill.Options) { o.Orders, o.Stock = ledger, gate })
	o := s.buy("user-1")
	s.buy("user-2")
	s.sound(2)
	cancelled := false
	ledger.opened = func() {
		cancelled = true
		if err := s.Cancel(t.Context(), o.ID); err != nil {
			t.Error(err)
		}
	}
	gate.forget()
	s.preload()
	if !cancelled {
		t.Fatal("the preload did not open the row")
	}
	if err := s.RestoreCancelled(t.Context()); err != nil {
		t.Error(err)
	}
	s.sound(1)
}

// A cancel that the gate hears of only after it was filled from a row without the
// order gives no unit back twice.
func TestACancelBeforeTheFillingGivesItsUnitsOnce(t *testing.T) {
	gate := new(forgetful)
	gate.forget()
	s := open(t, 10, 0, func(o *seckill.Options) { o.Stock = gate })
	o := s.buy("user-1")
	s.buy("user-2")
	s.sound(2)
	gate.forget()
	if err := s.Cancel(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	s.preload()
	if err := s.RestoreCancelled(t.Context()); err != nil {
		t.Error(err)
	}
	s.sound(1)
}

// The gate does not know the tickets from before it was filled again, whether it
// has units left or none.
func TestATicketFromBeforeTheFillingGetsItsOrderAgain(t *testing.T) {
	for _, total := range []int{10, 2} {
		gate := new(forgetful)
		gate.forget()
		s := open(t, total, 1, func(o *seckill.Options) { o.Stock = gate })
		token := s.ticket("user-1", 1)
		first, err := s.Purchase(t.Context(), "user-1", "1001", token)
		if err != nil {
			t.Fatal(err)
		}
		s.buy("user-2")
		s.sound(2)
		gate.forget()
		s.preload()
		for range 3 {
			again, err := s.Purchase(t.Context(), "user-1", "1001", token)
			if err != nil || !again.Replayed || again.Order.ID != first.Order.ID {
				t.Errorf("of %d units: %+v, %v, want order %s again", total, again, err, first.Order.ID)
			}
			s.sound(2)
		}
	}
}

// The gate does not know what its users had; the ledger does, and it is no reason to
// fill the gate once more.
func TestTheLimitHoldsAfterAFillingWithoutAnother(t *testing.T) {
	gate := new(forgetful)
	gate.forget()
	s := open(t, 10, 1, func(o *seckill.Options) { o.Stock = gate })
	s.buy("user-1")
	s.sound(1)
	gate.forget()
	epoch := s.preload().Epoch
	token := s.ticket("user-1", 1)
	if _, err := s.Purchase(t.Context(), "user-1", "1001", token); seckill.CodeOf(err) != seckill.LimitReached {
		t.Errorf("got %v, want limit_reached", err)
	}
	s.sound(1)
	if c, err := gate.Counts(t.Context(), "1001"); err != nil || c.Epoch != epoch || s.Tally().Astray != 0 {
		t.Errorf("gate %+v, %v, %d astray, want epoch %d and none", c, err, s.Tally().Astray, epoch)
	}
}

// heldLedger holds a commit up.
type heldLedger struct {
	*order.Memory
	before func()
}

func (l *heldLedger) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	if f := l.before; f != nil {
		f()
	}
	return l.Memory.Commit(ctx, goodsID, fence, drafts)
}

// The last unit is held for a user who may not have it: until the ledger has said so it
// is not sold out.
func TestUnitsThatAreHeldInVainAreNotSoldOut(t *testing.T) {
	gate, ledger := new(forgetful), &heldLedger{Memory: new(order.Memory)}
	gate.forget()
	s := open(t, 2, 1, func(o *seckill.Options) { o.Stock, o.Orders = gate, ledger })
	s.buy("user-1")
	s.sound(1)
	gate.forget()
	s.preload()
	other, mine, theirs, late := s.another(), s.ticket("user-1", 1), s.ticket("user-2", 1), s.ticket("user-3", 1)
	var told error
	ledger.before = func() {
		ledger.before = nil
		_, told = other.Purchase(t.Context(), "user-2", "1001", theirs)
	}
	if _, err := s.Purchase(t.Context(), "user-1", "1001", mine); seckill.CodeOf(err) != seckill.LimitReached {
		t.Errorf("user-1: got %v, want limit_reached", err)
	}
	if seckill.CodeOf(told) != seckill.Busy {
		t.Errorf("user-2: got %v, want busy while the unit is held", told)
	}
	s.sound(1)
	if _, err := s.Purchase(t.Context(), "user-2", "1001", theirs); err != nil {
		t.Errorf("user-2, later: %v", err)
	}
	s.sound(2)
	if _, err := s.Purchase(t.Context(), "user-3", "1001", late); seckill.CodeOf(err) != seckill.SoldOut {
		t.Errorf("user-3: got %v, want sold_out", err)
	}
}

// A total changes while others buy: no buyer is refused for it.
func TestATotalChangesWithoutAFilling(t *testing.T) {
	gate := new(stock.Memory)
	s := open(t, 10, 0, func(o *seckill.Options) { o.Stock = gate })
	s.buy("user-1")
	before, err := gate.Counts(t.Context(), "1001")
	if err != nil {
		t.Fatal(err)
	}
	for _, total := range []int{20, 5, 1, 3} {
		g := s.goods
		g.Total = total
		s.put(g)
		c, err := gate.Counts(t.Context(), "1001")
		if err != nil || c.Total != total || c.Left != total-1 || c.Epoch != before.Epoch || c.Fence != before.Fence {
			t.Errorf("total %d: gate %+v, %v, want epoch %d and fence %d", total, c, err, before.Epoch, before.Fence)
		}
		s.sound(1)
	}
	g := s.goods
	g.Total = 4
	s.put(g)
	for _, user := range []string{"user-2", "user-3"} {
		s.buy(user)
	}
	g.Total = 2
	if _, err := s.Admin("test").PutGoods(t.Context(), g); seckill.CodeOf(err) != seckill.TotalTooSmall {
		t.Errorf("a total below what is sold: got %v, want total_too_small", err)
	}
	s.sound(3)
}

func TestAPreloadThatFindsAllWellChangesNothing(t *testing.T) {
	s := open(t, 10, 0)
	s.buy("user-1")
	s.sound(1)
	if before, after := s.preload(), s.preload(); before != after || before.Epoch != 1 {
		t.Errorf("gate %+v, then %+v, want the first filling", before, after)
	}
}
