package order

import (
	"context"
	"slices"
)

// InLane implements [Lanes].
func (m *Memory) InLane(ctx context.Context, lane Lane, limit int) ([]Batch, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var batches []Batch
	for _, p := range m.unsent {
		if len(batches) >= limit {
			break
		}
		if p.Events[0].Lane() == lane {
			batches = append(batches, Batch{p.ID, slices.Clone(p.Events)})
		}
	}
	return batches, nil
}

// Park implements [Parking].
func (m *Memory) Park(ctx context.Context, things []Parked) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for _, p := range things {
		i := slices.IndexFunc(m.parked, func(known Parked) bool {
			return known.Lane == p.Lane && known.Key == p.Key && known.Event.ID == p.Event.ID
		})
		if i >= 0 {
			m.parked[i].Reason = p.Reason
			continue
		}
		m.parkings++
		p.ID, p.At = m.parkings, Moment(p.At)
		m.parked = append(m.parked, p)
	}
	return nil
}

// Parked implements [Parking].
func (m *Memory) Parked(ctx context.Context, after int64, limit int) ([]Parked, int, error) {
	if err := m.open(ctx); err != nil {
		return nil, 0, err
	}
	defer m.mu.Unlock()
	var page []Parked
	for _, p := range m.parked {
		if p.ID > after && len(page) < limit {
			page = append(page, p)
		}
	}
	return page, len(m.parked), nil
}

// Unpark implements [Parking].
func (m *Memory) Unpark(ctx context.Context, ids []int64) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.parked = slices.DeleteFunc(m.parked, func(p Parked) bool { return slices.Contains(ids, p.ID) })
	return nil
}

// isParked reports whether a payment or cancel of the order is parked.
func (m *Memory) isParked(orderID string) bool {
	return slices.ContainsFunc(m.parked, func(p Parked) bool { return p.Key == orderID && p.Lane != OrderLane })
}
