package blacklist

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Memory is a [List] for one process. The zero value is ready; it is safe for
// concurrent use and must not be copied. What is on it ends with the process.
type Memory struct {
	mu      sync.RWMutex
	entries map[string]Entry
	tidyAt  int
}

var _ List = (*Memory)(nil)

// Find implements [Finder].
func (m *Memory) Find(_ context.Context, user string, now time.Time) (Entry, bool, error) {
	m.mu.RLock()
	e, ok := m.entries[user]
	m.mu.RUnlock()
	if !ok || e.Expired(now) {
		return Entry{}, false, nil
	}
	return e, true, nil
}

// Add implements [List].
func (m *Memory) Add(_ context.Context, e Entry, now time.Time) error {
	if err := e.Validate(); err != nil {
		return err
	}
	if e.AddedAt.IsZero() {
		e.AddedAt = now
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tidy(now)
	m.entries[e.User] = e
	return nil
}

// Remove implements [List].
func (m *Memory) Remove(_ context.Context, user string, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[user]
	delete(m.entries, user)
	return ok && !e.Expired(now), nil
}

// Entries implements [List].
func (m *Memory) Entries(_ context.Context, now time.Time) ([]Entry, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := []Entry{}
	for _, e := range m.entries {
		if !e.Expired(now) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.User, b.User) })
	return all, nil
}

// tidy forgets expired entries, each time the list has doubled.
func (m *Memory) tidy(now time.Time) {
	if m.entries == nil {
		m.entries = make(map[string]Entry)
	}
	if len(m.entries) < m.tidyAt {
		return
	}
	for user, e := range m.entries {
		if e.Expired(now) {
			delete(m.entries, user)
		}
	}
	m.tidyAt = max(64, 2*len(m.entries))
}
