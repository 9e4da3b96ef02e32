package httpadapter

import (
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// faults logs what is behind answers of 500 and 503: at most one a second, as a
// crowd gets the same answer at once.
type faults struct {
	log *slog.Logger

	mu      sync.Mutex
	since   time.Time
	unheard int
}

func (f *faults) note(r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client left; nothing failed
	}
	f.mu.Lock()
	if time.Since(f.since) < time.Second {
		f.unheard++
		f.mu.Unlock()
		return
	}
	unheard := f.unheard
	f.since, f.unheard = time.Now(), 0
	f.mu.Unlock()
	f.log.Error("request failed", "route", r.Pattern, "error", err, "not_logged_before", unheard)
}
