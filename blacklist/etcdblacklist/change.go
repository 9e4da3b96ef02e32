package etcdblacklist

import (
	"context"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/internal/etcdmirror"
)

// Add implements [blacklist.List]. After a fault the entry may have been added.
func (l *List) Add(ctx context.Context, e blacklist.Entry, now time.Time) error {
	if err := e.Validate(); err != nil {
		return err
	}
	if e.AddedAt.IsZero() {
		e.AddedAt = now
	}
	if err := l.put(ctx, legible(e), now); err != nil {
		return fmt.Errorf("etcdblacklist: add %q: %w", e.User, etcdmirror.Fault(ctx, err))
	}
	return nil
}

func (l *List) put(ctx context.Context, e blacklist.Entry, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, etcdmirror.Timeout)
	defer cancel()
	value, err := encode(e)
	if err != nil {
		return err
	}
	asked := time.Now()
	options := []clientv3.OpOption{clientv3.WithPrevKV()}
	if !e.ExpiresAt.IsZero() {
		// If the put fails, the lease runs out with nothing on it. It is not revoked:
		// the put may have come through after all.
		lease, err := l.client.Grant(ctx, seconds(e.ExpiresAt.Sub(now)))
		if err != nil {
			return err
		}
		options = append(options, clientv3.WithLease(lease.ID))
	}
	resp, err := l.client.Put(ctx, l.prefix+e.User, value, options...)
	if err != nil {
		return err
	}
	l.mirror.Wrote(e.User, e, resp.Header.Revision, asked)
	l.revoke(ctx, resp.PrevKv)
	return nil
}

// Remove implements [blacklist.List]. After a fault the entry may have been
// removed.
func (l *List) Remove(ctx context.Context, user string, now time.Time) (bool, error) {
	if (blacklist.Entry{User: user}).Validate() != nil {
		return false, nil // nobody of that name can have been added
	}
	asked := time.Now()
	bounded, cancel := context.WithTimeout(ctx, etcdmirror.Timeout)
	defer cancel()
	resp, err := l.client.Delete(bounded, l.prefix+user, clientv3.WithPrevKV())
	if err != nil {
		return false, fmt.Errorf("etcdblacklist: remove %q: %w", user, etcdmirror.Fault(ctx, err))
	}
	l.mirror.Removed(user, resp.Header.Revision, asked)
	if len(resp.PrevKvs) == 0 {
		return false, nil
	}
	l.revoke(bounded, resp.PrevKvs[0])
	e, err := decode(user, resp.PrevKvs[0].Value)
	return err == nil && !e.Expired(now), nil
}

// revoke ends the lease of what is no longer there. An entry that took its place
// has a lease of its own, so nothing else hangs on it; if this fails, the lease
// runs out by itself.
func (l *List) revoke(ctx context.Context, old *mvccpb.KeyValue) {
	if old != nil && old.Lease != 0 {
		l.client.Revoke(ctx, clientv3.LeaseID(old.Lease))
	}
}

// longest is the longest lease that etcd grants, 285 years.
const longest = 9_000_000_000

// seconds rounds up: the entry must not go before its time.
func seconds(d time.Duration) int64 {
	return min(max(0, int64(d/time.Second))+1, longest)
}
