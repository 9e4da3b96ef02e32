package order

import (
	"cmp"
	"context"
	"iter"
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
func (m *Memory) Find(ctx context.Context, attempts []string) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var found []Order
	for _, a := range slices.Compact(slices.Sorted(slices.Values(attempts))) {
		if o, ok := m.attempts[a]; ok {
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
	var older []Order
	for _, o := range m.byUser[userID] {
		if after == "" || o.ID < after {
			older = append(older, o.Order)
		}
	}
	return first(limit, older, newestFirst), nil
}

// Sales implements [Stocks].
func (m *Memory) Sales(ctx context.Context, goodsID string) iter.Seq2[Order, error] {
	return func(yield func(Order, error) bool) {
		sales, err := m.sales(ctx, goodsID)
		if err != nil {
			yield(Order{}, err)
			return
		}
		for _, o := range sales {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (m *Memory) sales(ctx context.Context, goodsID string) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	r, ok := m.rows[goodsID]
	if !ok {
		return nil, nil
	}
	sales := make([]Order, len(r.sales))
	for i, o := range r.sales {
		sales[i] = o.Order
	}
	return sales, nil
}

// Overdue implements [Backlog].
func (m *Memory) Overdue(ctx context.Context, before time.Time, limit int) ([]Order, error) {
	if err := m.open(ctx); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var overdue []Order
	for _, o := range m.orders {
		if o.State == Pending && o.PayBy.Before(before) {
			overdue = append(overdue, o.Order)
		}
	}
	earliestFirst := func(a, b Order) int {
		return cmp.Or(a.PayBy.Compare(b.PayBy), cmp.Compare(a.ID, b.ID))
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

func newestFirst(a, b Order) int { return cmp.Compare(b.ID, a.ID) }

// first sorts the orders and returns up to limit of them.
func first(limit int, orders []Order, sorting func(a, b Order) int) []Order {
	slices.SortFunc(orders, sorting)
	return orders[:min(max(limit, 0), len(orders))]
}
