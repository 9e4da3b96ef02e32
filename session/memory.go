package session

import (
	"context"
	"slices"
	"sync"
	"time"
)

var _ Store = (*Memory)(nil)

// Memory is a [Store] for one process. The zero value is an empty store, ready to
// use. It is safe for concurrent use.
type Memory struct {
	mu       sync.Mutex
	sessions map[string]kept
	sweepAt  int // size at which expired sessions are looked for
}

// kept is a session until a time by this machine's monotonic clock.
type kept struct {
	Session
	until time.Time
}

const firstSweep = 1024

// Put implements [Store].
func (m *Memory) Put(ctx context.Context, s Session, now time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions == nil {
		m.sessions, m.sweepAt = make(map[string]kept), firstSweep
	}
	m.sessions[s.ID] = kept{s, time.Now().Add(s.ExpiresAt.Sub(now))}
	if len(m.sessions) >= m.sweepAt {
		m.sweep()
	}
	return nil
}

// sweep drops what has expired. The size at which it comes again is twice what
// is left, so that a call pays for a constant number of entries on average.
func (m *Memory) sweep() {
	now := time.Now()
	for id, s := range m.sessions {
		if !now.Before(s.until) {
			delete(m.sessions, id)
		}
	}
	m.sweepAt = max(firstSweep, 2*len(m.sessions))
}

// Get implements [Store].
func (m *Memory) Get(ctx context.Context, ids ...string) []Answer {
	if err := ctx.Err(); err != nil {
		return slices.Repeat([]Answer{{Err: err}}, len(ids))
	}
	answers := make([]Answer, len(ids))
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for i, id := range ids {
		if s, ok := m.sessions[id]; ok && now.Before(s.until) {
			answers[i].Session = s.Session
		} else {
			answers[i].Err = ErrNotFound
		}
	}
	return answers
}

// Delete implements [Store].
func (m *Memory) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, id)
	return nil
}
