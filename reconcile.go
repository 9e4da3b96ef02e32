package seckill

import (
	"context"
	"errors"
	"fmt"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

// Report is what a reconcile found and did.
type Report struct {
	GoodsID string
	DryRun  bool
	// Gate and Ledger are the numbers as they were found; Loaded is false if the
	// gate had none.
	Gate   stock.Counts
	Loaded bool
	Ledger order.Stock
	// Differences name what did not agree, Mended what was done about it. A
	// difference inside the ledger itself is named and left to a person.
	Differences, Mended []string
}

// Reconcile compares the gate with the ledger while the sellers of the goods
// pause, and unless dryRun mends the gate: leftover holds are settled by the
// ledger's word, cancelled orders are restored, and a gate that still differs is
// filled anew. A second run finds nothing.
//
// Refusals: GoodsNotFound (or never preloaded), Busy.
func (a Admin) Reconcile(ctx context.Context, goodsID string, dryRun bool) (Report, error) {
	if _, err := a.e.o.Orders.Stock(ctx, goodsID); errors.Is(err, order.ErrNotFound) {
		return Report{}, refuse(GoodsNotFound, "no such goods was ever preloaded")
	} else if err != nil {
		return Report{}, busy(err)
	}
	if dryRun {
		r, err := a.e.reconcile(ctx, goodsID, true)
		return r, asRefusal(err)
	}
	return audited(ctx, a, "reconcile", goodsID, nil, func(ctx context.Context) (Report, error) {
		r, err := a.e.reconcile(ctx, goodsID, false)
		return r, asRefusal(err)
	})
}

func (e *Engine) reconcile(ctx context.Context, goodsID string, dryRun bool) (r Report, err error) {
	r = Report{GoodsID: goodsID, DryRun: dryRun}
	err = e.exclusively(ctx, goodsID, func(ctx context.Context, fence int64) error {
		if err := e.compare(ctx, &r); err != nil || dryRun || len(r.Differences) == 0 {
			return err
		}
		return e.mend(ctx, &r, fence)
	})
	return r, err
}

// compare fills the report's numbers and differences.
func (e *Engine) compare(ctx context.Context, r *Report) (err error) {
	if r.Ledger, err = e.o.Orders.Stock(ctx, r.GoodsID); err != nil {
		return err
	}
	r.Gate, err = e.o.Stock.Counts(ctx, r.GoodsID)
	if err != nil && !errors.Is(err, stock.ErrNotLoaded) {
		return err
	}
	r.Loaded = err == nil
	differs := func(when bool, format string, args ...any) {
		if when {
			r.Differences = append(r.Differences, fmt.Sprintf(format, args...))
		}
	}
	g, l := r.Gate, r.Ledger
	differs(!r.Loaded, "the gate has no numbers")
	if r.Loaded {
		differs(!g.Conserved(), "gate: left %d + held %d + sold %d is not total %d", g.Left, g.Held, g.Sold, g.Total)
		differs(g.Total != l.Total, "total: gate %d, ledger %d", g.Total, l.Total)
		differs(g.Sold != l.Sold, "sold: gate %d, ledger %d", g.Sold, l.Sold)
		differs(g.Held != 0, "held: %d units of nobody under way", g.Held)
	}
	differs(l.Sold != l.Ordered, "ledger: stock row says %d sold, live orders have %d", l.Sold, l.Ordered)
	differs(l.Sold != l.Booked, "ledger: stock row says %d sold, its entries %d", l.Sold, l.Booked)
	return nil
}

// mend makes the gate agree with the ledger.
func (e *Engine) mend(ctx context.Context, r *Report, fence int64) error {
	done := func(format string, args ...any) { r.Mended = append(r.Mended, fmt.Sprintf(format, args...)) }
	if r.Loaded {
		holds, err := e.o.Stock.Holds(ctx, r.GoodsID, 0, sweepBatch)
		if err != nil {
			return err
		}
		if len(holds) > 0 {
			if err := e.settleGoods(ctx, r.GoodsID, holds); err != nil {
				return err
			}
			done("%d leftover holds settled", len(holds))
		}
	}
	if err := e.restoreCancelled(ctx); err != nil {
		return err
	}
	row, err := e.o.Orders.Stock(ctx, r.GoodsID)
	if err != nil {
		return err
	}
	if gate, err := e.o.Stock.Counts(ctx, r.GoodsID); err == nil && agree(gate, row) {
		return nil
	}
	counts, err := e.load(ctx, r.GoodsID, fence, row.Total)
	if err == nil {
		done("gate filled from the ledger: left %d, sold %d", counts.Left, counts.Sold)
	}
	return err
}
