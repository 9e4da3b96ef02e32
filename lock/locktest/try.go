package locktest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// name is the one that laws about a single name use.
const name = "goods:1001"

var (
	shared    = lock.Options{Mode: lock.Shared}
	exclusive = lock.Options{Mode: lock.Exclusive}
)

const sharp = 20 * time.Millisecond

// sharpen gives a violation time to happen. No law fails for its being too short.
func sharpen() { time.Sleep(sharp) }

// obtain takes the lease without waiting; a refusal breaks the law.
func obtain(ctx context.Context, l lock.Locker, o lock.Options) (lock.Lease, error) {
	lease, err := l.TryAcquire(ctx, name, o)
	if err != nil {
		return nil, fmt.Errorf("TryAcquire %v of a free name: %w", o.Mode, err)
	}
	return lease, nil
}

// refused reports a TryAcquire that is not answered with ErrNotObtained.
func refused(ctx context.Context, l lock.Locker, o lock.Options) error {
	_, err := l.TryAcquire(ctx, name, o)
	if !errors.Is(err, lock.ErrNotObtained) {
		return fmt.Errorf("TryAcquire %v of a taken name = %v, want ErrNotObtained", o.Mode, err)
	}
	return nil
}

// pending is an Acquire that runs by itself.
type pending struct {
	done  chan struct{}
	lease lock.Lease
	err   error
}

func acquire(ctx context.Context, l lock.Locker, o lock.Options) *pending {
	p := &pending{done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.lease, p.err = l.Acquire(ctx, name, o)
	}()
	return p
}

// granted waits for the grant.
func (p *pending) granted(ctx context.Context) (lock.Lease, error) {
	select {
	case <-p.done:
		return p.lease, p.err
	case <-ctx.Done():
		return nil, errors.New("Acquire does not return")
	}
}

// refused reports an Acquire that has been granted.
func (p *pending) refused() error {
	if closed(p.done) && p.err == nil {
		return errors.New("Acquire is granted beside a lease that excludes it")
	}
	return nil
}

// hold has a lease of the first Locker and a request of the other that waits for it.
func hold(ctx context.Context, f Fixture, o, waiting lock.Options) (lock.Lease, *pending, error) {
	lease, err := obtain(ctx, f.Locker, o)
	if err != nil {
		return nil, nil, err
	}
	p := acquire(ctx, f.Other, waiting)
	return lease, p, wanted(ctx, lease)
}

func wanted(ctx context.Context, l lock.Lease) error {
	select {
	case <-l.Wanted():
		return nil
	case <-l.Lost():
		return errors.New("the lease is lost while its holder lives")
	case <-ctx.Done():
		return errors.New("Wanted stays open while a request waits")
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func release(ctx context.Context, leases ...lock.Lease) error {
	for _, l := range leases {
		if err := l.Release(ctx); err != nil {
			return fmt.Errorf("Release: %w", err)
		}
	}
	return nil
}

// cancelled returns a ctx that has ended.
func cancelled(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return ctx
}
