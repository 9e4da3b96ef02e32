// Package etcdmirror keeps a copy of the keys under an etcd prefix in memory, so
// that requests read them without asking etcd.
//
// While [Mirror.Run] runs, etcd tells the mirror of every change. Without it the
// mirror reads when it is asked and its copy is older than a second. Either way a
// change arrives within a second while a quorum of etcd's members answers, also if
// the member that the mirror listens to hangs.
package etcdmirror

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/singleflight"

	"github.com/seckill-go/seckill/internal/etcdask"
)

// Timeout bounds each call to etcd, beside the caller's context: an etcd client
// waits for a server that is away.
const Timeout = 2 * time.Second

// freshness is how old a copy may be that nothing keeps up to date, and how long
// after a read that failed the next is tried.
const freshness = time.Second

// Client is what a mirror needs of an etcd client.
type Client interface {
	Get(ctx context.Context, key string, opts ...clientv3.OpOption) (*clientv3.GetResponse, error)
	Watch(ctx context.Context, key string, opts ...clientv3.OpOption) clientv3.WatchChan
}

// Config says what to mirror. All fields but Logger are required.
type Config[V any] struct {
	// Prefix begins the mirrored keys; what follows it is a value's name.
	Prefix string
	// Decode makes a value of what etcd holds. A value that cannot be decoded is
	// logged, and the last good one of that name stays.
	Decode func(name string, value []byte) (V, error)
	// ReadEvery is the time between two full reads while Run runs: a belt, should
	// the watch ever miss something.
	ReadEvery time.Duration
	// Logger is told when the copy falls behind. Zero means silence.
	Logger *slog.Logger
}

// Mirror is the copy. It is safe for concurrent use.
type Mirror[V any] struct {
	client Client
	Config[V]
	flight singleflight.Group

	mu       sync.RWMutex
	items    map[string]item[V]
	revision int64     // items are what etcd had at this revision, save own writes after it
	seen     int64     // the highest revision ever heard of
	readAt   time.Time // when items were last known to be current; zero means never
	due      time.Time // when, without Run, the next read is due
	err      error     // why the last read without Run failed
	running  int
}

// New returns a mirror that knows nothing yet.
func New[V any](client Client, c Config[V]) *Mirror[V] {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Mirror[V]{client: client, Config: c, items: make(map[string]item[V])}
}

// Get returns the value of a name, and whether there is one. It fails only if etcd
// was never read or that value was never legible.
func (m *Mirror[V]) Get(ctx context.Context, name string) (V, bool, error) {
	m.mu.RLock()
	it, stale := m.items[name], m.stale()
	m.mu.RUnlock()
	if stale {
		if err := m.refresh(ctx); err != nil {
			return it.value, false, err
		}
		m.mu.RLock()
		it = m.items[name]
		m.mu.RUnlock()
	}
	return it.value, it.there(), it.err
}

// All returns the names and values in memory.
func (m *Mirror[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		m.mu.RLock()
		defer m.mu.RUnlock()
		for name, it := range m.items {
			if it.there() && !yield(name, it.value) {
				return
			}
		}
	}
}

// ReadAt returns when the copy was last known to be etcd's own.
func (m *Mirror[V]) ReadAt() time.Time {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.readAt
}

// Read reads everything now.
func (m *Mirror[V]) Read(ctx context.Context) error {
	asked := time.Now()
	m.mu.RLock()
	seen := m.seen
	m.mu.RUnlock()
	bounded, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	resp, release, err := etcdask.First(bounded, func(ctx context.Context) (*clientv3.GetResponse, error) {
		return m.client.Get(ctx, m.Prefix, clientv3.WithPrefix())
	})
	release()
	if err != nil {
		return fmt.Errorf("read %s: %w", m.Prefix, Fault(ctx, err))
	}
	m.replace(resp, asked, seen)
	return nil
}

func (m *Mirror[V]) stale() bool {
	return m.readAt.IsZero() || m.running == 0 && !time.Now().Before(m.due)
}

// refresh reads, once for all who ask. Its error matters only to those who have
// nothing to go by.
func (m *Mirror[V]) refresh(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		select {
		case r := <-m.flight.DoChan("", func() (any, error) { return nil, m.tryRead(context.WithoutCancel(ctx)) }):
			err = r.Err
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if !m.ReadAt().IsZero() {
		return nil
	}
	return err
}

// tryRead reads, unless that failed a moment ago: while etcd is away, not every
// caller shall wait for it.
func (m *Mirror[V]) tryRead(ctx context.Context) error {
	m.mu.RLock()
	err, due := m.err, m.due
	m.mu.RUnlock()
	if time.Now().Before(due) {
		return err
	}
	err = m.Read(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err = err; err != nil {
		m.due = time.Now().Add(freshness)
	}
	return err
}

// Fault makes sure that an error of an etcd call matches ctx's own, if ctx ended.
func Fault(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%w: %w", ended, err)
	}
	return err
}
