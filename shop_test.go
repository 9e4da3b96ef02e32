package seckill_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/internal/saletest"
	"github.com/seckill-go/seckill/limiter"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
	"github.com/seckill-go/seckill/settings"
	"github.com/seckill-go/seckill/stock"
)

// shop is an engine with goods 1001 on sale, and its parts in view.
type shop struct {
	*seckill.Engine
	t     testing.TB
	o     seckill.Options
	goods goods.Goods
}

// open builds an engine in memory, changed by the given functions, and puts
// goods 1001 on sale with total units and a limit per user.
func open(t testing.TB, total, limit int, change ...func(*seckill.Options)) *shop {
	t.Helper()
	o := seckill.Options{
		Stock: new(stock.Memory), Orders: new(order.Memory), Catalog: new(goods.Memory), Settings: new(settings.Memory),
		Locker: new(lock.Memory), Limiter: new(limiter.Memory), Blacklist: new(blacklist.Memory),
	}
	for _, c := range change {
		c(&o)
	}
	s := &shop{t: t, o: o, goods: goods.Goods{
		ID: "1001", Title: "Phone", Price: 1999, Currency: "CNY", Total: total, LimitPerUser: limit,
		StartsAt: time.Now().Add(-time.Hour), EndsAt: time.Now().Add(time.Hour),
	}}
	s.Engine = s.another()
	s.put(s.goods)
	s.preload()
	s.manyTickets()
	return s
}

// another is one more engine on the same parts.
func (s *shop) another() *seckill.Engine {
	s.t.Helper()
	if s.o.TicketKeys == nil {
		s.o.TicketKeys = testKeys
	}
	e, err := seckill.New(s.o)
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func (s *shop) put(g goods.Goods) {
	s.t.Helper()
	if _, err := s.Admin("test").PutGoods(s.t.Context(), g); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) preload() stock.Counts {
	s.t.Helper()
	c, err := s.Admin("test").Preload(s.t.Context(), "1001")
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *shop) manyTickets() {
	s.t.Helper()
	if _, err := s.Admin("test").SetRateLimit(s.t.Context(), 1_000_000, time.Second); err != nil {
		s.t.Fatal(err)
	}
}

// ticket gets a ticket, or fails the test.
func (s *shop) ticket(user string, quantity int) string {
	s.t.Helper()
	tk, err := s.Ticket(s.t.Context(), user, "1001", quantity)
	if err != nil {
		s.t.Fatalf("ticket of %s: %v", user, err)
	}
	return tk.Token
}

// buy gets a ticket and purchases, or fails the test.
func (s *shop) buy(user string) order.Order {
	s.t.Helper()
	r, err := s.Purchase(s.t.Context(), user, "1001", s.ticket(user, 1))
	if err != nil {
		s.t.Fatalf("purchase of %s: %v", user, err)
	}
	return r.Order
}

// run runs the engine in the background until the test ends.
func (s *shop) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("Run: %v", err)
		}
	})
}

// state waits until the order is in the state.
func (s *shop) state(o order.Order, want order.State) {
	s.t.Helper()
	s.eventually("order is "+string(want), func() bool {
		got, err := s.Order(s.t.Context(), o.UserID, o.ID)
		return err == nil && got.State == want
	})
}

// sound waits until gate and ledger agree on so many units sold and the rest
// left.
func (s *shop) sound(sold int) {
	s.t.Helper()
	var c stock.Counts
	var row order.Recount
	defer func() {
		if s.t.Failed() {
			s.t.Logf("gate %+v\nledger %+v", c, row)
		}
	}()
	s.eventually("gate and ledger agree", func() bool {
		var faults [2]error
		c, faults[0] = s.o.Stock.Counts(s.t.Context(), "1001")
		row, faults[1] = s.o.Orders.Recount(s.t.Context(), "1001")
		return errors.Join(faults[:]...) == nil && c.Conserved() && c.Sold == sold && c.Held == 0 &&
			row.Sold == sold && row.Sound() && c.Total == row.Total
	})
}

func (s *shop) eventually(what string, f func() bool) {
	s.t.Helper()
	saletest.Eventually(s.t, what, f)
}
