// Package seckilltest is for the tests of those who use the engine.
//
// [Start] gives a test a running engine on servers inside the process:
//
//	shop := seckilltest.Start(t)
//	cup := shop.OnSale("1001", 3)
//	ticket, err := shop.Ticket(ctx, "alice", cup.ID, 1)
//
// [Torture] is for whoever writes a backend. It sells on several nodes that share
// the backend while nodes die, replies get lost, clocks jump and the gate forgets,
// and has the invariants of docs/guarantees.md judged afterwards. A backend that
// passes its contract's suite is correct for one caller at a time; the kit shows
// that it is correct in a sale.
package seckilltest

import (
	"context"
	"testing"
	"time"

	"github.com/seckill-go/seckill"
	"github.com/seckill-go/seckill/embedded"
	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/standard"
)

// Shop is a running engine and what it stands on.
type Shop struct {
	*seckill.Engine
	// Servers are inside the process and belong to this shop alone.
	Servers *embedded.Servers
	// Parts are what the engine was made of: its backends, to look at them.
	Parts seckill.Options

	t testing.TB
}

// ready bounds how long a shop takes until it can sell.
const ready = 30 * time.Second

// Start starts servers of its own for the test and an engine on them, waits until
// it can sell, and stops it all when the test ends. Each change alters the options
// before the engine is made. It fails the test if anything cannot be started.
func Start(t testing.TB, change ...func(*seckill.Options)) *Shop {
	t.Helper()
	servers, err := embedded.Start(t.Context(), embedded.Options{})
	if err != nil {
		t.Fatalf("seckilltest: %v", err)
	}
	t.Cleanup(func() {
		if err := servers.Close(); err != nil {
			t.Errorf("seckilltest: %v", err)
		}
	})
	parts, err := standard.Options(servers.Clients())
	if err != nil {
		t.Fatalf("seckilltest: %v", err)
	}
	for _, c := range change {
		c(&parts)
	}
	engine, err := seckill.New(parts)
	if err != nil {
		t.Fatalf("seckilltest: %v", err)
	}
	s := &Shop{Engine: engine, Servers: servers, Parts: parts, t: t}
	s.run()
	s.await()
	return s
}

func (s *Shop) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	s.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("seckilltest: %v", err)
		}
	})
}

func (s *Shop) await() {
	s.t.Helper()
	for deadline := time.Now().Add(ready); !seckill.Ready(s.Health(s.t.Context())); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("seckilltest: not ready after %v: %+v", ready, s.Health(s.t.Context()))
		}
	}
}

// OnSale puts so many units of a goods on sale: from an hour ago for two hours,
// for 19.99 CNY, any number to each user. Whoever wants it otherwise uses
// [seckill.Admin]. It fails the test if that does not work.
func (s *Shop) OnSale(id string, total int) goods.Goods {
	s.t.Helper()
	g := onSale(id, total, 0)
	admin := s.Admin("seckilltest")
	if _, err := admin.PutGoods(s.t.Context(), g); err != nil {
		s.t.Fatalf("seckilltest: put goods %s: %v", id, err)
	}
	if _, err := admin.Preload(s.t.Context(), id); err != nil {
		s.t.Fatalf("seckilltest: preload goods %s: %v", id, err)
	}
	return g
}

func onSale(id string, total, limit int) goods.Goods {
	now := time.Now().UTC().Truncate(time.Second)
	return goods.Goods{
		ID: id, Title: "Goods " + id, Price: 1999, Currency: "CNY", Total: total, LimitPerUser: limit,
		StartsAt: now.Add(-time.Hour), EndsAt: now.Add(time.Hour),
	}
}
