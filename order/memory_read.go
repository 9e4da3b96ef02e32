package order

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Get implements [Orders].
func (m *Memory) Get(ctx context.Context, id string) (Order, error) {
	if err := m.open(ctx); err != nil {
		return Order{}, err
	}
	defer m.mu.Unlock()
	o, ok := m.orders[id]
	if !ok {
		return Order{}, ErrNotFound
	}
	return o.Order, nil
}

// Find implements [Orders].
func (m *Memory) Find(ctx context.Context, ids []string) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var found []Order
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if o, ok := m.orders[id]; ok {
			found = append(found, o.Order)
		}
	}
	return found, nil
}

// List implements [Orders].
func (m *Memory) List(ctx context.Context, userID, after string, limit int) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	return newest(m.byUser[userID], after, limit), nil
}

// newest returns up to limit of the orders, the last first: all, or those before the
// one with id after.
func newest(orders []*record, after string, limit int) (page []Order) {
	passed := after == ""
	for _, o := range slices.Backward(orders) {
		if passed && len(page) < limit {
			page = append(page, o.Order)
		}
		passed = passed || o.ID == after
	}
	return page
}

// Overdue implements [Backlog].
func (m *Memory) Overdue(ctx context.Context, before time.Time, limit int) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var overdue []Order
	for _, o := range m.orders {
		if o.State == Pending && o.PayBy.Before(before) && !m.isParked(o.ID) {
			overdue = append(overdue, o.Order)
		}
	}
	earliestFirst := func(a, b Order) int {
		return cmp.Or(a.PayBy.Compare(b.PayBy), cmp.Compare(m.orders[a.ID].number, m.orders[b.ID].number))
	}
	return first(limit, overdue, earliestFirst), nil
}

// Unrestored implements [Backlog].
func (m *Memory) Unrestored(ctx context.Context, limit int) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var owed []Order
	for _, o := range m.orders {
		if o.owed != 0 {
			owed = append(owed, o.Order)
		}
	}
	byCancelling := func(a, b Order) int {
		return cmp.Compare(m.orders[a.ID].owed, m.orders[b.ID].owed)
	}
	return first(limit, owed, byCancelling), nil
}

// MarkRestored implements [Backlog].
func (m *Memory) MarkRestored(ctx context.Context, orderIDs []string) error {
	if err := m.open(ctx); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for _, id := range orderIDs {
		if o, ok := m.orders[id]; ok {
			o.owed = 0
		}
	}
	return nil
}

// first sorts the orders and returns up to limit of them.
func first(limit int, orders []Order, sorting func(a, b Order) int) []Order {
	slices.SortFunc(orders, sorting)
	return orders[:min(max(limit, 0), len(orders))]
}
