package seckilltest

import (
	"context"
	"slices"
	"sync"

	"github.com/seckill-go/seckill/order"
)

// Listener is a consumer of order events that remembers all it was delivered, in
// the order of delivery, repetitions included. As a Sink it stands behind an
// order.Bus; to listen to another one, hand its Publish to the Consume of an
// order.Source. The zero Listener is ready. It is safe for concurrent use.
type Listener struct {
	mu     sync.Mutex
	events []order.Event
}

var _ order.Sink = (*Listener)(nil)

// Publish implements [order.Sink]. It never fails.
func (l *Listener) Publish(_ context.Context, events []order.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, events...)
	return nil
}

// Heard returns what was delivered until now.
func (l *Listener) Heard() []order.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}
