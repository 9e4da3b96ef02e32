// Package etcdlock grants the leases of package lock in an etcd cluster, for many
// nodes.
//
// Each name has one queue of keys, in the order in which etcd created them:
//
//	<prefix>/lock/<name>/q/x/<id>   an exclusive request
//	<prefix>/lock/<name>/q/s/<id>   a shared request
//	<prefix>/lock/<name>/fence      the id of the last exclusive holder, empty after a take-over
//
// An exclusive request is granted when its key is the first, a shared one when
// every key before it is shared. A request's key hangs on an etcd lease of its
// own, whose id is the key's name, so whatever becomes of the holder, the key ends
// with it. The value is the time within which the holder promised to yield and the
// node that asks, as in "1.5s node-a", or either alone; a waiter deletes the key of one that did not, and writes the fence key. The fence
// is the revision at which that was last written: it rises as long as etcd's
// revisions do. A cluster restored from a snapshot without
// --bump-revision starts again lower, and storage that keeps fences then refuses
// its leases until the revisions have caught up.
//
// Waiters are told by a watch, not by a poll. An exclusive holder that releases
// grants the lease to the next exclusive request by the same write, so a hand-over
// is one write and its event; any other request that comes to the front confirms
// its grant by a write of its own.
package etcdlock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/lock"
)

// Client is what a Locker needs of a [clientv3.Client].
type Client interface {
	Txn(ctx context.Context) clientv3.Txn
	Get(ctx context.Context, key string, opts ...clientv3.OpOption) (*clientv3.GetResponse, error)
	Watch(ctx context.Context, key string, opts ...clientv3.OpOption) clientv3.WatchChan
	Grant(ctx context.Context, seconds int64) (*clientv3.LeaseGrantResponse, error)
	KeepAliveOnce(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseKeepAliveResponse, error)
	Revoke(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseRevokeResponse, error)
}

// Options of a Locker.
type Options struct {
	// Prefix starts every key. Zero means "seckill".
	Prefix string
	// Timeout is how long etcd may take to answer one request; a request without
	// an answer is a fault. An Acquire or TryAcquire that fails takes up to as long
	// again to clear its traces, even if ctx has ended. Zero means 2 seconds.
	Timeout time.Duration
}

// Locker is a [lock.Locker] over etcd. It is safe for concurrent use. Two
// goroutines serve each lease until it is released or lost.
type Locker struct {
	client  Client
	prefix  string
	timeout time.Duration
	told    told
}

var (
	_ lock.Locker  = (*Locker)(nil)
	_ lock.Holders = (*Locker)(nil)
)

// New returns a Locker that uses client, which stays the caller's to close.
func New(client Client, o Options) *Locker {
	return &Locker{
		client:  client,
		prefix:  cmp.Or(o.Prefix, "seckill"),
		timeout: cmp.Or(o.Timeout, 2*time.Second),
	}
}

// Acquire implements [lock.Locker]. A waiter whose etcd lease ends, because it
// could not be renewed or somebody revoked it, fails.
func (l *Locker) Acquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	r, err := l.open(ctx, name, o)
	if err != nil {
		return nil, err
	}
	if err := r.wait(ctx); err != nil {
		if errors.Is(ctx.Err(), context.Canceled) { // who left need not know why it took so long
			err = errors.Join(lock.ErrNotObtained, ctx.Err())
		}
		return nil, r.abandon(ctx, err)
	}
	return r, nil
}

// TryAcquire implements [lock.Locker].
func (l *Locker) TryAcquire(ctx context.Context, name string, o lock.Options) (lock.Lease, error) {
	r, err := l.open(ctx, name, o)
	if err != nil {
		return nil, err
	}
	granted, err := r.enter(ctx, false)
	if err == nil && !granted {
		err = lock.ErrNotObtained
	}
	if err != nil {
		return nil, r.abandon(ctx, err)
	}
	r.start(ctx)
	return r, nil
}

// open asks etcd for the lease that a new request's key will hang on.
func (l *Locker) open(ctx context.Context, name string, o lock.Options) (*lease, error) {
	if err := lock.CheckRequest(name, o); err != nil {
		return nil, err
	}
	ttl := o.TTL
	if ttl <= 0 {
		ttl = lock.DefaultTTL
	}
	bounded, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	sent := time.Now()
	granted, err := l.client.Grant(bounded, int64((ttl+time.Second-1)/time.Second))
	if err != nil {
		return nil, l.fault(ctx, "open a lease for", name, err)
	}
	return l.newLease(name, o, granted, sent), nil
}

// fault says what was tried and, in words a caller can match, whose time is up.
func (l *Locker) fault(ctx context.Context, tried, name string, err error) error {
	switch ended := ended(ctx); {
	case ended != nil && !errors.Is(err, ended):
		err = fmt.Errorf("%w (%w)", ended, err)
	case ended == nil && errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("etcd did not answer within %v", l.timeout)
	}
	return fmt.Errorf("etcdlock: %s %q: %w", tried, name, err)
}

// ended is ctx.Err(), known as soon as the deadline is: etcd watches it too, and
// its answer may be here before ctx is told.
func ended(ctx context.Context) error {
	err := ctx.Err()
	if deadline, ok := ctx.Deadline(); ok && err == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return err
}
