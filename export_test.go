package seckill

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
