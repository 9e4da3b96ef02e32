package order

// Drift makes the row of a goods wrong, as a mistaken hand might.
func (m *Memory) Drift(goodsID string, sold, booked int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[goodsID]
	r.Sold, r.entries = r.Sold+sold, r.entries+booked
}
