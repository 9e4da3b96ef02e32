package seckill

import (
	"context"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/payment"
)

// mostUnapplied is how many batches of payments may wait in the outbox before orders
// are not cancelled any more: first it is seen who has paid.
const mostUnapplied = 1000

// overdue is the change that ends an order which was not paid in time.
func (e *Engine) overdue(orderID string) order.Change {
	return order.Change{OrderID: orderID, Move: order.Cancel, Reason: "not paid in time", At: e.o.Now()}
}

// cancelOverdue ends orders that were not paid in time. A payment that arrives at
// the same moment wins or loses in the ledger, never both; one that is known and not
// applied yet, in the outbox or parked, wins.
func (e *Engine) cancelOverdue(ctx context.Context) error {
	for {
		paid, ok, err := e.unapplied(ctx)
		if err != nil || !ok {
			return err
		}
		limit := sweepBatch + len(paid)
		overdue, err := e.o.Orders.Overdue(ctx, e.o.Now().Add(-max(e.o.PayGrace, 0)), limit)
		if err != nil {
			return err
		}
		var changes []order.Change
		for _, o := range overdue {
			if !paid[o.ID] {
				changes = append(changes, e.overdue(o.ID))
			}
		}
		if err := e.cancel(ctx, changes); err != nil || len(overdue) < limit {
			return err
		}
	}
}

// cancel cancels orders, and parks those that cannot be.
func (e *Engine) cancel(ctx context.Context, changes []order.Change) (err error) {
	if len(changes) == 0 {
		return nil
	}
	ctx, stage := e.start(ctx, Stage{Name: StageCancel, Size: len(changes)})
	defer func() { stage.done(err) }()
	_, refused, err := isolate(ctx, changes, e.move)
	things := make([]order.Parked, len(refused))
	for i, r := range refused {
		things[i] = order.Parked{Lane: order.CancelLane, Key: r.piece.OrderID, Reason: brief(r.why), At: r.piece.At}
	}
	if fault := e.park(ctx, things); fault != nil {
		return fault
	}
	return err
}

// unapplied returns the orders of which a payment waits in the outbox, and false if
// those are too many to look at.
func (e *Engine) unapplied(ctx context.Context) (map[string]bool, bool, error) {
	batches, err := e.o.Orders.InLane(ctx, order.PaymentLane, mostUnapplied)
	if err != nil {
		return nil, false, err
	}
	if len(batches) == mostUnapplied {
		e.log.Warn("no order is cancelled while so many payments wait in the outbox", "batches", len(batches))
		return nil, false, nil
	}
	paid := make(map[string]bool)
	for _, b := range batches {
		for _, ev := range b.Events {
			if ev.Type == "payment."+string(payment.Succeeded) {
				paid[ev.Key] = true
			}
		}
	}
	return paid, true, nil
}
