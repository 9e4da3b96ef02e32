package limiter

// Keys returns how many keys are remembered.
func (m *Memory) Keys() int { return len(m.calls) }

// Times returns for how many times of the key there is room.
func (m *Memory) Times(key string) int { return cap(m.calls[key].times) }
