package etcdlock

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/lock"
)

// lease is a request from its first step on, and a granted lease in the end.
type lease struct {
	locker *Locker
	name   string
	mode   lock.Mode
	value  string // of the request's key
	keys   keys
	id     clientv3.LeaseID
	ttl    time.Duration
	sent   time.Time // when the lease was asked for; etcd counts from later
	fence  int64     // set before front is raised, if the holder before granted it

	front    signal // nothing in the queue keeps the request out any more
	wanted   signal
	lost     <-chan struct{}
	end      context.CancelFunc    // closes lost and ends the goroutines
	next     atomic.Pointer[rival] // the request behind this one
	released atomic.Bool
}

func (l *Locker) newLease(name string, o lock.Options, granted *clientv3.LeaseGrantResponse, sent time.Time) *lease {
	return &lease{
		locker: l, name: name, mode: o.Mode, value: value(o),
		keys: keysOf(l.prefix, name, o.Mode, hex(granted.ID)),
		id:   granted.ID, ttl: time.Duration(granted.TTL) * time.Second, sent: sent,
		front: make(signal), wanted: make(signal), end: func() {},
	}
}

func (l *lease) Fence() int64            { return l.fence }
func (l *lease) Lost() <-chan struct{}   { return l.lost }
func (l *lease) Wanted() <-chan struct{} { return l.wanted }

// start begins to renew the lease and to follow its queue, whatever becomes of ctx.
func (l *lease) start(ctx context.Context) {
	ctx, l.end = context.WithCancel(context.WithoutCancel(ctx))
	l.lost = ctx.Done()
	go l.renew(ctx)
	go l.follow(ctx)
}

// wait enters the queue and waits for the request's turn.
func (l *lease) wait(ctx context.Context) error {
	granted, err := l.enter(ctx, true)
	if err != nil {
		return err
	}
	l.start(ctx)
	if granted {
		return nil
	}
	select {
	case <-l.front:
		if l.fence > 0 {
			return nil
		}
		return l.confirm(ctx)
	case <-l.lost:
		return errPlaceLost
	case <-ctx.Done():
		return errors.Join(lock.ErrNotObtained, ctx.Err())
	}
}

// abandon ends a request that failed and returns why. A write of it that is still
// on its way finds no lease to hang on, so it cannot leave a key behind. If etcd
// cannot be reached the lease's TTL does the same, later, and nobody knows any
// more who keeps the request out.
func (l *lease) abandon(ctx context.Context, why error) error {
	l.end()
	silent := l.revoke(context.WithoutCancel(ctx))
	if errors.Is(why, lock.ErrNotObtained) && silent == nil {
		return why
	}
	if errors.Is(why, lock.ErrNotObtained) {
		why = silent
	}
	return l.locker.fault(ctx, "request a lease for", l.name, why)
}

func (l *lease) Release(ctx context.Context) error {
	if l.released.Swap(true) {
		return nil
	}
	l.end()
	l.handOver(ctx) // if not, the next one sees that the key is gone
	if err := l.revoke(ctx); err != nil {
		return l.locker.fault(ctx, "release the lease for", l.name, err)
	}
	return nil
}

func (l *lease) revoke(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.locker.timeout)
	defer cancel()
	_, err := l.locker.client.Revoke(ctx, l.id)
	if errors.Is(err, rpctypes.ErrLeaseNotFound) {
		return nil // it has ended by itself
	}
	return err
}
