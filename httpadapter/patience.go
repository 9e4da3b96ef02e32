package httpadapter

import (
	"context"
	"sync"
	"time"
)

// patience is the context of a request that has to be answered by a time. Most
// requests are refused before anybody waits for anything, so the timer, and the
// place among what the request's own context ends, is there once somebody asks
// whether the time is over.
type patience struct {
	context.Context // the request's own
	until           time.Time

	mu     sync.Mutex
	timed  context.Context // nil until somebody asks
	cancel context.CancelFunc
	over   bool
}

// Deadline implements [context.Context].
func (p *patience) Deadline() (time.Time, bool) {
	if own, ok := p.Context.Deadline(); ok && own.Before(p.until) {
		return own, true
	}
	return p.until, true
}

// Done implements [context.Context].
func (p *patience) Done() <-chan struct{} { return p.begin().Done() }

// Err implements [context.Context].
func (p *patience) Err() error { return p.begin().Err() }

// Value implements [context.Context]. The context with the timer is asked if there
// is one: package context looks there for whom to end together with it.
func (p *patience) Value(key any) any {
	p.mu.Lock()
	timed := p.timed
	p.mu.Unlock()
	if timed != nil {
		return timed.Value(key)
	}
	return p.Context.Value(key)
}

func (p *patience) begin() context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timed == nil {
		p.timed, p.cancel = context.WithDeadline(p.Context, p.until)
		if p.over {
			p.cancel()
		}
	}
	return p.timed
}

// end is for when the request is answered.
func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.timed != nil {
		p.cancel()
	}
}
