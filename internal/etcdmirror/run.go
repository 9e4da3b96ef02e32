package etcdmirror

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Run keeps the copy up to date until ctx ends, then returns nil. While etcd is
// away it goes on trying.
func (m *Mirror[V]) Run(ctx context.Context) error {
	lost, opened := false, false
	defer func() {
		if opened {
			m.runs(-1)
		}
	}()
	for {
		err := m.follow(ctx, func() {
			if lost {
				m.Logger.Info("etcd is back", "prefix", m.Prefix)
			}
			lost = false
			if !opened { // until now whoever asked had to read
				opened = true
				m.runs(1)
			}
		})
		if ctx.Err() != nil {
			return nil
		}
		if !lost {
			m.Logger.Warn("etcd is away; answering with what is known", "prefix", m.Prefix, "error", err)
		}
		lost = true
		pause(ctx, 100*time.Millisecond+rand.N(200*time.Millisecond))
	}
}

// follow reads everything and then applies what etcd tells, until one of them
// fails. A compaction is such a failure: the next read is the way past it.
func (m *Mirror[V]) follow(ctx context.Context, opened func()) error {
	if err := m.Read(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	from := m.at()
	events, err := m.watch(ctx, cancel, from+1)
	if err != nil {
		return err
	}
	opened()
	return m.listen(ctx, events, from)
}

func (m *Mirror[V]) listen(ctx context.Context, events clientv3.WatchChan, from int64) error {
	belt := time.NewTicker(m.ReadEvery)
	defer belt.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case resp, ok := <-events:
			if !ok {
				return errors.New("watch: closed")
			}
			if err := resp.Err(); err != nil {
				return fmt.Errorf("watch: %w", err)
			}
			if len(resp.Events) > 0 {
				m.apply(resp.Events)
			}
		case <-belt.C:
			if err := m.Read(ctx); err != nil {
				return err
			}
			if m.at() < from {
				return errors.New("watch: waits for a revision that etcd lost")
			}
		}
	}
}

// watch opens a watch. Without a leader the server ends it: a server that was cut
// off from the others must not pass for one that has nothing to tell.
func (m *Mirror[V]) watch(ctx context.Context, cancel func(), from int64) (clientv3.WatchChan, error) {
	late := time.AfterFunc(Timeout, cancel)
	events := m.client.Watch(clientv3.WithRequireLeader(ctx), m.Prefix, clientv3.WithPrefix(), clientv3.WithRev(from))
	if !late.Stop() {
		return nil, fmt.Errorf("watch: not open within %v", Timeout)
	}
	return events, nil
}

func (m *Mirror[V]) at() int64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.revision
}

func (m *Mirror[V]) runs(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running += n
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
