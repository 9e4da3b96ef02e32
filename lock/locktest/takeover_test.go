package locktest_test

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/lock"
)

// promising promises the same for every holder.
type promising struct {
	*lock.Memory
	yield time.Duration
}

func (d promising) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	o.Yield = d.yield
	return d.Memory.TryAcquire(ctx, name, o)
}

// lastInherits gives an overdue lease to the latest request.
type lastInherits struct{ *lastFirst }

func (d lastInherits) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.lastFirst.TryAcquire(ctx, name, o)
	if err == nil {
		time.AfterFunc(o.Yield, func() { _ = l.Release(context.WithoutCancel(ctx)) })
	}
	return l, err
}

// endsItself ends a lease after the promised time, wanted or not.
type endsItself struct{ *lock.Memory }

func (d endsItself) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	l, err := d.Memory.TryAcquire(ctx, name, o)
	if err == nil {
		time.AfterFunc(o.Yield, func() { _ = l.Release(context.WithoutCancel(ctx)) })
	}
	return l, err
}

// forgetful lets each request be patient from its own beginning.
type forgetful struct {
	*lock.Memory
	promised atomic.Int64
	holder   atomic.Pointer[lock.Lease]
}

func (d *forgetful) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	d.promised.Store(int64(o.Yield))
	o.Yield = 0
	l, err := d.Memory.TryAcquire(ctx, name, o)
	d.holder.Store(&l)
	return l, err
}

func (d *forgetful) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	due := time.AfterFunc(time.Duration(d.promised.Load()), func() { _ = (*d.holder.Load()).Release(context.WithoutCancel(ctx)) })
	defer due.Stop()
	return d.Memory.Acquire(ctx, name, o)
}
