package limiter

import (
	"context"
	"sync"
	"time"
)

// Memory is a [Limiter] for the callers of one process. The zero value is ready;
// it is safe for concurrent use and must not be copied. It remembers a key until
// its window has passed.
type Memory struct {
	// Now is the clock. Zero means time.Now.
	Now func() time.Time

	mu     sync.Mutex
	calls  map[string]*history
	tidyAt int
}

// history is when a key's last calls were allowed, oldest first.
type history struct {
	times []time.Time
	until time.Time // when all of it is too old to matter
}

var _ Limiter = (*Memory)(nil)

// Allow implements [Limiter].
func (m *Memory) Allow(_ context.Context, key string, rate Rate) (Decision, error) {
	if err := rate.Validate(); err != nil {
		return Decision{}, err
	}
	if rate.Limit == 0 {
		return Decision{RetryAfter: rate.Window}, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now, h := m.now(), m.calls[key]
	if h == nil {
		h = m.add(key, now)
	}
	if wait := h.wait(rate, now); wait > 0 {
		return Decision{RetryAfter: wait}, nil
	}
	h.note(rate, now)
	return Decision{Allowed: true}, nil
}

// wait returns how long it takes until fewer than rate.Limit calls are younger
// than rate.Window, zero if that is so now.
func (h *history) wait(rate Rate, now time.Time) time.Duration {
	if len(h.times) < rate.Limit {
		return 0
	}
	age := now.Sub(h.times[len(h.times)-rate.Limit])
	return max(0, rate.Window-age)
}

// note adds an allowed call and forgets those that can no longer matter: with this
// call there are rate.Limit of them, so what is older is older than the window.
func (h *history) note(rate Rate, now time.Time) {
	h.times = append(h.times, now)
	h.times = h.times[max(0, len(h.times)-rate.Limit):]
	h.until = now.Add(rate.Window)
}

func (m *Memory) add(key string, now time.Time) *history {
	m.tidy(now)
	h := new(history)
	m.calls[key] = h
	return h
}

// tidy forgets the keys whose time has passed, each time their number doubled, so
// that it costs little per call and memory is at most twice what is needed.
func (m *Memory) tidy(now time.Time) {
	if m.calls == nil {
		m.calls = make(map[string]*history)
	}
	if len(m.calls) < m.tidyAt {
		return
	}
	for key, h := range m.calls {
		if !now.Before(h.until) {
			delete(m.calls, key)
		}
	}
	m.tidyAt = max(1024, 2*len(m.calls))
}

func (m *Memory) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}
