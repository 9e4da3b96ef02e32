package door

import (
	"sync"
	"time"
)

// Sparse lets something through once a second: a crowd gets the same answer at
// once. The zero value is ready, and safe for concurrent use.
type Sparse struct {
	mu      sync.Mutex
	since   time.Time
	unheard int
}

// Due reports whether it is time again, and how many came meanwhile.
func (s *Sparse) Due() (unheard int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.since) < time.Second {
		s.unheard++
		return 0, false
	}
	unheard = s.unheard
	s.since, s.unheard = time.Now(), 0
	return unheard, true
}
