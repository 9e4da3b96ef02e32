package gormorder

// Waiting is how many groups wait for the next shared transaction, while a few are
// under way by themselves and another one is shared; else it is -1.
func (s *Store) Waiting() int {
	c := &s.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count < few || !c.sharing {
		return -1
	}
	return len(c.waiting)
}
