package stock

import "context"

// Known implements [Reader].
func (m *Memory) Known(ctx context.Context, goodsID string, attempts []string) ([]Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.open(ctx, goodsID)
	if err != nil {
		return nil, err
	}
	statuses := make([]Status, len(attempts))
	for i, a := range attempts {
		statuses[i] = s.attempts[a].status
	}
	return statuses, nil
}
