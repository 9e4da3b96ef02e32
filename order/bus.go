package order

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Bus is a [Sink] and [Source] inside one process. It keeps nothing: Publish
// hands payment events straight to a consumer and returns what the consumer's
// handle returned. So no event is lost with the process as long as the outbox is
// not, and a group that handle refused comes again when the outbox publishes it
// again.
//
// The zero Bus is ready, and safe for concurrent use; several consumers share
// the work.
type Bus struct {
	// Orders is where the events go that are not payments, before the payments of
	// the same Publish are handed over. Zero means nowhere: nobody asked for them.
	Orders Sink

	mu        sync.Mutex
	parcels   chan parcel
	consumers int
	deserted  chan struct{} // closed when the last consumer leaves
}

var (
	_ Sink   = (*Bus)(nil)
	_ Source = (*Bus)(nil)
)

var errNobody = errors.New("nobody consumes")

// parcel is one Publish on its way to a consumer.
type parcel struct {
	ctx    context.Context
	events []Event
	result chan error
}

// Publish implements [Sink]. It returns an error at once if nobody consumes.
func (b *Bus) Publish(ctx context.Context, events []Event) error {
	if err := b.publish(ctx, events); err != nil {
		return fmt.Errorf("order: publish %d events: %w", len(events), err)
	}
	return nil
}

func (b *Bus) publish(ctx context.Context, events []Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	payments, others := split(events)
	if b.Orders != nil && len(others) > 0 {
		if err := b.Orders.Publish(ctx, others); err != nil {
			return err
		}
	}
	if len(payments) == 0 {
		return nil
	}
	b.mu.Lock()
	parcels, deserted, consumers := b.parcels, b.deserted, b.consumers
	b.mu.Unlock()
	if consumers == 0 {
		return errNobody
	}
	p := parcel{ctx, payments, make(chan error, 1)}
	select {
	case parcels <- p:
		return <-p.result
	case <-deserted:
		return errNobody
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Consume implements [Source].
func (b *Bus) Consume(ctx context.Context, handle func(context.Context, []Event) error) error {
	parcels := b.enter()
	defer b.leave()
	for ctx.Err() == nil {
		select {
		case p := <-parcels:
			p.result <- p.open(ctx, handle)
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// open calls handle with a context that ends with the consumer's or the
// publisher's, whichever is first.
func (p parcel) open(ctx context.Context, handle func(context.Context, []Event) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.ctx, cancel)()
	err := handle(ctx, p.events)
	if err != nil && p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	return err
}

func (b *Bus) enter() chan parcel {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.consumers++; b.consumers == 1 {
		b.parcels, b.deserted = make(chan parcel), make(chan struct{})
	}
	return b.parcels
}

func (b *Bus) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.consumers--; b.consumers == 0 {
		close(b.deserted)
	}
}

func split(all []Event) (payments, others []Event) {
	for _, e := range all {
		if strings.HasPrefix(e.Type, "payment.") {
			payments = append(payments, e)
		} else {
			others = append(others, e)
		}
	}
	return payments, others
}
