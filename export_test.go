package seckill

import (
	"context"
	"time"

	"github.com/seckill-go/seckill/order"
)

// Waiting is how many buyers of a goods wait in this engine's queue.
func (e *Engine) Waiting(goodsID string) int {
	s := e.sale(goodsID)
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

// Idle reports whether no group of the goods is under way.
func (e *Engine) Idle(goodsID string) bool {
	s := e.sale(goodsID)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.selling == 0
}

// Open is how many attempts this engine remembers.
func (e *Engine) Open() int {
	e.open.mu.Lock()
	defer e.open.mu.Unlock()
	return len(e.open.open)
}

// RetryParkedEvery sets how often what is parked is tried again.
func (e *Engine) RetryParkedEvery(d time.Duration) { e.retryEvery = d }

// SetMachine sets the clock of the machine under the engine: what it shows, and
// how much time has passed.
func (e *Engine) SetMachine(wall func() time.Time, elapsed func() time.Duration) {
	e.clock.wall, e.clock.elapsed = wall, elapsed
}

// Time is the engine's.
func (e *Engine) Time() time.Time { return e.o.Now() }

// Cancel cancels an order as a failed payment does.
func (e *Engine) Cancel(ctx context.Context, orderID string) error {
	return e.move(ctx, []order.Change{{OrderID: orderID, Move: order.Cancel, At: e.o.Now()}})
}

// Looks returns the sweep's look at all gates, one after the other.
func (e *Engine) Looks() func(context.Context) error {
	seen := make(looks)
	return func(ctx context.Context) (err error) {
		seen, err = e.sweepGates(ctx, seen)
		return err
	}
}

// RestoreCancelled gives units back that the gate was not told of.
func (e *Engine) RestoreCancelled(ctx context.Context) error { return e.restoreCancelled(ctx) }

// Durations is a histogram of the given ones.
func Durations(all ...time.Duration) Histogram {
	r := newRecorder(durations)
	for _, d := range all {
		r.add(uint64(d))
	}
	return r.histogram()
}

// NodeName is the default name of a node.
var NodeName = nodeName

// Stage begins and ends a stage, as every piece of the engine's work does.
func (e *Engine) Stage(ctx context.Context, s Stage, err error) {
	_, stage := e.start(ctx, s)
	stage.done(err)
}

// Queue is that of a goods, while groups of it are under way.
type Queue struct{ s *sale }

// NewQueue returns an empty queue beside that many groups, the last of them with
// taken buyers.
func NewQueue(groups, taken int) Queue {
	e := &Engine{o: Options{MaxGroup: 100, MaxQueue: 1000}}
	return Queue{&sale{e: e, more: make(chan struct{}, 10), selling: groups, taken: taken}}
}

// Come adds buyers, and returns how many groups are under way or about to begin.
func (q Queue) Come(buyers int) (groups int) {
	for range buyers {
		q.s.enqueue(new(buyer))
	}
	return q.s.selling
}

// Next takes the next group, and returns its size and how many are under way still.
func (q Queue) Next() (size, groups int) { return len(q.s.next()), q.s.selling }
