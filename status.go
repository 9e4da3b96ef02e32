package seckill

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
)

// SaleState is what a buyer sees of a sale.
type SaleState string

// The states of a sale.
const (
	SaleUpcoming SaleState = "upcoming"
	SaleOpen     SaleState = "open"
	SaleSoldOut  SaleState = "sold_out"
	SaleEnded    SaleState = "ended"
	SaleDisabled SaleState = "disabled"
)

// View is a goods as a buyer sees it, at most a second old.
type View struct {
	goods.Goods
	Left  int
	State SaleState
}

// Goods returns what a buyer sees of a goods. Refusals: InvalidRequest,
// GoodsNotFound, Busy.
func (e *Engine) Goods(ctx context.Context, goodsID string) (View, error) {
	if err := name("goods_id", goodsID); err != nil {
		return View{}, err
	}
	g, err := e.lookup(ctx, goodsID)
	if err != nil {
		return View{}, err
	}
	if g.Retired() {
		return View{Goods: g, State: SaleEnded}, nil
	}
	live, err := e.o.Settings.Get(ctx)
	if err != nil {
		return View{}, busy(err)
	}
	gate, err := e.gate(ctx, goodsID)
	if err != nil {
		return View{}, e.notLoaded(goodsID, err)
	}
	v := View{Goods: g, Left: g.Total}
	if gate != nil {
		v.Total, v.Left = gate.Total, max(0, gate.Left)
	}
	switch now := e.o.Now(); {
	case !now.Before(g.EndsAt):
		v.State = SaleEnded
	case now.Before(g.StartsAt) || gate == nil:
		v.State = SaleUpcoming
	case !live.Enabled:
		v.State = SaleDisabled
	case v.Left == 0:
		v.State = SaleSoldOut
	default:
		v.State = SaleOpen
	}
	return v, nil
}

// Settings returns the live settings. Refusal: Busy.
func (e *Engine) Settings(ctx context.Context) (settings.Settings, error) {
	s, err := e.o.Settings.Get(ctx)
	return s, asRefusal(err)
}

// Blacklisted returns the blacklist, sorted by user. Refusal: Busy.
func (e *Engine) Blacklisted(ctx context.Context) ([]blacklist.Entry, error) {
	list, err := e.o.Blacklist.Entries(ctx, e.o.Now())
	return list, asRefusal(err)
}

// Audits returns up to limit rows of the audit log with an id below before,
// newest first; 0 starts with the newest. Refusal: Busy.
func (e *Engine) Audits(ctx context.Context, before int64, limit int) ([]order.Audit, error) {
	list, err := e.o.Orders.Audits(ctx, before, limit)
	return list, asRefusal(err)
}

// AnyOrder returns an order, whoever's it is: for operators. Buyers get theirs from
// [Engine.Order]. Refusals: InvalidRequest, OrderNotFound, Busy.
func (e *Engine) AnyOrder(ctx context.Context, orderID string) (order.Order, error) {
	if err := name("order_id", orderID); err != nil {
		return order.Order{}, err
	}
	o, err := e.o.Orders.Get(ctx, orderID)
	if errors.Is(err, order.ErrNotFound) {
		return order.Order{}, refuse(OrderNotFound, "")
	}
	return o, asRefusal(err)
}

// GoodsStatus is a goods as an operator sees it, read now.
type GoodsStatus struct {
	Goods goods.Goods
	// Gate are the gate's numbers; Loaded is false while it has none.
	Gate   stock.Counts
	Loaded bool
	// Ledger is the ledger's row; zero for a goods that was never preloaded.
	Ledger order.Stock
	// Conserved says that the gate's numbers add up.
	Conserved bool
	// Lease is this node's lease on the goods, nil if it has none.
	Lease *Lease
	// Holders are all nodes' leases on the goods. HoldersKnown is false if the lock
	// cannot tell, or did not in time.
	Holders      []lock.Holder
	HoldersKnown bool
}

// Status is the whole shop as an operator sees it.
type Status struct {
	Goods []GoodsStatus
	// Outbox tells how far the events are behind.
	Outbox order.Queue
	// Parked is how many things could not be done and wait for an operator.
	Parked int
	// Parts tell whether what the engine stands on does its work.
	Parts []Health
}

// Status reads the numbers of every goods. Refusal: Busy.
func (e *Engine) Status(ctx context.Context) (Status, error) {
	all, err := e.o.Catalog.List(ctx)
	if err != nil {
		return Status{}, busy(err)
	}
	var holders [][]lock.Holder
	var asked sync.WaitGroup
	asked.Go(func() { holders = e.holders(ctx, all) })
	defer asked.Wait()
	s := Status{Parts: e.Health(ctx)}
	if s.Goods, err = e.goodsStatus(ctx, all); err != nil {
		return Status{}, busy(err)
	}
	if _, s.Outbox, err = e.o.Orders.Pending(ctx, 1); err != nil {
		return Status{}, busy(err)
	}
	if _, s.Parked, err = e.o.Orders.Parked(ctx, 0, 0); err != nil {
		return Status{}, busy(err)
	}
	asked.Wait()
	for i := range holders {
		s.Goods[i].Holders, s.Goods[i].HoldersKnown = holders[i], true
	}
	return s, nil
}

// goodsStatus reads the ledger's rows, and the gates if they answer.
func (e *Engine) goodsStatus(ctx context.Context, all []goods.Goods) ([]GoodsStatus, error) {
	ids := idsOf(all)
	rows, err := e.o.Orders.StocksOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	gates, err := e.o.Stock.CountsOf(ctx, ids)
	if err != nil {
		e.log.Warn("gates not read", "goods", len(ids), "error", err)
	}
	list := make([]GoodsStatus, len(all))
	for i, g := range all {
		gate, loaded := gates[g.ID]
		list[i] = GoodsStatus{
			Goods: g, Gate: gate, Loaded: loaded, Ledger: rows[g.ID], Conserved: loaded && gate.Conserved(), Lease: e.lease(g.ID),
		}
	}
	return list, nil
}

// lease returns this node's lease on a goods, nil if it has none.
func (e *Engine) lease(goodsID string) *Lease {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.sales[goodsID]; ok {
		return s.lease.shown.Load()
	}
	return nil
}

// detail is a validation error for a person: all of its faults in one line.
func detail(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
