package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// faults are checks that failed, as opposed to a test that could not be done.
type faults struct{ error }

func faultf(format string, args ...any) error { return faults{fmt.Errorf(format, args...)} }

func faultOf(err error) error {
	if err == nil {
		return nil
	}
	return faults{err}
}

// settle pays every other order, lets the payments of the rest fail, and waits
// until all orders say so.
func (s *sale) settle(ctx context.Context, winners []*buyer) (paid, unpaid []*buyer, err error) {
	for i, b := range winners {
		if i%2 == 0 {
			paid = append(paid, b)
		} else {
			unpaid = append(unpaid, b)
		}
	}
	return paid, unpaid, errors.Join(s.pay(ctx, paid, "paid"), s.pay(ctx, unpaid, "cancelled"))
}

func (s *sale) pay(ctx context.Context, crowd []*buyer, state string) error {
	if err := together(crowd, func(_ int, b *buyer) error { return b.pay(ctx, state == "paid") }); err != nil {
		return err
	}
	if err := together(crowd, func(_ int, b *buyer) error { return b.settled(ctx, state) }); err != nil {
		return faultOf(err)
	}
	s.say("payment", "%d orders are %s", len(crowd), state)
	return nil
}

// back waits until the units of cancelled orders are on sale again.
func (s *sale) back(ctx context.Context, units int) error {
	if err := s.agree(ctx, units, s.command.units-units); err != nil {
		return err
	}
	s.say("back", "%d units of cancelled orders are on sale again", units)
	return s.open(ctx, units)
}

// refusals: who has one gets no other, and a forged ticket gets nothing.
func (s *sale) refusals(ctx context.Context, b *buyer) error {
	greedy := *b
	if err := greedy.buy(ctx); err != nil {
		return err
	}
	_, err := b.purchase(ctx, "st1.k1.Zm9yZ2Vk.Zm9yZ2Vk")
	forged, err := refusal(err)
	if err != nil {
		return err
	}
	if greedy.refused != "limit_reached" || forged != "invalid_ticket" {
		return faultf("a second unit: got %q, want limit_reached; a forged ticket: got %q, want invalid_ticket", greedy.refused, forged)
	}
	s.say("refused", "a second unit for the same buyer, a forged ticket")
	return nil
}

// replays presents the ticket of every order again, after the goods is sold out
// and the orders are paid or cancelled.
func (s *sale) replays(ctx context.Context, buyers []*buyer) error {
	if err := together(buyers, func(_ int, b *buyer) error { return b.again(ctx) }); err != nil {
		return faultOf(err)
	}
	s.say("replays", "%d tickets presented again: each got its own order", len(buyers))
	return nil
}

// books are the last word: every unit sold and paid once, nothing held, every event
// sent, and the gate and the ledger say the same.
func (s *sale) books(ctx context.Context) error {
	if err := s.agree(ctx, 0, s.command.units); err != nil {
		return err
	}
	var report struct{ Differences []string }
	if err := s.shop.admin(ctx, "POST", "/api/admin/reconcile/"+s.goodsID, map[string]any{"dry_run": true}, &report); err != nil {
		return err
	}
	if len(report.Differences) > 0 {
		return faultf("gate and ledger differ: %q", report.Differences)
	}
	s.say("books", "left 0 + held 0 + sold %d = total %d, all paid; every event sent; gate and ledger agree", s.command.units, s.command.units)
	return nil
}

// agree waits until the operators' numbers are these.
func (s *sale) agree(ctx context.Context, left, sold int) error {
	return eventually(ctx, func(ctx context.Context) error {
		var status struct {
			Goods  []numbers
			Outbox struct{ Pending int }
		}
		if err := s.shop.admin(ctx, "GET", "/api/admin/status", nil, &status); err != nil {
			return err
		}
		want := numbers{s.goodsID, s.command.units, left, 0, sold, sold, true}
		if i := slices.IndexFunc(status.Goods, func(n numbers) bool { return n.GoodsID == s.goodsID }); i < 0 || status.Goods[i] != want {
			return faultf("the status is %+v, want %+v in it", status.Goods, want)
		}
		if status.Outbox.Pending > 0 {
			return faultf("%d batches of events are not sent", status.Outbox.Pending)
		}
		return nil
	})
}

type numbers struct {
	GoodsID   string `json:"goods_id"`
	Total     int    `json:"total"`
	Left      int    `json:"left"`
	Held      int    `json:"held"`
	Sold      int    `json:"sold"`
	Paid      int    `json:"paid"`
	Conserved bool   `json:"conserved"`
}
