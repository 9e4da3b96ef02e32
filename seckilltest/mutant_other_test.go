package seckilltest_test

import (
	"context"
	"sync"
	"time"

	"github.com/seckill-go/seckill/goods"
	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
)

// loses says that it has every event, and has four of five.
type loses struct {
	order.Sink
	mu    sync.Mutex
	times int
}

func (s *loses) Publish(ctx context.Context, events []order.Event) error {
	var kept []order.Event
	s.mu.Lock()
	for _, e := range events {
		if s.times++; s.times%5 != 0 {
			kept = append(kept, e)
		}
	}
	s.mu.Unlock()
	return s.Sink.Publish(ctx, kept)
}

// sortsByType sends new orders on a slower way than what becomes of them.
type sortsByType struct {
	order.Sink
	mu   sync.Mutex
	slow map[string]order.Event // by key
}

func (s *sortsByType) Publish(ctx context.Context, events []order.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slow == nil {
		s.slow = map[string]order.Event{}
	}
	var out []order.Event
	for _, e := range events {
		if e.Type == "order.created" {
			s.slow[e.Key] = e
			continue
		}
		out = append(out, e)
		if late, ok := s.slow[e.Key]; ok && e.Type != "payment.succeeded" && e.Type != "payment.failed" {
			out = append(out, late)
		}
	}
	return s.Sink.Publish(ctx, out)
}

// opensEarly has every window begin two days before its time.
type opensEarly struct{ goods.Catalog }

func (c opensEarly) Get(ctx context.Context, id string) (goods.Goods, error) {
	g, err := c.Catalog.Get(ctx, id)
	g.StartsAt = g.StartsAt.Add(-48 * time.Hour)
	return g, err
}

// sameFence grants leases that all have the same fence.
type sameFence struct{ lock.Locker }

type oneFence struct{ lock.Lease }

func (oneFence) Fence() int64 { return 1 }

func (k sameFence) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := k.Locker.Acquire(ctx, name, o)
	if err != nil {
		return nil, err
	}
	return oneFence{l}, nil
}

func (k sameFence) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := k.Locker.TryAcquire(ctx, name, o)
	if err != nil {
		return nil, err
	}
	return oneFence{l}, nil
}
