package seckill

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/ticket"
)

// History returns an order, whoever's it is, and the moments of its life: when its
// ticket was signed, when the purchase arrived, and then, in the order of their times,
// what the ledger has on record if it is an [order.Journal], else the last move alone.
// The times are by several clocks, which may differ, so that a later moment may bear
// an earlier time. For operators. Refusals: InvalidRequest, OrderNotFound, Busy.
func (e *Engine) History(ctx context.Context, orderID string) (order.Order, []order.Step, error) {
	o, err := e.AnyOrder(ctx, orderID)
	if err != nil {
		return order.Order{}, nil, err
	}
	var steps []order.Step
	if at, ok := ticket.IssuedAt(o.ID); ok {
		steps = append(steps, order.Step{Name: order.StepTicket, At: at})
	}
	steps = append(steps, order.Step{Name: order.StepRequested, At: o.CreatedAt})
	known, err := e.recorded(ctx, o)
	if err != nil {
		return o, nil, busy(err)
	}
	slices.SortStableFunc(known, func(a, b order.Step) int { return a.At.Compare(b.At) })
	return o, append(steps, known...), nil
}

// Latest returns up to limit orders of a goods, the last that was booked first, that
// were booked before the one with id after; "" starts with the last of all. For
// operators. Refusals: InvalidRequest, Busy. If the ledger is no [order.Journal], the
// error matches [errors.ErrUnsupported].
func (e *Engine) Latest(ctx context.Context, goodsID, after string, limit int) ([]order.Order, error) {
	if err := name("goods_id", goodsID); err != nil {
		return nil, err
	}
	if after != "" {
		if err := name("after", after); err != nil {
			return nil, err
		}
	}
	journal, ok := e.o.Orders.(order.Journal)
	if !ok {
		return nil, fmt.Errorf("seckill: latest orders: the ledger is no order.Journal: %w", errors.ErrUnsupported)
	}
	list, err := journal.Latest(ctx, goodsID, after, limit)
	return list, asRefusal(err)
}

// Node returns the name of this node, [Options.Node].
func (e *Engine) Node() string { return e.o.Node }

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
