package seckill_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
	"github.com/seckill-go/seckill/stock"
)

// forgetful is a gate that can lose everything it knew.
type forgetful struct{ now atomic.Pointer[stock.Memory] }

func (f *forgetful) forget() { f.now.Store(new(stock.Memory)) }

func (f *forgetful) Reserve(ctx context.Context, goodsID string, fence int64, rs []stock.Request) (stock.Reservation, error) {
	return f.now.Load().Reserve(ctx, goodsID, fence, rs)
}

func (f *forgetful) Settle(ctx context.Context, goodsID string, ss []stock.Settlement) error {
	return f.now.Load().Settle(ctx, goodsID, ss)
}

func (f *forgetful) Confirm(ctx context.Context, goodsID string, groups []string) ([]string, error) {
	return f.now.Load().Confirm(ctx, goodsID, groups)
}

func (f *forgetful) Stop(ctx context.Context, goodsID string, fence int64) error {
	return f.now.Load().Stop(ctx, goodsID, fence)
}

func (f *forgetful) Load(ctx context.Context, goodsID string, fence int64, s stock.Snapshot) (stock.Counts, error) {
	return f.now.Load().Load(ctx, goodsID, fence, s)
}

func (f *forgetful) Resize(ctx context.Context, goodsID string, total int) (stock.Counts, error) {
	return f.now.Load().Resize(ctx, goodsID, total)
}

func (f *forgetful) Retire(ctx context.Context, goodsID string, fence int64) error {
	return f.now.Load().Retire(ctx, goodsID, fence)
}

func (f *forgetful) CountsOf(ctx context.Context, goodsIDs []string) (map[string]stock.Counts, error) {
	return f.now.Load().CountsOf(ctx, goodsIDs)
}

func (f *forgetful) Counts(ctx context.Context, goodsID string) (stock.Counts, error) {
	return f.now.Load().Counts(ctx, goodsID)
}

func (f *forgetful) Known(ctx context.Context, goodsID string, attempts []string) ([]stock.Status, error) {
	return f.now.Load().Known(ctx, goodsID, attempts)
}

func (f *forgetful) Holds(ctx context.Context, goodsID string, minAge time.Duration, limit int) ([]stock.Hold, error) {
	return f.now.Load().Holds(ctx, goodsID, minAge, limit)
}

func openForgetful(t *testing.T, total int, change ...func(*seckill.Options)) (*shop, *forgetful) {
	gate := new(forgetful)
	gate.forget()
	return open(t, total, 0, append(change, func(o *seckill.Options) { o.Stock = gate })...), gate
}

// rushUntil has crowds buy until n orders were made in all.
func rushUntil(t *testing.T, s *shop, won []saletest.Bought, n int, engines ...*seckill.Engine) []saletest.Bought {
	s.eventually(fmt.Sprintf("%d orders", n), func() bool {
		won = append(won, saletest.Winners(t, rush(t, 50, 50, engines...), seckill.Busy, seckill.SoldOut)...)
		return len(won) >= n
	})
	if len(won) != n {
		t.Errorf("%d orders, want %d", len(won), n)
	}
	return won
}

func TestAGateThatForgotEverythingIsFilledFromTheLedger(t *testing.T) {
	s, gate := openForgetful(t, 100)
	engines := []*seckill.Engine{s.Engine, s.another()}
	won := saletest.Winners(t, rush(t, 40, 40, engines...))
	gate.forget()
	won = rushUntil(t, s, won, 100, engines...)
	saletest.Distinct(t, won, engines...)
	s.sound(100)
}

func TestAGateThatForgotItsLastSalesNeverOversells(t *testing.T) {
	s, gate := openForgetful(t, 60)
	won := saletest.Winners(t, rush(t, 40, 40, s.Engine))
	c, err := gate.Counts(t.Context(), "1001")
	if err != nil {
		t.Fatal(err)
	}
	stale := stock.Snapshot{Total: 60, Epoch: c.Epoch}
	gate.forget()
	if _, err := gate.Load(t.Context(), "1001", c.Fence, stale); err != nil {
		t.Fatal(err)
	}
	won = rushUntil(t, s, won, 60, s.Engine)
	saletest.Distinct(t, won, s.Engine)
	s.sound(60)
}

func TestAGateThatForgotThatUnitsCameBackSellsThemAgain(t *testing.T) {
	s, gate := openForgetful(t, 10, func(o *seckill.Options) { o.CommitPatience, o.HoldTimeout = 500*time.Millisecond, time.Second })
	winners := saletest.Winners(t, rush(t, 10, 10, s.Engine))
	s.run()
	for _, b := range winners {
		if err := s.Pay(t.Context(), b.User, b.Receipt.Order.ID, payment.MethodFail); err != nil {
			t.Fatal(err)
		}
	}
	s.sound(0)
	c, err := gate.Counts(t.Context(), "1001")
	if err != nil {
		t.Fatal(err)
	}
	gate.forget()
	stalled := stock.Snapshot{Total: 10, Sold: 10, Epoch: c.Epoch} // what a stalled replica has still
	if _, err := gate.Load(t.Context(), "1001", c.Fence, stalled); err != nil {
		t.Fatal(err)
	}
	s.sound(0)
	rushUntil(t, s, nil, 10, s.Engine)
	s.sound(10)
}

// unaware is a gate that knows no group when it is told of one.
type unaware struct {
	*stock.Memory
	told atomic.Int64
}

func (g *unaware) Confirm(_ context.Context, _ string, groups []string) ([]string, error) {
	g.told.Add(int64(len(groups)))
	return groups, nil
}

func TestAGateThatKnowsNoGroupIsToldOfEachAttempt(t *testing.T) {
	gate := &unaware{Memory: new(stock.Memory)}
	s := open(t, 40, 0, func(o *seckill.Options) { o.Stock = gate })
	won := saletest.Winners(t, rush(t, 60, 60, s.Engine), seckill.SoldOut)
	saletest.Distinct(t, won, s.Engine)
	s.sound(40)
	if gate.told.Load() == 0 {
		t.Error("the gate was told of no group by its name")
	}
}

// buries is a ledger that gives up the attempts of one user before it books a group.
type buries struct{ order.Store }

func (l buries) Commit(ctx context.Context, goodsID string, fence int64, drafts []order.Draft) ([]order.Outcome, error) {
	for _, d := range drafts {
		if d.UserID != "user-7" {
			continue
		}
		if _, err := l.Bury(ctx, goodsID, []string{d.ID}); err != nil {
			return nil, err
		}
	}
	return l.Store.Commit(ctx, goodsID, fence, drafts)
}

func TestABuriedAttemptIsNotConfirmedWithItsGroup(t *testing.T) {
	gate := new(stock.Memory)
	s := open(t, 20, 0, func(o *seckill.Options) { o.Stock, o.Orders = gate, buries{new(order.Memory)} })
	won := saletest.Winners(t, rush(t, 20, 20, s.Engine), seckill.InvalidTicket)
	if len(won) != 19 {
		t.Errorf("%d orders, want 19", len(won))
	}
	var c stock.Counts
	s.eventually("no hold is left", func() (settled bool) {
		var err error
		c, err = gate.Counts(t.Context(), "1001")
		return err == nil && c.Held == 0
	})
	if c.Sold != 19 || c.Left != 1 {
		t.Errorf("the gate has %+v, want 19 sold and 1 left", c)
	}
}

// heldBefore is a gate in which the first of each group is held from an earlier try.
type heldBefore struct {
	*stock.Memory
	mixed atomic.Int64 // groups that have others too
}

func (g *heldBefore) Reserve(ctx context.Context, goodsID string, fence int64, rs []stock.Request) (stock.Reservation, error) {
	if _, err := g.Memory.Reserve(ctx, goodsID, fence, rs[:1]); err != nil {
		return stock.Reservation{}, err
	}
	if len(rs) > 1 {
		g.mixed.Add(1)
	}
	return g.Memory.Reserve(ctx, goodsID, fence, rs)
}

func TestAnAttemptThatWasHeldBeforeIsSettledBesideItsGroup(t *testing.T) {
	gate, won := &heldBefore{Memory: new(stock.Memory)}, 0
	s := open(t, 10_000, 0, func(o *seckill.Options) { o.Stock, o.HoldTimeout = gate, time.Hour }) // no sweep helps
	s.eventually("a group of several", func() bool {
		won += len(saletest.Winners(t, rush(t, 40, 40, s.Engine)))
		return gate.mixed.Load() > 0
	})
	s.eventually("no hold is left", func() bool {
		c, err := gate.Counts(t.Context(), "1001")
		return err == nil && c.Held == 0 && c.Sold == won
	})
}
