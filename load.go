package seckill

import (
	"context"
	"errors"
	"fmt"
	"iter"
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

// load fills the gate from the ledger, which gets the new total. The order of the
// steps is what makes it safe while orders are paid and cancelled: the gate is
// stopped before the ledger is read, and the ledger refuses older fences before
// it is read, so nothing happens that the snapshot has not seen and that will
// not be told to the gate after it.
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
	counts, err = e.o.Stock.Load(ctx, goodsID, fence, stock.Snapshot{
		Total: row.Total, Epoch: row.Epoch, Sales: e.salesOf(ctx, goodsID),
	})
	e.counts.Forget(goodsID)
	return counts, err
}

func (e *Engine) salesOf(ctx context.Context, goodsID string) iter.Seq2[stock.Sale, error] {
	return func(yield func(stock.Sale, error) bool) {
		for o, err := range e.o.Orders.Sales(ctx, goodsID) {
			sale := stock.Sale{Attempt: o.ID, User: o.UserID, Quantity: o.Quantity, Released: !o.State.Live()}
			if !yield(sale, err) {
				return
			}
		}
	}
}

// retotal fills the gate with a new total, if what is sold and held allows it;
// otherwise nothing changes.
func (e *Engine) retotal(ctx context.Context, goodsID string, fence int64, total int) (stock.Counts, error) {
	row, err := e.o.Orders.Stock(ctx, goodsID)
	if err != nil && !errors.Is(err, order.ErrNotFound) {
		return stock.Counts{}, err
	}
	taken := row.Sold
	if gate, err := e.o.Stock.Counts(ctx, goodsID); err == nil {
		taken = max(taken, gate.Sold+gate.Held)
	}
	if total < taken {
		return stock.Counts{}, refuse(TotalTooSmall, fmt.Sprintf("total: want at least %d, which are sold or held, got %d", taken, total))
	}
	counts, err := e.load(ctx, goodsID, fence, total)
	if errors.Is(err, order.ErrTotalTooSmall) { // sold since, by a node that sells without a lease
		_, reopen := e.load(ctx, goodsID, fence, row.Total)
		return counts, errors.Join(refuse(TotalTooSmall, "total: more units were sold meanwhile"), reopen)
	}
	return counts, err
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
	ctx, stage := e.start(ctx, Stage{Name: StageRebuild, GoodsID: goodsID, Size: 1})
	defer func() { stage.done(err) }()
	return e.exclusively(ctx, goodsID, func(ctx context.Context, fence int64) error {
		row, err := e.o.Orders.Stock(ctx, goodsID)
		if err != nil {
			return err
		}
		// Another node may have done it while this one waited for the lease.
		if gate, err := e.o.Stock.Counts(ctx, goodsID); err == nil && agree(gate, row) {
			return nil
		}
		counts, err := e.load(ctx, goodsID, fence, row.Total)
		if err == nil {
			e.log.Info("gate rebuilt from the ledger", "goods", goodsID, "left", counts.Left, "sold", counts.Sold)
		}
		return err
	})
}

// agree reports whether gate and ledger say the same while nobody sells.
func agree(gate stock.Counts, row order.Stock) bool {
	return gate.Conserved() && gate.Total == row.Total && gate.Sold == row.Sold && gate.Held == 0 && gate.Epoch == row.Epoch
}
