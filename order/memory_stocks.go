package order

import "context"

// StocksOf implements [Stocks].
func (m *Memory) StocksOf(ctx context.Context, goodsIDs []string) (map[string]Stock, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	rows := make(map[string]Stock, len(goodsIDs))
	for _, id := range goodsIDs {
		if r, ok := m.rows[id]; ok {
			rows[id] = r.Stock
		}
	}
	return rows, nil
}
