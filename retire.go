package seckill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// retireBatch bounds how many goods are retired at one look.
const retireBatch = 64

// Retire frees what a goods costs after its end: its gate is removed, and neither the
// sweep nor the status looks at it any more; buyers do not find it. Its orders stay,
// and the same ticket gets the same order. A goods is retired by itself [Options.RetireAfter] its end; a new
// window puts it on sale again.
//
// Refusals: GoodsNotFound, InvalidRequest (its window has not ended, an order is not
// paid yet, or units are on their way to the gate), Busy.
func (a Admin) Retire(ctx context.Context, goodsID string) (goods.Goods, error) {
	before, err := a.e.o.Catalog.Get(ctx, goodsID)
	switch {
	case errors.Is(err, goods.ErrNotFound):
		return goods.Goods{}, refuse(GoodsNotFound, "")
	case err != nil:
		return goods.Goods{}, busy(err)
	}
	return audited(ctx, a, "retire goods", goodsID, before, func(ctx context.Context) (goods.Goods, error) {
		g, err := a.e.retire(ctx, goodsID)
		return g, asRefusal(err)
	})
}

// retire removes the gate before the catalog says so: a crash in between leaves a
// goods that is still looked at, and retired then.
func (e *Engine) retire(ctx context.Context, goodsID string) (g goods.Goods, err error) {
	err = e.exclusively(ctx, goodsID, func(ctx context.Context, fence int64) error {
		if g, err = e.o.Catalog.Get(ctx, goodsID); err != nil {
			return err
		}
		if err := e.mayRetire(ctx, g); err != nil {
			return err
		}
		if err := e.o.Stock.Retire(ctx, goodsID, fence); err != nil {
			return err
		}
		if !g.Retired() {
			g.RetiredAt = goods.Moment(e.o.Now())
			_, err = e.o.Catalog.Put(ctx, g)
		}
		return err
	})
	e.goods.Forget(goodsID)
	e.counts.Forget(goodsID)
	return g, err
}

// mayRetire refuses while anything can still become of the goods' units.
func (e *Engine) mayRetire(ctx context.Context, g goods.Goods) error {
	if e.o.Now().Before(g.EndsAt) {
		return refuse(InvalidRequest, "goods_id: its window ends at "+g.EndsAt.Format(time.RFC3339))
	}
	row, err := e.o.Orders.Stock(ctx, g.ID)
	if errors.Is(err, order.ErrNotFound) { // never preloaded
		return nil
	}
	if err != nil {
		return err
	}
	gate, err := e.o.Stock.Counts(ctx, g.ID)
	loaded := !errors.Is(err, stock.ErrNotLoaded)
	switch {
	case err != nil && loaded:
		return err
	case row.Sold != row.Paid:
		return refuse(InvalidRequest, "goods_id: it has orders that are not paid yet")
	case loaded && !agree(gate, row):
		return refuse(InvalidRequest, "goods_id: its gate does not agree with the ledger yet")
	}
	return nil
}

// retired reports whether the goods was retired, as the catalog says now.
func (e *Engine) retired(ctx context.Context, goodsID string) (bool, error) {
	g, err := e.o.Catalog.Get(ctx, goodsID)
	if errors.Is(err, goods.ErrNotFound) {
		return false, nil
	}
	return g.Retired(), err
}

// retireEnded retires goods that ended long ago, once nothing is pending.
func (e *Engine) retireEnded(ctx context.Context, all []goods.Goods, gates map[string]stock.Counts) error {
	var ended []string
	for _, g := range all {
		if e.o.RetireAfter > 0 && !e.o.Now().Before(g.EndsAt.Add(e.o.RetireAfter)) {
			ended = append(ended, g.ID)
		}
	}
	rows, err := e.o.Orders.StocksOf(ctx, ended)
	if err != nil || len(ended) == 0 {
		return err
	}
	pending := func(id string) bool {
		gate, loaded := gates[id]
		return rows[id].Sold != rows[id].Paid || loaded && !agree(gate, rows[id])
	}
	ended = slices.DeleteFunc(ended, pending)
	for _, id := range ended[:min(len(ended), retireBatch)] {
		if _, err := e.retire(ctx, id); err != nil {
			return fmt.Errorf("retire goods %s: %w", id, err)
		}
		e.log.Info("goods retired", "goods", id)
	}
	return nil
}
