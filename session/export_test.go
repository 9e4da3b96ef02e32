package session

// Crowd lets so many wait for the store.
func (s *Sessions) Crowd(room int) { s.lookups.room = room }
