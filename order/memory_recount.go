package order

import (
	"context"
	"iter"
)

// Recount implements [Recounter].
func (m *Memory) Recount(ctx context.Context, goodsID string) (Recount, error) {
	if err := m.open(ctx); err != nil {
		return Recount{}, err
	}
	defer m.mu.Unlock()
	r, ok := m.rows[goodsID]
	if !ok {
		return Recount{}, ErrNotFound
	}
	return r.recount(), nil
}

// Amend implements [Recounter].
func (m *Memory) Amend(ctx context.Context, goodsID string, fence int64) (Stock, error) {
	if err := m.open(ctx); err != nil {
		return Stock{}, err
	}
	defer m.mu.Unlock()
	r, ok := m.rows[goodsID]
	if !ok {
		return Stock{}, ErrNotFound
	}
	c := r.recount()
	switch {
	case fence < r.Fence:
		return Stock{}, ErrFenced
	case c.Ordered > r.Total:
		return Stock{}, ErrTotalTooSmall
	}
	r.Fence, r.Sold, r.Paid, r.entries = fence, c.Ordered, c.OrderedPaid, c.Ordered
	return r.Stock, nil
}

// recount counts the orders anew, so that the sums can show a wrong row.
func (r *row) recount() Recount {
	c := Recount{Stock: r.Stock, Entries: r.entries}
	for _, o := range r.sales {
		if o.State.Live() {
			c.Ordered += o.Quantity
		}
		if o.State == Paid {
			c.OrderedPaid += o.Quantity
		}
	}
	return c
}

// Sales implements [Recounter].
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
