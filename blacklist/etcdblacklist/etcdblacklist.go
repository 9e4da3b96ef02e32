// Package etcdblacklist keeps the blacklist in etcd and a copy of it in every
// node's memory, so that looking a user up asks nobody.
//
// An entry is the key <prefix>/blacklist/<user>. It ends by the nodes' clocks to
// the nanosecond, and etcd removes it by a lease soon after.
package etcdblacklist

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/blacklist"
	"github.com/seckill-go/seckill/internal/etcdask"
	"github.com/seckill-go/seckill/internal/etcdmirror"
)

// Client is what a List needs of an etcd client.
type Client interface {
	etcdmirror.Client
	Txn(ctx context.Context) clientv3.Txn
	Put(ctx context.Context, key, value string, opts ...clientv3.OpOption) (*clientv3.PutResponse, error)
	Delete(ctx context.Context, key string, opts ...clientv3.OpOption) (*clientv3.DeleteResponse, error)
	Grant(ctx context.Context, ttl int64) (*clientv3.LeaseGrantResponse, error)
	Revoke(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseRevokeResponse, error)
}

// Options of a List. The zero value is ready.
type Options struct {
	// Prefix begins each key: <prefix>/blacklist/<user>. Default "seckill".
	Prefix string
	// Logger is told when etcd is away or holds something illegible. Default
	// silence.
	Logger *slog.Logger
}

// List is a [blacklist.List] on etcd. It is safe for concurrent use.
type List struct {
	client Client
	prefix string
	mirror *etcdmirror.Mirror[blacklist.Entry]
}

var _ blacklist.List = (*List)(nil)

// New returns a List on a client that the caller opened and closes.
func New(client Client, o Options) *List {
	prefix := cmp.Or(o.Prefix, "seckill") + "/blacklist/"
	return &List{client, prefix, etcdmirror.New(client, etcdmirror.Config[blacklist.Entry]{
		Prefix: prefix, Decode: decode, ReadEvery: 30 * time.Second, Logger: o.Logger,
	})}
}

// Run lets the list hear of changes at once, until ctx ends; then it returns nil.
// Without it Find reads the whole list once a second.
func (l *List) Run(ctx context.Context) error { return l.mirror.Run(ctx) }

// Find implements [blacklist.Finder].
func (l *List) Find(ctx context.Context, user string, now time.Time) (blacklist.Entry, bool, error) {
	e, ok, err := l.mirror.Get(ctx, user)
	if err != nil {
		return blacklist.Entry{}, false, fmt.Errorf("etcdblacklist: find %q: %w", user, err)
	}
	if !ok || e.Expired(now) {
		return blacklist.Entry{}, false, nil
	}
	return e, true, nil
}

// Entries implements [blacklist.List].
func (l *List) Entries(ctx context.Context, now time.Time) ([]blacklist.Entry, error) {
	if err := l.mirror.Read(ctx); err != nil {
		return nil, fmt.Errorf("etcdblacklist: list: %w", err)
	}
	all := []blacklist.Entry{}
	for _, e := range l.mirror.All() {
		if !e.Expired(now) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b blacklist.Entry) int { return cmp.Compare(a.User, b.User) })
	return all, nil
}

// Check returns why no entry can be added: etcd does not answer, has no quorum or
// takes no writes. It writes nothing.
func (l *List) Check(ctx context.Context) error {
	if err := etcdask.Writable(ctx, l.client, l.prefix); err != nil {
		return fmt.Errorf("etcdblacklist: check: %w", etcdmirror.Fault(ctx, err))
	}
	return nil
}
