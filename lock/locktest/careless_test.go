package locktest_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/seckill-go/seckill/lock"
)

type nothingExcludes struct{ *lock.Memory }

func (d nothingExcludes) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	return d.TryAcquire(ctx, name, o)
}

func (d nothingExcludes) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, lock.Options{})
	return alwaysWanted{l}, err
}

// sharersExcludeNothing gives shared leases beside everything.
type sharersExcludeNothing struct{ *lock.Memory }

func (d sharersExcludeNothing) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	if o.Mode == lock.Shared {
		name = "shared-" + name
	}
	l, err := d.Memory.Acquire(ctx, name, o)
	return alwaysWanted{l}, err
}

func (d sharersExcludeNothing) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	if o.Mode == lock.Shared {
		name = "shared-" + name
	}
	l, err := d.Memory.TryAcquire(ctx, name, o)
	return alwaysWanted{l}, err
}

type alwaysExclusive struct{ *lock.Memory }

func (d alwaysExclusive) Acquire(ctx context.Context, name string, _ lock.Options) (lock.Lease, error) {
	return d.Memory.Acquire(ctx, name, lock.Options{Mode: lock.Exclusive})
}

func (d alwaysExclusive) TryAcquire(ctx context.Context, name string, _ lock.Options) (lock.Lease, error) {
	return d.Memory.TryAcquire(ctx, name, lock.Options{Mode: lock.Exclusive})
}

type oneName struct{ *lock.Memory }

func (d oneName) Acquire(ctx context.Context, _ string, o lock.Options) (lock.Lease, error) {
	return d.Memory.Acquire(ctx, "all", o)
}

func (d oneName) TryAcquire(ctx context.Context, _ string, o lock.Options) (lock.Lease, error) {
	return d.Memory.TryAcquire(ctx, "all", o)
}

// deaf does not look at ctx.
type deaf struct{ *lock.Memory }

func (d deaf) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	return d.Memory.TryAcquire(context.WithoutCancel(ctx), name, o)
}

// lastFirst grants the latest request first.
type lastFirst struct {
	*lock.Memory
	mu      sync.Mutex
	waiting []*int
}

func (d *lastFirst) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	me := new(int)
	d.mu.Lock()
	d.waiting = append(d.waiting, me)
	d.mu.Unlock()
	for ctx.Err() == nil {
		if l, err := d.tryLast(ctx, me, name, o); err == nil {
			return l, nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, ctx.Err()
}

func (d *lastFirst) tryLast(ctx context.Context, me *int, name string, o lock.Options) (lock.Lease, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting[len(d.waiting)-1] != me {
		return nil, lock.ErrNotObtained
	}
	l, err := d.Memory.TryAcquire(ctx, name, o)
	if err == nil {
		d.waiting = slices.DeleteFunc(d.waiting, func(w *int) bool { return w == me })
	}
	return alwaysWanted{l}, err
}

func (d *lastFirst) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, o)
	return alwaysWanted{l}, err
}

// noQueue polls, so that nobody who waits keeps a place.
type noQueue struct{ *lock.Memory }

func (d noQueue) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	for ctx.Err() == nil {
		if l, err := d.TryAcquire(ctx, name, o); err == nil {
			return l, nil
		}
		time.Sleep(time.Millisecond)
	}
	return nil, ctx.Err()
}

func (d noQueue) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, o)
	return alwaysWanted{l}, err
}

type slowTry struct{ *lock.Memory }

func (d slowTry) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	return lock.Within(ctx, d.Memory, name, o, 3200*time.Millisecond)
}

// terse says that ctx ended, and not that the lease was not obtained.
type terse struct{ *lock.Memory }

func (d terse) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.Acquire(ctx, name, o)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return l, err
}

// litter leaves the request of a cancelled Acquire in the queue.
type litter struct{ *lock.Memory }

func (d litter) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	got := make(chan lock.Lease, 1)
	go func() {
		l, _ := d.Memory.Acquire(context.WithoutCancel(ctx), name, o)
		got <- l
	}()
	select {
	case l := <-got:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// anonymous forgets which node asks.
type anonymous struct{ *lock.Memory }

func (d anonymous) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	o.Node = ""
	return d.Memory.Acquire(ctx, name, o)
}

func (d anonymous) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	o.Node = ""
	return d.Memory.TryAcquire(ctx, name, o)
}
