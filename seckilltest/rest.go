package seckilltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/order"
)

// recover waits until everything is at rest, and notes how long that took.
func (r *run) recover(ctx context.Context) {
	start := time.Now()
	missing := r.restless(ctx)
	for missing != "" && time.Since(start) < r.o.Recovery {
		time.Sleep(20 * time.Millisecond)
		missing = r.restless(ctx)
	}
	took := time.Since(start)
	if missing == "" {
		r.rest = time.Now()
	} else {
		r.recovery.Missing = missing
	}
	r.recovery.Within = r.o.Recovery + time.Second
	r.recovery.Took = max(r.recovery.Took, took)
	r.recovery.Ready = r.recovery.Missing == ""
}

// remember keeps payment events, to publish them once more.
func (r *run) remember(events []order.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range events {
		if strings.HasPrefix(e.Type, "payment.") {
			r.events = append(r.events, e)
		}
	}
}

// repeat publishes all payment events again, as a relay does that died before it
// could mark them and comes back.
func (r *run) repeat(ctx context.Context) {
	r.history.Mark("", "all payments are told again")
	r.mu.Lock()
	events := slices.Clone(r.events)
	r.mu.Unlock()
	for range 50 {
		if len(events) == 0 || r.look.Sink.Publish(ctx, events) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond) // a consumer was about to begin
	}
}

// restless says what is still to do, "" if nothing is.
func (r *run) restless(ctx context.Context) string {
	for _, g := range []goods.Goods{r.goods, r.closed} {
		row, err := r.look.Orders.Stock(ctx, g.ID)
		if err != nil {
			return err.Error()
		}
		if counts, err := r.look.Stock.Counts(ctx, g.ID); err != nil {
			r.knock(ctx, g.ID)
			return err.Error()
		} else if counts.Held != 0 || counts.Sold != row.Sold || counts.Total != row.Total || !counts.Conserved() {
			return fmt.Sprintf("gate %+v, ledger %+v", counts, row)
		}
	}
	owed, err := r.look.Orders.Unrestored(ctx, 1)
	_, queue, err2 := r.look.Orders.Pending(ctx, 1)
	switch {
	case err != nil || err2 != nil:
		return errors.Join(err, err2).Error()
	case len(owed) > 0:
		return "order " + owed[0].ID + " is not restored"
	case queue.Pending > 0:
		return fmt.Sprintf("%d batches are not sent", queue.Pending)
	}
	return r.unmoved(ctx)
}

// unmoved says which order has a payment or an end to come, or an event that
// nobody heard.
func (r *run) unmoved(ctx context.Context) string {
	heard := map[string]bool{}
	if r.a.Heard != nil {
		for _, e := range r.a.Heard() {
			heard[e.ID] = true
		}
	}
	for o, err := range r.look.Orders.Sales(ctx, r.goods.ID) {
		if err != nil {
			return err.Error()
		}
		r.mu.Lock()
		_, paid := r.paid[o.ID]
		r.mu.Unlock()
		if o.State == order.Pending && (paid || time.Until(o.PayBy) < lasting) {
			return "order " + o.ID + " is pending"
		}
		if r.a.Heard != nil && (!heard[order.Created(o).ID] || o.Version > 1 && !heard[order.Moved(o).ID]) {
			return "an event of order " + o.ID + " was not heard"
		}
	}
	return ""
}

// knock is a buyer who finds the gate empty: that has it filled.
func (r *run) knock(ctx context.Context, goodsID string) {
	n := r.places[0].Load()
	_, _ = n.Goods(ctx, goodsID)
}
