package stock

import (
	"context"
	"errors"
)

var errInterrupted = errors.New("stock: another Stop or Load came in between")

// Stop implements [Loader].
func (m *Memory) Stop(ctx context.Context, goodsID string, fence int64) error {
	_, err := m.stop(ctx, goodsID, fence)
	return err
}

// Load implements [Loader]. The sales are read without any lock held.
func (m *Memory) Load(ctx context.Context, goodsID string, fence int64, snapshot Snapshot) (Counts, error) {
	if err := snapshot.Validate(); err != nil {
		return Counts{}, err
	}
	stopped, err := m.stop(ctx, goodsID, fence)
	if err != nil {
		return Counts{}, err
	}
	filled, err := fill(fence, snapshot)
	if err != nil {
		return Counts{}, err
	}
	counts := filled.Counts // from the swap on, others change it
	if err := m.swap(ctx, goodsID, stopped, filled); err != nil {
		return Counts{}, err
	}
	return counts, nil
}

// stop puts a closed shelf in the place of whatever is there. The shelf is the
// mark by which a Load sees that nobody came in between.
func (m *Memory) stop(ctx context.Context, goodsID string, fence int64) (*shelf, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if old := m.goods[goodsID]; old != nil && fence < old.Fence {
		return nil, ErrFenced
	}
	if m.goods == nil {
		m.goods = make(map[string]*shelf)
	}
	s := &shelf{Counts: Counts{Fence: fence}}
	m.goods[goodsID] = s
	return s, nil
}

// swap opens the filled shelf if the stopped one is still in place.
func (m *Memory) swap(ctx context.Context, goodsID string, stopped, filled *shelf) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	switch now := m.goods[goodsID]; {
	case now == stopped:
		m.goods[goodsID] = filled
		return nil
	case now.Fence > stopped.Fence:
		return ErrFenced
	default:
		return errInterrupted
	}
}
