package seckill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

const (
	// loadPatience bounds one filling of the gate, the wait for the sellers included.
	loadPatience = time.Minute
	// loadTTL is how long a node that died while it filled the gate is waited for.
	// Nobody takes such a lease over: a long filling would be begun again and again.
	loadTTL = 3 * time.Second
)

// exclusively runs f under the goods' exclusive lease: the nodes that sell finish
// their groups, step aside, and go on with a newer fence afterwards.
func (e *Engine) exclusively(ctx context.Context, goodsID string, f func(ctx context.Context, fence int64) error) error {
	live, err := e.o.Settings.Get(ctx)
	if err != nil {
		return busy(err)
	}
	wait, cancel := context.WithTimeout(ctx, loadPatience)
	defer cancel()
	lease, err := e.o.Locker.Acquire(wait, lockName(goodsID), lock.Options{Mode: lock.Exclusive, TTL: min(live.Lock.TTL, loadTTL), Node: e.o.Node})
	if err != nil {
		return busy(fmt.Errorf("lease of goods %s: %w", goodsID, err))
	}
	// What was begun is finished, also when the caller leaves.
	work, stop := context.WithTimeout(context.WithoutCancel(ctx), loadPatience)
	defer stop()
	defer func() {
		if err := lease.Release(work); err != nil {
			e.log.Warn("lease not released, it ends with its TTL", "goods", goodsID, "error", err)
		}
	}()
	return f(work, lease.Fence())
}

// keepTotal leaves the ledger's total as it is.
const keepTotal = -1

// load fills the gate from the ledger, which gets the new total or keeps its own. The
// order of the steps is what makes it safe while orders are paid and cancelled: the
// gate is stopped before the ledger is read, and the ledger refuses older fences
// before it is read, so the fences of an order say whether the row counted it. The
// fence must be the lease's own, and one lease fills a gate once.
func (e *Engine) load(ctx context.Context, goodsID string, fence int64, total int) (counts stock.Counts, err error) {
	ctx, stage := e.start(ctx, Stage{Name: StageLoad, GoodsID: goodsID, Size: 1})
	defer func() { stage.done(err) }()
	if err := e.o.Stock.Stop(ctx, goodsID, fence); err != nil {
		return stock.Counts{}, err
	}
	fault.Point("load.stopped")
	row, err := e.o.Orders.Open(ctx, goodsID, fence, total)
	if err != nil {
		return stock.Counts{}, err
	}
	fault.Point("load.opened")
	counts, err = e.o.Stock.Load(ctx, goodsID, fence, stock.Snapshot{Total: row.Total, Sold: row.Sold, Epoch: row.Epoch})
	e.counts.Forget(goodsID)
	return counts, err
}

// preload puts a goods on sale with the total. A gate that agrees with the ledger is
// left as it is.
func (e *Engine) preload(ctx context.Context, goodsID string, total int) (counts stock.Counts, err error) {
	row, err := e.o.Orders.Stock(ctx, goodsID)
	switch {
	case errors.Is(err, order.ErrNotFound):
		err = e.exclusively(ctx, goodsID, func(ctx context.Context, fence int64) error {
			counts, err = e.load(ctx, goodsID, fence, total)
			return err
		})
		return counts, err
	case err != nil:
		return stock.Counts{}, err
	}
	if err := e.retotal(ctx, row, total); err != nil {
		return stock.Counts{}, err
	}
	counts, _, err = e.refill(ctx, goodsID)
	return counts, err
}

// refill fills a gate that does not agree with the ledger, and reports whether it did.
func (e *Engine) refill(ctx context.Context, goodsID string) (counts stock.Counts, filled bool, err error) {
	agreed := func(ctx context.Context) (ok bool, err error) {
		row, err := e.o.Orders.Stock(ctx, goodsID)
		if err != nil {
			return false, err
		}
		if counts, err = e.o.Stock.Counts(ctx, goodsID); errors.Is(err, stock.ErrNotLoaded) {
			return false, nil
		}
		return err == nil && agree(counts, row), err
	}
	if ok, err := agreed(ctx); ok || err != nil {
		return counts, false, err
	}
	err = e.exclusively(ctx, goodsID, func(ctx context.Context, fence int64) error {
		// While nobody sells they may agree, or another node has filled the gate.
		ok, err := agreed(ctx)
		if ok || err != nil {
			return err
		}
		counts, err = e.load(ctx, goodsID, fence, keepTotal)
		filled = err == nil
		return err
	})
	return counts, filled, err
}

// retotal changes the total of a goods that has the row, if what is sold and held
// allows it; otherwise nothing changes. It stops no sale: units are added to the
// ledger before they are in the gate, and taken from the gate before they are gone
// from the ledger. A crash in between leaves too few in the gate, which the sweep
// notices.
func (e *Engine) retotal(ctx context.Context, row order.Stock, total int) (err error) {
	defer e.counts.Forget(row.GoodsID)
	if total == row.Total {
		return nil
	}
	steps := []func(context.Context, string, int) error{e.resizeLedger, e.resizeGate}
	if total < row.Total {
		slices.Reverse(steps)
	}
	if err := steps[0](ctx, row.GoodsID, total); err != nil {
		return err
	}
	fault.Point("total.half")
	if err = steps[1](ctx, row.GoodsID, total); err == nil {
		return nil
	}
	if errors.Is(err, TotalTooSmall) { // sold since by a node with an older gate
		err = errors.Join(err, e.resizeGate(ctx, row.GoodsID, row.Total))
	}
	e.rebuild(row.GoodsID) // by the ledger's total, whichever that is
	return err
}

func (e *Engine) resizeLedger(ctx context.Context, goodsID string, total int) error {
	_, err := e.o.Orders.Resize(ctx, goodsID, total)
	if errors.Is(err, order.ErrTotalTooSmall) {
		return refuse(TotalTooSmall, "total: more units are sold")
	}
	return err
}

// resizeGate has a gate without numbers filled with the ledger's.
func (e *Engine) resizeGate(ctx context.Context, goodsID string, total int) error {
	_, err := e.o.Stock.Resize(ctx, goodsID, total)
	switch {
	case errors.Is(err, stock.ErrTotalTooSmall):
		return refuse(TotalTooSmall, "total: more units are sold or held")
	case errors.Is(err, stock.ErrNotLoaded):
		e.rebuild(goodsID)
		return nil
	}
	return err
}

// notLoaded turns an error of the gate into a refusal, and has the gate filled if
// it lost its numbers.
func (e *Engine) notLoaded(goodsID string, err error) error {
	switch {
	case errors.Is(err, stock.ErrFenced):
		return err
	case errors.Is(err, stock.ErrNotLoaded):
		e.rebuild(goodsID)
	}
	return busy(err)
}

// rebuild fills the gate from the ledger in the background, once at a time.
func (e *Engine) rebuild(goodsID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rebuilding[goodsID] {
		return
	}
	e.rebuilding[goodsID] = true
	e.spawn(func() {
		defer func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			delete(e.rebuilding, goodsID)
		}()
		switch err := e.rebuildNow(context.Background(), goodsID); {
		case errors.Is(err, order.ErrNotFound): // never preloaded: nothing to sell
		case err != nil:
			e.log.Error("gate not rebuilt", "goods", goodsID, "error", err)
			select { // the next buyer starts the next try, not every buyer
			case <-time.After(time.Second):
			case <-e.closing:
			}
		}
	})
}

func (e *Engine) rebuildNow(ctx context.Context, goodsID string) (err error) {
	if _, err := e.o.Orders.Stock(ctx, goodsID); err != nil {
		return err
	}
	if retired, err := e.retired(ctx, goodsID); err != nil || retired {
		return err
	}
	ctx, stage := e.start(ctx, Stage{Name: StageRebuild, GoodsID: goodsID, Size: 1})
	defer func() { stage.done(err) }()
	counts, filled, err := e.refill(ctx, goodsID)
	if filled {
		e.log.Info("gate rebuilt from the ledger", "goods", goodsID, "left", counts.Left, "sold", counts.Sold)
	}
	return err
}

// agree reports whether gate and ledger say the same while nobody sells.
func agree(gate stock.Counts, row order.Stock) bool {
	return gate.Conserved() && gate.Total == row.Total && gate.Sold == row.Sold && gate.Held == 0 && gate.Epoch == row.Epoch
}
