// Package etcdsettings keeps the live settings in etcd and a copy of them in every
// node's memory, so that requests read them without asking etcd.
//
// The settings are one JSON object under <prefix>/settings/live, written with
// compare-and-set. Whoever writes it by hand should raise its version; a value that
// is not valid is logged and changes nothing, and the next Update replaces it.
package etcdsettings

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/seckill-go/seckill/internal/etcdask"
	"github.com/seckill-go/seckill/internal/etcdmirror"
	"github.com/seckill-go/seckill/settings"
)

// Client is what a Store needs of an etcd client.
type Client interface {
	etcdmirror.Client
	Txn(ctx context.Context) clientv3.Txn
}

// Options of a Store. The zero value is ready.
type Options struct {
	// Prefix begins the key: <prefix>/settings/live. Default "seckill".
	Prefix string
	// Logger is told when etcd is away or holds something that is no valid
	// settings. Default silence.
	Logger *slog.Logger
}

// Store is a [settings.Store] on etcd. It is safe for concurrent use.
type Store struct {
	client Client
	key    string
	mirror *etcdmirror.Mirror[settings.Settings]
}

var _ settings.Store = (*Store)(nil)

// name is what the settings' key has after the prefix.
const name = "live"

// New returns a Store on a client that the caller opened and closes.
func New(client Client, o Options) *Store {
	prefix := cmp.Or(o.Prefix, "seckill") + "/settings/"
	return &Store{client, prefix + name, etcdmirror.New(client, etcdmirror.Config[settings.Settings]{
		Prefix: prefix, Decode: decode, Logger: o.Logger,
		ReadEvery: time.Second, // it is one key, and keeps ReadAt recent
	})}
}

// Run lets the store hear of changes at once, until ctx ends; then it returns nil.
// Without it Get reads once a second.
func (s *Store) Run(ctx context.Context) error { return s.mirror.Run(ctx) }

// Get implements [settings.Store].
func (s *Store) Get(ctx context.Context) (settings.Settings, error) {
	live, ok, err := s.mirror.Get(ctx, name)
	if err != nil {
		return settings.Settings{}, fmt.Errorf("etcdsettings: get: %w", err)
	}
	if !ok {
		live = settings.Default()
	}
	live.ReadAt = s.mirror.ReadAt()
	return live, nil
}

// Check returns why the settings cannot be changed: etcd does not answer, has no
// quorum or takes no writes. It writes nothing.
func (s *Store) Check(ctx context.Context) error {
	if err := etcdask.Writable(ctx, s.client, s.key); err != nil {
		return fmt.Errorf("etcdsettings: check: %w", etcdmirror.Fault(ctx, err))
	}
	return nil
}
