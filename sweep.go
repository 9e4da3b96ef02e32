package seckill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

const (
	sweepEvery = 500 * time.Millisecond
	sweepBatch = 256
)

// sweeps cancels, restores and settles what nobody else did, until ctx ends. The
// ledger's backlog is looked at often, being one query; the gates, a call or two
// for each goods, four times in the time that makes a hold old.
func (e *Engine) sweeps(ctx context.Context) error {
	var gatesAt time.Time
	seen := make(looks)
	for ctx.Err() == nil {
		err := errors.Join(e.cancelOverdue(ctx), e.restoreCancelled(ctx))
		if time.Since(gatesAt) > e.o.HoldTimeout/4 {
			gatesAt = time.Now()
			err = errors.Join(err, e.sweepGates(ctx, seen))
		}
		if err != nil && ctx.Err() == nil {
			e.log.Error("sweep failed, trying again", "error", err)
		}
		pause(ctx, sweepEvery)
	}
	return ctx.Err()
}

// restoreCancelled gives units back that a crash or an unreachable gate kept.
func (e *Engine) restoreCancelled(ctx context.Context) error {
	orders, err := e.o.Orders.Unrestored(ctx, sweepBatch)
	if err != nil {
		return err
	}
	e.restore(ctx, orders)
	return nil
}

// sweepGates settles the old holds of every goods, and has a gate filled anew that
// fell back in time.
func (e *Engine) sweepGates(ctx context.Context, seen looks) error {
	all, err := e.o.Catalog.List(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, g := range all {
		err := errors.Join(e.settleHolds(ctx, g.ID), e.compareResting(ctx, g.ID, seen))
		if !errors.Is(err, stock.ErrNotLoaded) { // the next buyer has it rebuilt
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// settleHolds asks the ledger what became of old holds. The ledger buries an
// attempt that has no order before its units are given back: from then on none
// can be booked, however late its group wakes up.
func (e *Engine) settleHolds(ctx context.Context, goodsID string) error {
	for {
		holds, err := e.o.Stock.Holds(ctx, goodsID, e.o.HoldTimeout, sweepBatch)
		if err != nil || len(holds) == 0 {
			return err
		}
		if err := e.settleGoods(ctx, goodsID, holds); err != nil || len(holds) < sweepBatch {
			return err
		}
	}
}

// looks are the gates' numbers at the last look.
type looks map[string]look

type look struct {
	counts stock.Counts
	same   int // looks before at which they were the same
}

// compareResting compares a gate that nobody bought at since the last look with
// the ledger: at once, and ever more seldom as it goes on resting. A gate that fell
// back in time may have too few units left, and then no buyer gets as far as the
// ledger to notice; and it may have fallen back to what it was at the last look.
func (e *Engine) compareResting(ctx context.Context, goodsID string, seen looks) error {
	counts, err := e.o.Stock.Counts(ctx, goodsID)
	if err != nil {
		return err
	}
	now := look{counts, seen[goodsID].same + 1}
	if seen[goodsID].counts != counts || counts.Held > 0 {
		now.same = 0
	}
	if !now.due() {
		seen[goodsID] = now
		return nil
	}
	row, err := e.o.Orders.Stock(ctx, goodsID)
	if err != nil {
		return err
	}
	seen[goodsID] = now
	switch {
	case agree(counts, row):
	default:
		e.log.Warn("gate differs from the ledger", "goods", goodsID, "gate", counts, "ledger", row)
		e.rebuild(goodsID)
	}
	return nil
}

// due reports whether this look is the first, second, fourth, … that found the same
// numbers, or one in 64: reading the ledger's sums costs with every order.
func (l look) due() bool { return l.same > 0 && (l.same&(l.same-1) == 0 || l.same%64 == 0) }

func (e *Engine) settleGoods(ctx context.Context, goodsID string, holds []stock.Hold) (err error) {
	ctx, stage := e.start(ctx, Stage{Name: StageSweep, GoodsID: goodsID, Size: len(holds)})
	defer func() { stage.done(err) }()
	attempts := make([]string, len(holds))
	for i, h := range holds {
		attempts[i] = h.Attempt
	}
	outcomes, err := e.o.Orders.Bury(ctx, goodsID, attempts)
	if err != nil {
		return err
	}
	if len(outcomes) != len(holds) {
		return fmt.Errorf("ledger answered %d of %d attempts", len(outcomes), len(holds))
	}
	fault.Point("hold.buried")
	settlements := make([]stock.Settlement, len(holds))
	for i, h := range holds {
		verdict := stock.Release
		if outcomes[i].Status == order.Replayed {
			verdict = verdictOn(outcomes[i].Order)
		}
		settlements[i] = stock.Settlement{Attempt: h.Attempt, User: h.User, Quantity: h.Quantity, Verdict: verdict}
	}
	if err := e.o.Stock.Settle(ctx, goodsID, settlements); err != nil {
		return err
	}
	e.tally.swept.Add(uint64(len(holds)))
	e.counts.Forget(goodsID)
	e.log.Info("holds swept", "goods", goodsID, "holds", len(holds))
	return nil
}
