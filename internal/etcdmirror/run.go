package etcdmirror

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
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
// fails. A compaction is such a failure: the next read is the way past it. A member
// that falls silent is not: the watch goes on at another one.
func (m *Mirror[V]) follow(ctx context.Context, opened func()) error {
	if err := m.Read(ctx); err != nil {
		return err
	}
	from := m.at()
	for patience := pulseEvery; ; patience = min(2*patience, Timeout) {
		w, err := m.watch(ctx)
		if err != nil {
			return err
		}
		opened()
		var pulse sync.WaitGroup
		pulse.Go(func() { m.pulse(w, patience) })
		err = m.listen(w, from)
		w.end(err)
		pulse.Wait()
		if !errors.Is(err, errSilent) {
			return err
		}
		m.Logger.Info("a member of etcd is silent; listening to another", "prefix", m.Prefix)
	}
}

func (m *Mirror[V]) listen(w *watch, from int64) error {
	belt := time.NewTicker(m.ReadEvery)
	defer belt.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		case resp, ok := <-w.events:
			if w.ctx.Err() != nil {
				return context.Cause(w.ctx)
			}
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
			if err := m.Read(w.ctx); err != nil {
				return err
			}
			if m.at() < from {
				return errors.New("watch: waits for a revision that etcd lost")
			}
		}
	}
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
