package seckilltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seckill-go/seckill/order"
)

var (
	errDead = errors.New("seckilltest: the node is dead")
	errLost = errors.New("seckilltest: no reply")
)

// line is what is between a node and its backends: every call goes through it.
type line struct {
	calm  atomic.Bool // no faults any more
	dead  atomic.Bool
	life  context.Context // ends with the node
	clock atomic.Int64    // how far the node's clock is off, in ns
	mute  *atomic.Bool    // of all nodes: the next Publish does not arrive

	mu    sync.Mutex
	rand  *rand.Rand
	stuck chan struct{} // closed when the node goes on
	death string        // the call at which the node is to die
	late  bool          // after its effect
	die   func()

	payments func([]order.Event) // told of what goes through the sink

	ends []func() // leases of which the backend does not know that they are over
	all  sync.WaitGroup
}

// Of a hundred mutating calls, so many do not arrive, or lose their reply.
const lostRequests, lostReplies = 2, 4

// mutating are the calls that change something, as one may die at.
var mutating = []string{
	"Reserve", "Settle", "Stop", "Load", "Resize", "Commit", "Bury", "Move", "Open", "MarkRestored", "Enqueue", "MarkSent",
	"BeginAudit", "EndAudit", "Publish", "Acquire", "Release",
}

// call does one call of a backend, as far as the line lets it. It is cut off when
// the node dies.
func (l *line) call(ctx context.Context, name string, mutates bool, f func(context.Context) error) error {
	if err := l.before(ctx, name, mutates); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.life, cancel)()
	return l.after(name, mutates, f(ctx))
}

func (l *line) before(ctx context.Context, name string, mutates bool) error {
	l.wait(ctx)
	lost := l.roll(100) < lostRequests
	if !l.calm.Load() {
		time.Sleep(time.Duration(l.roll(1500)) * time.Microsecond) // the way there
	}
	l.fate(name, false)
	switch {
	case l.dead.Load():
		return errDead
	case ctx.Err() != nil:
		return ctx.Err()
	case mutates && lost && !l.calm.Load(), name == "Publish" && l.mute.CompareAndSwap(true, false):
		return fmt.Errorf("%s: %w", name, errLost)
	}
	return nil
}

func (l *line) after(name string, mutates bool, err error) error {
	l.fate(name, true)
	switch {
	case l.dead.Load():
		return errDead
	case err == nil && mutates && !l.calm.Load() && l.roll(100) < lostReplies:
		return fmt.Errorf("%s: %w", name, errLost)
	}
	return err
}

// wait is where a node stands still.
func (l *line) wait(ctx context.Context) {
	l.mu.Lock()
	stuck := l.stuck
	l.mu.Unlock()
	if stuck != nil {
		select {
		case <-stuck:
		case <-ctx.Done():
		}
	}
}

func (l *line) roll(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rand.IntN(n)
}

// doom has the node die at its next call of that name.
func (l *line) doom(name string, late bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.death, l.late = name, late
}

func (l *line) fate(name string, late bool) {
	l.mu.Lock()
	dies := l.death == name && l.late == late
	l.mu.Unlock()
	if dies {
		l.kill()
	}
}

// kill ends every call that is under way and all that come.
func (l *line) kill() {
	if l.dead.CompareAndSwap(false, true) {
		l.resume()
		l.die()
	}
}

// stall has the node stand still until it is resumed.
func (l *line) stall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stuck == nil {
		l.stuck = make(chan struct{})
	}
}

func (l *line) resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stuck != nil {
		close(l.stuck)
		l.stuck = nil
	}
}

// now is the node's clock.
func (l *line) now() time.Time { return time.Now().Add(time.Duration(l.clock.Load())) }

// ttl has a lease end that nobody gives back: a backend would notice after the
// lease's time to live.
func (l *line) ttl(after time.Duration, end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end = sync.OnceFunc(end)
	l.ends = append(l.ends, end)
	l.all.Add(1)
	timer := time.AfterFunc(after, func() { defer l.all.Done(); end() })
	l.ends = append(l.ends, func() {
		if timer.Stop() {
			l.all.Done()
		}
	})
}

// hangUp ends all leases now.
func (l *line) hangUp() {
	l.mu.Lock()
	ends := l.ends
	l.ends = nil
	l.mu.Unlock()
	for _, end := range ends {
		end()
	}
	l.all.Wait()
}
