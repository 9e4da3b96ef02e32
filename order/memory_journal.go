package order

import (
	"context"
	"slices"
	"time"
)

var _ Journal = (*Memory)(nil)

// History implements [Journal].
func (m *Memory) History(ctx context.Context, orderID string) ([]Step, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	o, ok := m.orders[orderID]
	if !ok {
		return nil, ErrNotFound
	}
	steps := []Step{o.committed}
	if !o.sent.IsZero() {
		steps = append(steps, Step{Name: StepSent, At: o.sent})
	}
	return append(steps, o.moves...), nil
}

// Latest implements [Journal].
func (m *Memory) Latest(ctx context.Context, goodsID, after string, limit int) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if r, ok := m.rows[goodsID]; ok {
		return newest(r.sales, after, limit), nil
	}
	return nil, nil
}

// noteSent notes that the orders' first events were sent. The caller holds the mutex.
func (m *Memory) noteSent(batchIDs []int64) {
	now := m.now()
	for _, p := range m.unsent {
		if !slices.Contains(batchIDs, p.ID) {
			continue
		}
		for _, e := range p.Events {
			if o, ok := m.orders[e.Key]; ok && e.ID == o.ID {
				o.sent = now
			}
		}
	}
}

func (m *Memory) now() time.Time {
	if m.Now != nil {
		return Moment(m.Now())
	}
	return Moment(time.Now())
}
