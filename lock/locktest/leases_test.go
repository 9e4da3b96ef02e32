package locktest_test

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// leases breaks each lease it gives.
type leases struct {
	*lock.Memory
	breaks func(lock.Lease) lock.Lease
}

func (d leases) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.Acquire(ctx, name, o)
	if err != nil {
		return nil, err
	}
	return d.breaks(l), nil
}

func (d leases) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, o)
	if err != nil {
		return nil, err
	}
	return d.breaks(l), nil
}

type fixedFence struct{ lock.Lease }

func (fixedFence) Fence() int64 { return 1 }

type numbered struct {
	lock.Lease
	fence int64
}

func (l numbered) Fence() int64 { return l.fence }

// fencePerGrant numbers the shared leases too.
type fencePerGrant struct {
	*lock.Memory
	grants atomic.Int64
}

func (d *fencePerGrant) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.Acquire(ctx, name, o)
	return numbered{l, d.grants.Add(1)}, err
}

func (d *fencePerGrant) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, o)
	return numbered{l, d.grants.Add(1)}, err
}

type neverLost struct{ lock.Lease }

func (neverLost) Lost() <-chan struct{} { return nil }

type neverWanted struct{ lock.Lease }

func (neverWanted) Wanted() <-chan struct{} { return nil }

type alwaysWanted struct{ lock.Lease }

func (alwaysWanted) Wanted() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// releasesByName gives back whatever lease the name has.
type releasesByName struct {
	*lock.Memory
	mu      sync.Mutex
	current lock.Lease
}

func (d *releasesByName) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	return d.named(d.Memory.Acquire(ctx, name, o))
}

func (d *releasesByName) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	return d.named(d.Memory.TryAcquire(ctx, name, o))
}

func (d *releasesByName) named(l lock.Lease, err error) (lock.Lease, error) {
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.current = l
	return byName{l, d}, nil
}

type byName struct {
	lock.Lease
	of *releasesByName
}

func (l byName) Release(ctx context.Context) error {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	return l.of.current.Release(ctx)
}

// lazy does not renew.
type lazy struct{ *lock.Memory }

func (d lazy) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, o)
	if err == nil {
		time.AfterFunc(o.TTL, func() { _ = l.Release(context.WithoutCancel(ctx)) })
	}
	return l, err
}

// bound leases end with the ctx they were asked for with.
type bound struct{ *lock.Memory }

func (d bound) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, o)
	if err == nil {
		context.AfterFunc(ctx, func() { _ = l.Release(context.Background()) })
	}
	return l, err
}
