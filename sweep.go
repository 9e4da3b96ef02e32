package seckill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/fault"
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
			var fault error
			seen, fault = e.sweepGates(ctx, seen)
			err = errors.Join(err, fault)
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
// fell back in time. It reads many gates and rows at once, and only those of goods with
// holds by themselves.
func (e *Engine) sweepGates(ctx context.Context, seen looks) (looks, error) {
	all, err := e.o.Catalog.List(ctx)
	if err != nil {
		return seen, err
	}
	gates, err := e.o.Stock.CountsOf(ctx, idsOf(all))
	if err != nil {
		return seen, err
	}
	now, due := seen.next(gates)
	faults := []error{e.compareGates(ctx, now, due)}
	if faults[0] != nil {
		now = seen // so that they are compared the next time
	}
	for id, gate := range gates {
		if gate.Held == 0 {
			continue
		}
		if err := e.settleHolds(ctx, id); !errors.Is(err, stock.ErrNotLoaded) { // the next buyer has it rebuilt
			faults = append(faults, err)
		}
	}
	return now, errors.Join(append(faults, e.retireEnded(ctx, all, gates))...)
}

func idsOf(all []goods.Goods) []string {
	ids := make([]string, len(all))
	for i, g := range all {
		ids[i] = g.ID
	}
	return ids
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

// next returns the looks after this one, and the goods to compare with the ledger: those
// that changed, and ever more seldom those that rest.
func (l looks) next(gates map[string]stock.Counts) (now looks, due []string) {
	now = make(looks, len(gates))
	for id, counts := range gates {
		same := l[id].same + 1
		if l[id].counts != counts || counts.Held > 0 {
			same = 0
		}
		now[id] = look{counts, same}
		if now[id].due() {
			due = append(due, id)
		}
	}
	return now, due
}

// due reports whether this look is the one that found new numbers, the first, second,
// fourth, … that found the same, or one in 64.
func (l look) due() bool { return l.same&(l.same-1) == 0 || l.same%64 == 0 }

// compareGates compares gates with the ledger. A gate that fell back in time may have
// too few units left, and then no buyer gets as far as the ledger to notice; and it
// may have fallen back to what it was at the last look. Of a gate that does not rest,
// only the total can be compared.
func (e *Engine) compareGates(ctx context.Context, gates looks, due []string) error {
	rows, err := e.o.Orders.StocksOf(ctx, due)
	if err != nil {
		return err
	}
	for _, id := range due {
		gate, row := gates[id].counts, rows[id]
		busy := gates[id].same == 0
		if row.GoodsID == "" || agree(gate, row) || busy && gate.Total == row.Total {
			continue
		}
		e.log.Warn("gate differs from the ledger", "goods", id, "gate", gate, "ledger", row)
		e.rebuild(id)
	}
	return nil
}

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
		settlements[i] = settlement(h.Attempt, h.User, h.Quantity, outcomes[i])
	}
	if err := e.o.Stock.Settle(ctx, goodsID, settlements); err != nil {
		return err
	}
	e.tally.swept.Add(uint64(len(holds)))
	e.counts.Forget(goodsID)
	e.log.Info("holds swept", "goods", goodsID, "holds", len(holds))
	return nil
}
