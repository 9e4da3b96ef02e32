package seckill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/stock"
)

const (
	sweepEvery = 500 * time.Millisecond
	sweepBatch = 256
)

// sweeps cancels, restores and settles what nobody else did, until ctx ends. The
// ledger's backlog is looked at often, being one query; the gate's holds, one
// call for each goods, four times in the time that makes a hold old.
func (e *Engine) sweeps(ctx context.Context) error {
	var holdsAt time.Time
	for ctx.Err() == nil {
		err := errors.Join(e.cancelOverdue(ctx), e.restoreCancelled(ctx))
		if time.Since(holdsAt) > e.o.HoldTimeout/4 {
			holdsAt = time.Now()
			err = errors.Join(err, e.settleHolds(ctx))
		}
		if err != nil && ctx.Err() == nil {
			e.log.Error("sweep failed, trying again", "error", err)
		}
		pause(ctx, sweepEvery)
	}
	return ctx.Err()
}

// cancelOverdue ends orders that were not paid in time. A payment that arrives at
// the same moment wins or loses in the ledger, never both.
func (e *Engine) cancelOverdue(ctx context.Context) error {
	for {
		now := e.o.Now()
		overdue, err := e.o.Orders.Overdue(ctx, now.Add(-max(e.o.PayGrace, 0)), sweepBatch)
		if err != nil || len(overdue) == 0 {
			return err
		}
		changes := make([]order.Change, len(overdue))
		for i, o := range overdue {
			changes[i] = order.Change{OrderID: o.ID, Move: order.Cancel, Reason: "not paid in time", At: now}
		}
		if err := e.move(ctx, changes); err != nil || len(overdue) < sweepBatch {
			return err
		}
	}
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

// settleHolds asks the ledger what became of old holds. The ledger buries an
// attempt that has no order before its units are given back: from then on none
// can be booked, however late its group wakes up.
func (e *Engine) settleHolds(ctx context.Context) error {
	all, err := e.o.Catalog.List(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, g := range all {
		holds, err := e.o.Stock.Holds(ctx, g.ID, e.o.HoldTimeout, sweepBatch)
		switch {
		case errors.Is(err, stock.ErrNotLoaded):
			continue // the next buyer has it rebuilt
		case err != nil:
			faults = append(faults, err)
		case len(holds) > 0:
			faults = append(faults, e.settleGoods(ctx, g.ID, holds))
		}
	}
	return errors.Join(faults...)
}

func (e *Engine) settleGoods(ctx context.Context, goodsID string, holds []stock.Hold) error {
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
