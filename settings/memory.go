package settings

import (
	"context"
	"sync"
	"time"
)

// Memory is a [Store] for one process. The zero value is ready and holds
// [Default]; it is safe for concurrent use and must not be copied.
type Memory struct {
	// Now is the clock of ReadAt. Zero means time.Now.
	Now func() time.Time

	mu      sync.RWMutex
	changed Settings // Version 0 until something was changed
}

var _ Store = (*Memory)(nil)

// Get implements [Store].
func (m *Memory) Get(context.Context) (Settings, error) {
	m.mu.RLock()
	s := m.changed
	m.mu.RUnlock()
	if s.Version == 0 {
		s = Default()
	}
	s.ReadAt = m.now()
	return s, nil
}

// Update implements [Store]. change runs while nothing is locked, so it may use
// the store.
func (m *Memory) Update(ctx context.Context, change func(*Settings) error) (Settings, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Settings{}, err
		}
		before, _ := m.Get(ctx)
		after := before
		if err := change(&after); err != nil {
			return Settings{}, err
		}
		if err := after.Validate(); err != nil {
			return Settings{}, err
		}
		after.Version, after.ReadAt = before.Version+1, m.now()
		if m.swap(before.Version, after) {
			return after, nil
		}
	}
}

// swap writes the settings if those of that version are still the current ones.
func (m *Memory) swap(version int64, s Settings) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed.Version != version {
		return false
	}
	m.changed = s
	return true
}

func (m *Memory) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}
