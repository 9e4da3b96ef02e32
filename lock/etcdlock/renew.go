package etcdlock

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
)

// renew renews the lease every third of its TTL until it ends. It ends the lease
// when etcd says so, or one TTL after the last renewal that succeeded was sent:
// etcd counts from when it got that, so the holder knows first.
//
// [clientv3.Client.KeepAlive] would share one stream among all leases, but does
// not say when it sent what it got an answer to.
func (l *lease) renew(ctx context.Context) {
	defer l.end()
	fuse := time.AfterFunc(time.Until(l.sent.Add(l.ttl)), l.end)
	defer fuse.Stop()
	for next := l.ttl / 3; pause(ctx, next); {
		sent := time.Now()
		err := l.renewOnce(ctx)
		switch {
		case err == nil:
			fuse.Reset(time.Until(sent.Add(l.ttl)))
			next = l.ttl / 3
		case errors.Is(err, rpctypes.ErrLeaseNotFound):
			return
		default:
			next = l.ttl / 10
		}
	}
}

// renewOnce gives up early enough for another try before the lease ends.
func (l *lease) renewOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.ttl/5)
	defer cancel()
	_, err := l.locker.client.KeepAliveOnce(ctx, l.id)
	return err
}

// pause reports whether d passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
