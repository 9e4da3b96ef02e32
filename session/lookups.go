package session

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// lookups asks the store for sessions, many in one call: those that come while a
// call is under way gather, and go together in the next one. There is no timer
// that gathers, so a lone one goes at once.
//
// One call at a time would let a session that the store cannot answer for, say of
// a Redis node that has died, hold up everybody. So while a call is late, lookups
// go alone, side by side.
type lookups struct {
	store Store
	known *known
	room  int // for those who wait

	mu      sync.Mutex
	waiting []lookup
	calls   int // of the store, under way
	late    int // of them
}

// lookup is what a genuine token says, and the entry for what the store says to it:
// that session again, or the zero one.
type lookup struct {
	session Session
	entry   *entry
	ctx     context.Context // whose values a call has, that of the first in it
}

const (
	// maxGroup bounds a call: a larger one costs hardly less for each, and all of them
	// wait for its end.
	maxGroup = 256
	// lateAfter is far above what a store needs when it is well.
	lateAfter = 250 * time.Millisecond
	// maxAlone bounds the calls under way while one is late.
	maxAlone = 1024
	// maxWaiting bounds those who wait, some 10 MB.
	maxWaiting = maxKnown
	// storePatience bounds a call.
	storePatience = 2 * time.Second
)

var (
	errUnfinished = errors.New("session: the store's call did not finish")
	errCrowded    = errors.New("session: too many wait for the store")
)

// add has the entry filled, sooner or later.
func (l *lookups) add(q lookup) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) >= l.room {
		l.known.Fill(q.entry, Session{}, errCrowded)
		return
	}
	l.waiting = append(l.waiting, q)
	l.start()
}

// start begins the calls that may be under way now.
func (l *lookups) start() {
	calls, size := 1, maxGroup
	if l.late > 0 {
		calls, size = maxAlone, 1
	}
	for len(l.waiting) > 0 && l.calls < calls {
		n := min(len(l.waiting), size)
		group := l.waiting[:n:n]
		if l.waiting = l.waiting[n:]; len(l.waiting) == 0 {
			l.waiting = nil
		}
		l.calls++
		go l.call(group)
	}
}

// call fills the group's entries, whatever the store does.
func (l *lookups) call(group []lookup) {
	late := time.AfterFunc(lateAfter, func() { l.count(0, 1) })
	answers := slices.Repeat([]Answer{{Err: errUnfinished}}, len(group))
	defer func() {
		if late.Stop() {
			l.count(-1, 0)
		} else {
			l.count(-1, -1)
		}
		for i, q := range group {
			q.fill(l.known, answers[i])
		}
	}()
	if err := l.ask(group, answers); err != nil {
		for i := range answers {
			answers[i] = Answer{Err: err}
		}
	}
}

// count changes the numbers of calls, which may let others begin.
func (l *lookups) count(calls, late int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls += calls
	l.late += late
	l.start()
}

// ask sets the store's answers. A panic is an error: it is nobody's fault who waits
// for this call, and there is nobody else to tell.
func (l *lookups) ask(group []lookup, answers []Answer) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("session: the store panicked: %v\n%s", v, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(group[0].ctx), storePatience)
	defer cancel()
	ids := make([]string, len(group))
	for i, q := range group {
		ids[i] = q.session.ID
	}
	got := l.store.Get(ctx, ids...)
	if len(got) != len(ids) {
		return fmt.Errorf("session: the store answered %d of %d ids", len(got), len(ids))
	}
	copy(answers, got)
	return nil
}

// fill keeps the session if the store has it as the token says, and otherwise that
// it does not: a revoked token may not load the store either.
func (q lookup) fill(k *known, a Answer) {
	switch {
	case a.Err != nil && !errors.Is(a.Err, ErrNotFound):
		k.Fill(q.entry, Session{}, a.Err)
	case a.Err != nil || a.Session.ID != q.session.ID || a.Session.User != q.session.User:
		k.Fill(q.entry, Session{}, nil)
	default:
		k.Fill(q.entry, q.session, nil)
	}
}
