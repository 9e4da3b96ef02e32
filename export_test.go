package seckill

import "time"

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

// SetMachine sets the clock of the machine under the engine: what it shows, and
// how much time has passed.
func (e *Engine) SetMachine(wall func() time.Time, elapsed func() time.Duration) {
	e.clock.wall, e.clock.elapsed = wall, elapsed
}

// Time is the engine's.
func (e *Engine) Time() time.Time { return e.o.Now() }
