package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"time"
)

// sale is one run of the test.
type sale struct {
	shop    *shop
	command command
	out     io.Writer
	goodsID string
	run     string // makes its users its own
}

func newSale(s *shop, c command, out io.Writer) *sale {
	run := strings.ToLower(rand.Text()[:8])
	return &sale{shop: s, command: c, out: out, run: run, goodsID: "quicktest-" + run}
}

// play is the whole story. Units that were not paid for are sold a second time, so
// in the end every unit is sold and paid once.
func (s *sale) play(ctx context.Context) error {
	if err := s.putOnSale(ctx); err != nil {
		return err
	}
	winners, err := s.crowd(ctx, "crowd", s.command.buyers, s.command.units)
	if err != nil {
		return err
	}
	paid, unpaid, err := s.settle(ctx, winners)
	if err != nil {
		return err
	}
	if err := s.back(ctx, len(unpaid)); err != nil {
		return err
	}
	if err := s.refusals(ctx, paid[0]); err != nil {
		return err
	}
	second, err := s.crowd(ctx, "second", s.command.buyers, len(unpaid))
	if err != nil {
		return err
	}
	if err := s.pay(ctx, second, "paid"); err != nil {
		return err
	}
	if err := s.replays(ctx, append(winners, second...)); err != nil {
		return err
	}
	return s.books(ctx)
}

func (s *sale) say(step, format string, args ...any) {
	fmt.Fprintf(s.out, "  %-8s %s\n", step, fmt.Sprintf(format, args...))
}

// putOnSale makes the goods, switches the sales on, and waits until it is open.
func (s *sale) putOnSale(ctx context.Context) error {
	now := time.Now().UTC()
	err := s.shop.admin(ctx, "POST", "/api/admin/goods", map[string]any{
		"goods_id": s.goodsID, "title": "Quick test", "price": map[string]any{"amount": 1999, "currency": "CNY"},
		"total": s.command.units, "limit_per_user": 1, "starts_at": now.Add(-time.Minute), "ends_at": now.Add(time.Hour),
	}, nil)
	if err != nil {
		return err
	}
	if err := s.shop.admin(ctx, "POST", "/api/admin/config/seckill/enable", map[string]any{"enabled": true}, nil); err != nil {
		return err
	}
	if err := s.shop.admin(ctx, "POST", "/api/admin/preload/"+s.goodsID, nil, nil); err != nil {
		return err
	}
	s.say("on sale", "%s, %d units, one for each buyer", s.goodsID, s.command.units)
	return s.open(ctx, s.command.units)
}

// open waits until buyers see the units.
func (s *sale) open(ctx context.Context, units int) error {
	visitor := s.buyers("visitor", 1)[0]
	if err := visitor.login(ctx); err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		var g struct {
			Left  int
			State string
		}
		err := s.shop.insist(ctx, "GET", "/api/goods/"+s.goodsID, visitor.session, nil, &g)
		if err == nil && (g.State != "open" || g.Left != units) {
			return faultf("buyers see the goods %s with %d left, want open with %d", g.State, g.Left, units)
		}
		return err
	})
}

func (s *sale) buyers(name string, n int) []*buyer {
	all := make([]*buyer, n)
	for i := range all {
		all[i] = &buyer{shop: s.shop, goodsID: s.goodsID, user: fmt.Sprintf("%s-%s-%d", name, s.run, i)}
	}
	return all
}

// crowd lets n buyers come at once for units, and returns those who got one.
func (s *sale) crowd(ctx context.Context, name string, n, units int) (winners []*buyer, err error) {
	all := s.buyers(name, n)
	if err := together(all, func(_ int, b *buyer) error { return b.login(ctx) }); err != nil {
		return nil, err
	}
	start := time.Now()
	if err := together(all, func(_ int, b *buyer) error { return b.buy(ctx) }); err != nil {
		return nil, err
	}
	took := time.Since(start)
	refused := make(map[string]int)
	for _, b := range all {
		if b.refused == "" {
			winners = append(winners, b)
		} else {
			refused[b.refused]++
		}
	}
	s.say(name, "%d buyers at once, %v: %d orders, refused %v", n, took.Round(time.Millisecond), len(winners), refused)
	if len(winners) != units || refused["sold_out"] != n-units {
		return nil, faultf("%d buyers for %d units: %d orders, refused %v; want every unit sold and the others told sold_out", n, units, len(winners), refused)
	}
	return winners, together(all, func(_ int, b *buyer) error {
		if b.ticket == "" {
			return nil
		}
		return faultOf(b.again(ctx))
	})
}
