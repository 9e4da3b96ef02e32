package stock

import "context"

// Stop implements [Loader].
func (m *Memory) Stop(ctx context.Context, goodsID string, fence int64) error {
	return m.replace(ctx, goodsID, fence, &shelf{Counts: Counts{Fence: fence}})
}

// Load implements [Loader].
func (m *Memory) Load(ctx context.Context, goodsID string, fence int64, snapshot Snapshot) (Counts, error) {
	if err := snapshot.Validate(); err != nil {
		return Counts{}, err
	}
	filled := fill(fence, snapshot, m.now())
	counts := filled.Counts // from here on, others change it
	if err := m.replace(ctx, goodsID, fence, filled); err != nil {
		return Counts{}, err
	}
	return counts, nil
}

// Resize implements [Loader].
func (m *Memory) Resize(ctx context.Context, goodsID string, total int) (Counts, error) {
	if err := ValidateTotal(total); err != nil {
		return Counts{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s, err := m.open(ctx, goodsID)
	if err != nil {
		return Counts{}, err
	}
	more := total - s.Total
	if more < 0 && s.Left+more < 0 {
		return Counts{}, ErrTotalTooSmall
	}
	s.Total, s.Left = total, s.Left+more
	return s.Counts, nil
}

// Retire implements [Loader].
func (m *Memory) Retire(ctx context.Context, goodsID string, fence int64) error {
	return m.replace(ctx, goodsID, fence, nil)
}

// replace puts a shelf in the place of the one that is there, nil for none.
func (m *Memory) replace(ctx context.Context, goodsID string, fence int64, s *shelf) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if old := m.goods[goodsID]; old != nil && fence < old.Fence {
		return ErrFenced
	}
	if s == nil {
		delete(m.goods, goodsID)
		return nil
	}
	if m.goods == nil {
		m.goods = make(map[string]*shelf)
	}
	m.goods[goodsID] = s
	return nil
}
