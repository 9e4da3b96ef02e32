package blacklist

// Len returns how many entries are kept, expired ones too.
func (m *Memory) Len() int { return len(m.entries) }
