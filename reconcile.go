package seckill

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/fault"
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
	Ledger order.Recount
	// Outbox is how far the events of all goods are behind. That is no difference:
	// the relay sends them.
	Outbox order.Queue
	// Differences name what did not agree, Mended what was done about it. What can
	// be told only by a person is named and not mended.
	Differences, Mended []string
}

// Reconcile compares orders, stock row, ledger entries, catalog and gate of a
// goods while its sellers pause, and unless dryRun mends what differs:
//
//   - Live orders are the truth. A stock row that counts other units is set to
//     theirs, and an entry of the difference makes the ledger's entries sum to it.
//   - Holds that nobody will settle are settled by the ledger's word.
//   - Cancelled orders whose units are not back in the gate are given back.
//   - A total that is not the catalog's becomes the catalog's, if that is not less
//     than what is sold.
//   - A gate that still differs, or has no numbers, is filled from the ledger.
//
// A second run finds nothing, but for live orders of more units than the total:
// whether to raise it or to cancel some is for a person.
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
		return r, asOutcome(err)
	})
}

func (e *Engine) reconcile(ctx context.Context, goodsID string, dryRun bool) (r Report, err error) {
	ctx, stage := e.start(ctx, Stage{Name: StageReconcile, GoodsID: goodsID, Size: 1})
	defer func() {
		stage.done(err)
		e.tally.differences.Add(uint64(len(r.Differences)))
	}()
	c := &reconciling{e: e, Report: Report{GoodsID: goodsID, DryRun: dryRun}}
	err = e.exclusively(ctx, goodsID, func(ctx context.Context, fence int64) error {
		c.fence = fence
		if err := c.compare(ctx); err != nil || dryRun || len(c.Differences) == 0 {
			return err
		}
		return c.mend(ctx)
	})
	if err == nil && !dryRun && len(c.Differences) > 0 {
		err = c.fill(ctx)
	}
	return c.Report, err
}

// reconciling is one reconcile on its way, under the goods' exclusive lease.
type reconciling struct {
	Report
	e     *Engine
	fence int64
	// retired: there is no gate to be compared.
	retired bool
	total   int // the catalog's, or the ledger's for a goods that is in no catalog
	owed    []order.Order
}

func (c *reconciling) differs(when bool, format string, args ...any) {
	if when {
		c.Differences = append(c.Differences, fmt.Sprintf(format, args...))
	}
}

func (c *reconciling) mended(format string, args ...any) {
	c.Mended = append(c.Mended, fmt.Sprintf(format, args...))
}

// compare reads everything and names what differs.
func (c *reconciling) compare(ctx context.Context) error {
	if err := c.read(ctx); err != nil {
		return err
	}
	g, l := c.Gate, c.Ledger
	c.differs(l.Ordered > l.Total, "oversold: live orders have %d units, the total is %d", l.Ordered, l.Total)
	c.differs(l.Sold != l.Ordered, "ledger: stock row says %d sold, live orders have %d", l.Sold, l.Ordered)
	c.differs(l.Paid != l.OrderedPaid, "ledger: stock row says %d paid, paid orders have %d", l.Paid, l.OrderedPaid)
	c.differs(l.Entries != l.Ordered, "ledger: its entries sum to %d, live orders have %d", l.Entries, l.Ordered)
	c.differs(c.total != l.Total, "total: catalog %d, ledger %d", c.total, l.Total)
	c.differs(len(c.owed) > 0, "restore: units of %d cancelled orders are not back in the gate", len(c.owed))
	c.differs(!c.Loaded && !c.retired, "the gate has no numbers")
	if c.Loaded {
		c.differs(!g.Conserved(), "gate: left %d + held %d + sold %d is not total %d", g.Left, g.Held, g.Sold, g.Total)
		c.differs(g.Total != l.Total, "total: gate %d, ledger %d", g.Total, l.Total)
		c.differs(g.Sold != l.Ordered, "sold: gate %d, live orders %d", g.Sold, l.Ordered)
		c.differs(g.Held != 0, "held: %d units of nobody under way", g.Held)
	}
	return nil
}

func (c *reconciling) read(ctx context.Context) (err error) {
	o := c.e.o
	if c.Ledger, err = o.Orders.Recount(ctx, c.GoodsID); err != nil {
		return err
	}
	if c.Gate, err = o.Stock.Counts(ctx, c.GoodsID); err != nil && !errors.Is(err, stock.ErrNotLoaded) {
		return err
	}
	c.Loaded = err == nil
	g, err := o.Catalog.Get(ctx, c.GoodsID)
	if err != nil && !errors.Is(err, goods.ErrNotFound) {
		return err
	}
	c.retired = g.Retired()
	if c.total = g.Total; err != nil {
		c.total = c.Ledger.Total
	}
	if _, c.Outbox, err = o.Orders.Pending(ctx, 0); err != nil {
		return err
	}
	return c.readOwed(ctx)
}

func (c *reconciling) readOwed(ctx context.Context) error {
	owed, err := c.e.o.Orders.Unrestored(ctx, sweepBatch)
	c.owed = slices.DeleteFunc(owed, func(o order.Order) bool { return o.GoodsID != c.GoodsID })
	return err
}

// mend makes the ledger agree with itself, and settles what the gate does not know yet.
func (c *reconciling) mend(ctx context.Context) error {
	for _, step := range []func(context.Context) error{c.amend, c.settleHolds, c.restore} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *reconciling) amend(ctx context.Context) error {
	l := c.Ledger
	if l.Sound() || l.Ordered > l.Total {
		return nil
	}
	row, err := c.e.o.Orders.Amend(ctx, c.GoodsID, c.fence)
	fault.Point("reconcile.amended")
	if err == nil {
		c.mended("stock row and entries amended to the %d units of live orders", row.Sold)
	}
	return err
}

func (c *reconciling) settleHolds(ctx context.Context) error {
	if !c.Loaded || c.Gate.Held == 0 {
		return nil
	}
	for {
		holds, err := c.e.o.Stock.Holds(ctx, c.GoodsID, 0, sweepBatch)
		if err != nil || len(holds) == 0 {
			return err
		}
		if err := c.e.settleGoods(ctx, c.GoodsID, holds); err != nil {
			return err
		}
		c.mended("%d leftover holds settled", len(holds))
	}
}

func (c *reconciling) restore(ctx context.Context) (err error) {
	for (c.Loaded || c.retired) && len(c.owed) > 0 && err == nil {
		if err = c.e.restoreGoods(ctx, c.GoodsID, c.owed); err == nil {
			c.mended("units of %d cancelled orders given back", len(c.owed))
			err = c.readOwed(ctx)
		}
	}
	return err
}

// fill makes the total the catalog's, and fills a gate that differs still. It takes a
// lease of its own, whose fence is higher than the one that the ledger was amended with.
// The last step marks what a gate that was filled anew has given back already.
func (c *reconciling) fill(ctx context.Context) error {
	if c.retired {
		return nil
	}
	row, err := c.e.o.Orders.Stock(ctx, c.GoodsID)
	if err != nil {
		return err
	}
	if c.total != row.Total && c.total >= row.Sold {
		if err := c.e.retotal(ctx, row, c.total); err != nil {
			return err
		}
		c.mended("total set to %d", c.total)
	}
	counts, filled, err := c.e.refill(ctx, c.GoodsID)
	if err != nil {
		return err
	}
	if c.Loaded = true; filled {
		c.mended("gate filled from the ledger: total %d, left %d, sold %d", counts.Total, counts.Left, counts.Sold)
	}
	if err := c.readOwed(ctx); err != nil {
		return err
	}
	return c.restore(ctx)
}
