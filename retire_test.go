package seckill_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// end puts the clock behind the window of goods 1001.
func (s *shop) end(ahead *atomic.Int64) {
	s.t.Helper()
	ahead.Store(int64(2 * time.Hour))
}

// openEnding opens a shop whose clock can be put forward.
func openEnding(t *testing.T, change ...func(*seckill.Options)) (*shop, *atomic.Int64) {
	ahead := new(atomic.Int64)
	return open(t, 3, 0, append(change, func(o *seckill.Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		o.PayWithin, o.RetireAfter = 23*time.Hour, -1
	})...), ahead
}

func (s *shop) loaded() bool {
	s.t.Helper()
	_, err := s.o.Stock.Counts(s.t.Context(), "1001")
	if err != nil && !errors.Is(err, stock.ErrNotLoaded) {
		s.t.Fatal(err)
	}
	return err == nil
}

func TestARetiredGoodsKeepsItsOrdersAndNothingElse(t *testing.T) {
	s, ahead := openEnding(t)
	token := s.ticket("user-1", 1)
	first, err := s.Purchase(t.Context(), "user-1", "1001", token)
	if err != nil {
		t.Fatal(err)
	}
	gone, late := s.buy("user-2"), s.ticket("user-3", 1)
	s.sound(2)
	a, ctx := s.Admin("test"), t.Context()
	refused := func(why string) {
		t.Helper()
		if _, err := a.Retire(ctx, "1001"); !errors.Is(err, seckill.InvalidRequest) || !s.loaded() {
			t.Errorf("%s: got %v, want invalid_request and a gate", why, err)
		}
	}
	refused("its window is open")
	s.end(ahead)
	refused("orders are not paid")
	if _, err := s.o.Orders.Move(ctx, []order.Change{{OrderID: first.Order.ID, Move: order.Pay, At: time.Now()}, {OrderID: gone.ID, Move: order.Cancel, At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	refused("units are not back in the gate")
	if err := s.RestoreCancelled(ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if g, err := a.Retire(ctx, "1001"); err != nil || !g.Retired() || s.loaded() {
			t.Fatalf("%+v, %v, want it retired", g, err)
		}
	}
	for _, e := range []*seckill.Engine{s.Engine, s.another()} {
		if r, err := e.Purchase(ctx, "user-1", "1001", token); err != nil || r.Order.ID != first.Order.ID {
			t.Errorf("the same ticket: %+v, %v, want its order", r, err)
		}
		if o, err := e.Order(ctx, "user-1", first.Order.ID); err != nil || o.State != order.Paid {
			t.Errorf("its order: %+v, %v", o, err)
		}
		if v, err := e.Goods(ctx, "1001"); !errors.Is(err, seckill.GoodsNotFound) && (err != nil || v.State != seckill.SaleEnded) {
			t.Errorf("goods: %+v, %v, want it ended, or not found", v, err)
		}
		if _, err := e.Purchase(ctx, "user-3", "1001", late); errors.Is(err, seckill.Busy) || err == nil {
			t.Errorf("a ticket that was not used: got %v, want a final no", err)
		}
		if st, err := e.Status(ctx); err != nil || len(st.Goods) != 0 {
			t.Errorf("status: %+v, %v, want no goods", st.Goods, err)
		}
	}
	if r, err := a.Reconcile(ctx, "1001", false); err != nil || len(r.Differences) != 0 {
		t.Errorf("reconcile: %+v, %v, want no difference", r, err)
	}
	if s.loaded() {
		t.Error("there is a gate again")
	}
	if _, err := a.Preload(ctx, "1001"); !errors.Is(err, seckill.InvalidRequest) {
		t.Errorf("preload: got %v, want invalid_request", err)
	}
}

func TestANewWindowPutsARetiredGoodsOnSaleAgain(t *testing.T) {
	s, ahead := openEnding(t)
	s.end(ahead)
	if _, err := s.Admin("test").Retire(t.Context(), "1001"); err != nil {
		t.Fatal(err)
	}
	g := s.goods
	g.Title = "Old phone"
	s.put(g)
	if s.loaded() {
		t.Error("another title put it on sale again")
	}
	g.EndsAt = time.Now().Add(24 * time.Hour)
	s.put(g)
	if c, err := s.o.Stock.Counts(t.Context(), "1001"); err != nil || c.Left != 3 {
		t.Errorf("gate: %+v, %v, want 3 left", c, err)
	}
	s.buy("user-3")
	s.sound(1)
}

func TestAGoodsIsRetiredSomeTimeAfterItsEnd(t *testing.T) {
	s, ahead := openEnding(t, func(o *seckill.Options) { o.HoldTimeout, o.CommitPatience = time.Second, 500*time.Millisecond })
	s.o.RetireAfter = 30 * time.Minute
	s.Engine = s.another()
	s.run()
	s.end(ahead)
	s.eventually("it is retired", func() bool {
		g, err := s.o.Catalog.Get(t.Context(), "1001")
		return err == nil && g.Retired() && !s.loaded()
	})
}

// meter counts what an engine asks of its backends, in calls and in rows.
type meter struct {
	*order.Memory
	calls, rows atomic.Int64
}

func (m *meter) count(calls, rows int) {
	m.calls.Add(int64(calls))
	m.rows.Add(int64(rows))
}

func (m *meter) Stock(ctx context.Context, goodsID string) (order.Stock, error) {
	m.count(1, 1)
	return m.Memory.Stock(ctx, goodsID)
}

func (m *meter) StocksOf(ctx context.Context, ids []string) (map[string]order.Stock, error) {
	m.count(1, len(ids))
	return m.Memory.StocksOf(ctx, ids)
}

func (m *meter) Recount(ctx context.Context, goodsID string) (order.Recount, error) {
	m.count(1, 1_000_000)
	return m.Memory.Recount(ctx, goodsID)
}

type meteredGate struct {
	*stock.Memory
	m *meter
}

func (g meteredGate) Counts(ctx context.Context, goodsID string) (stock.Counts, error) {
	g.m.count(1, 1)
	return g.Memory.Counts(ctx, goodsID)
}

func (g meteredGate) CountsOf(ctx context.Context, ids []string) (map[string]stock.Counts, error) {
	g.m.count(1, len(ids))
	return g.Memory.CountsOf(ctx, ids)
}

func (g meteredGate) Holds(ctx context.Context, goodsID string, minAge time.Duration, limit int) ([]stock.Hold, error) {
	g.m.count(1, 1)
	return g.Memory.Holds(ctx, goodsID, minAge, limit)
}

type meteredCatalog struct {
	*goods.Memory
	m *meter
}

func (c meteredCatalog) List(ctx context.Context) ([]goods.Goods, error) {
	all, err := c.Memory.List(ctx)
	c.m.count(1, len(all))
	return all, err
}

// Status and sweep of 10,000 goods on sale cost a few calls, and goods that are retired
// cost nothing.
func TestManyGoodsCostFewCallsAndRetiredOnesNone(t *testing.T) {
	const onSale, over = 10_000, 10_000
	m := &meter{Memory: new(order.Memory)}
	s := open(t, 10, 0, func(o *seckill.Options) {
		o.Orders, o.Stock, o.Catalog = m, meteredGate{new(stock.Memory), m}, meteredCatalog{new(goods.Memory), m}
	})
	ctx := t.Context()
	for i := range onSale - 1 + over {
		g := s.goods
		if g.ID = fmt.Sprint("goods-", i); i >= onSale-1 {
			g.RetiredAt = time.Now()
		}
		_, err := s.o.Catalog.Put(ctx, g)
		if err == nil && !g.Retired() {
			_, err = m.Open(ctx, g.ID, 1, 10)
		}
		if err == nil && !g.Retired() {
			_, err = s.o.Stock.Load(ctx, g.ID, 1, stock.Snapshot{Total: 10, Epoch: 1})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	within := func(what string, calls, rows int64, do func() error) {
		t.Helper()
		m.calls.Store(0)
		m.rows.Store(0)
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if m.calls.Load() > calls || m.rows.Load() > rows {
			t.Errorf("%s: %d calls for %d rows, want at most %d for %d", what, m.calls.Load(), m.rows.Load(), calls, rows)
		}
	}
	within("status", 3, 3*onSale, func() error {
		st, err := s.Status(ctx)
		if len(st.Goods) != onSale {
			t.Errorf("status of %d goods, want %d", len(st.Goods), onSale)
		}
		return err
	})
	look := s.Looks()
	for i, rows := range []int64{3 * onSale, 3 * onSale, 3 * onSale, 2 * onSale, 3 * onSale, 2 * onSale} {
		within(fmt.Sprint("look ", i), 4, rows, func() error { return look(ctx) })
	}
}
