package seckill

import (
	"context"
	"errors"
	"slices"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/ticket"
)

// History returns an order, whoever's it is, and the moments of its life in the order
// of their times: when its ticket was signed, when the purchase arrived, and what the
// ledger has on record if it is an [order.Journal], else the last move alone. Each
// time is by the clock of the node that did it; nodes' clocks may differ. For
// operators. Refusals: InvalidRequest, OrderNotFound, Busy.
func (e *Engine) History(ctx context.Context, orderID string) (order.Order, []order.Step, error) {
	o, err := e.AnyOrder(ctx, orderID)
	if err != nil {
		return order.Order{}, nil, err
	}
	var steps []order.Step
	if at, ok := ticket.IssuedAt(o.Attempt); ok {
		steps = append(steps, order.Step{Name: order.StepTicket, At: at})
	}
	steps = append(steps, order.Step{Name: order.StepRequested, At: o.CreatedAt})
	known, err := e.recorded(ctx, o)
	if err != nil {
		return o, nil, busy(err)
	}
	steps = append(steps, known...)
	slices.SortStableFunc(steps, func(a, b order.Step) int { return a.At.Compare(b.At) })
	return o, steps, nil
}

func (e *Engine) recorded(ctx context.Context, o order.Order) ([]order.Step, error) {
	if journal, ok := e.o.Orders.(order.Journal); ok {
		steps, err := journal.History(ctx, o.ID)
		if !errors.Is(err, order.ErrNotFound) {
			return steps, err
		}
	}
	if o.State == order.Pending {
		return nil, nil
	}
	return []order.Step{{Name: string(o.State), At: o.UpdatedAt}}, nil
}
