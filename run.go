package seckill

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seckill-go/seckill/lock"
	"github.com/seckill-go/seckill/order"
)

// Run does the engine's background work until ctx ends: the outbox's relay, the
// payment events, overdue orders, restores, the sweep, and the Run methods of the
// parts. It then waits, up to 15 s, for the groups under way, sends what is left
// in the outbox, gives the leases back and returns nil. Faults of the backends
// are logged and tried again. Any number of nodes may run at the same time.
//
// Run is called once; a second call returns an error.
func (e *Engine) Run(ctx context.Context) error {
	if !e.ran.CompareAndSwap(false, true) {
		return errors.New("seckill: Run was called before")
	}
	var loops sync.WaitGroup
	if ledger, ok := e.o.Orders.(order.Clock); ok && e.clock != nil {
		loops.Go(func() { e.clock.follow(ctx, ledger, e.log) })
	}
	for _, p := range e.parts() {
		if r, ok := p.part.(interface{ Run(context.Context) error }); ok {
			loops.Go(func() { e.keep(ctx, p.name, r.Run) })
		}
	}
	loops.Go(func() { e.keep(ctx, "payment events", e.consume) })
	loops.Go(func() { e.alone(ctx, "relay", e.relay) })
	loops.Go(func() { e.alone(ctx, "sweep", e.sweeps) })
	<-ctx.Done()
	loops.Wait()
	return e.drain(context.WithoutCancel(ctx))
}

// drain ends what is under way.
func (e *Engine) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	close(e.closing)
	for e.active.Load() > 0 {
		if !pause(ctx, 2*time.Millisecond) {
			return fmt.Errorf("seckill: %d groups and leases still under way: %w", e.active.Load(), ctx.Err())
		}
	}
	for _, r := range e.relays {
		if _, err := r.once(ctx); err != nil {
			e.log.Warn("outbox not empty, another node or the next start sends it", "lane", r.lane, "error", err)
		}
	}
	return nil
}

// spawn runs f on a goroutine that drain waits for. A panic of f ends f alone.
func (e *Engine) spawn(f func()) {
	e.active.Add(1)
	go func() {
		defer e.active.Add(-1)
		e.unharmed("background work", f)
	}()
}

// keep runs f again and again until ctx ends.
func (e *Engine) keep(ctx context.Context, name string, f func(context.Context) error) {
	for ctx.Err() == nil {
		if err := guard(func() error { return f(ctx) }); err != nil && ctx.Err() == nil {
			e.log.Error("background work failed, trying again", "work", name, "error", err)
		}
		pause(ctx, time.Second)
	}
}

// alone keeps f running on one node at a time. The lease spares the nodes double
// work and no more, so when the lock does not answer f runs without it.
func (e *Engine) alone(ctx context.Context, name string, f func(context.Context) error) {
	e.keep(ctx, name, func(ctx context.Context) error {
		lease, err := e.o.Locker.TryAcquire(ctx, "work."+name, lock.Options{Mode: lock.Exclusive, Node: e.o.Node})
		switch {
		case errors.Is(err, lock.ErrNotObtained):
			return nil // another node does it; ask again in a second
		case err != nil:
			return e.unheld(ctx, f)
		}
		defer lease.Release(context.WithoutCancel(ctx))
		held, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-lease.Lost():
				cancel()
			case <-held.Done():
			}
		}()
		err = f(held)
		if ctx.Err() == nil && held.Err() != nil {
			return nil // the lease was lost: begin again
		}
		return err
	})
}

// unheld runs f without the lease for a while, then asks for it again.
func (e *Engine) unheld(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := f(ctx); ctx.Err() == nil {
		return err
	}
	return nil
}

// consume applies payment events.
func (e *Engine) consume(ctx context.Context) error {
	return e.o.Source.Consume(ctx, func(ctx context.Context, events []order.Event) error {
		return e.applyPayments(ctx, events)
	})
}

// pause waits for d and reports whether ctx still goes on.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
