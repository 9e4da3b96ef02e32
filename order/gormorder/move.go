package gormorder

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/order"
)

// Move implements [order.Ledger].
func (s *Store) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	var changed []order.Changed
	err := s.transact(ctx, func(tx *gorm.DB) (err error) {
		changed, err = s.move(tx, changes)
		return err
	})
	if err != nil {
		return nil, fault(ctx, err, "apply %d changes", len(changes))
	}
	return changed, nil
}

// move locks the stock rows first, as a commit does, then the orders; each kind
// in the order of its ids, so that no two transactions wait for each other.
func (s *Store) move(tx *gorm.DB, changes []order.Change) ([]order.Changed, error) {
	if err := s.lockStocks(tx, changes); err != nil {
		return nil, err
	}
	before, err := s.lockOrders(tx, changes)
	if err != nil {
		return nil, err
	}
	done, err := s.remembered(tx, "seckill_inbox", eventIDs(changes))
	if err != nil {
		return nil, err
	}
	b := newBatch(before, done)
	changed := make([]order.Changed, len(changes))
	for i, c := range changes {
		changed[i] = b.apply(c)
	}
	return changed, b.write(tx, s.hint(byID))
}

func eventIDs(changes []order.Change) (ids []string) {
	for _, c := range changes {
		if c.EventID != "" {
			ids = append(ids, c.EventID)
		}
	}
	return ids
}

// lockStocks locks the rows that cancelled orders may give units back to.
func (s *Store) lockStocks(tx *gorm.DB, changes []order.Change) error {
	var cancels []string
	for _, c := range changes {
		if c.Move == order.Cancel {
			cancels = append(cancels, c.OrderID)
		}
	}
	goods := make(map[string]bool)
	for ids := range slices.Chunk(cancels, chunk) {
		some, err := names(tx, "SELECT DISTINCT goods_id FROM seckill_orders"+s.hint(byID)+" WHERE id IN ?", ids)
		if err != nil {
			return err
		}
		for _, id := range some {
			goods[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(goods)) {
		if _, err := s.lockRow(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// lockOrders reads and locks the orders of the changes.
func (s *Store) lockOrders(tx *gorm.DB, changes []order.Change) (map[string]order.Order, error) {
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.OrderID
	}
	slices.Sort(ids)
	locked := make(map[string]order.Order, len(ids))
	for ids := range slices.Chunk(slices.Compact(ids), chunk) {
		some, err := s.orders(tx, byID, "id IN ? ORDER BY id"+s.locking(), ids)
		if err != nil {
			return nil, err
		}
		for _, o := range some {
			locked[o.ID] = o
		}
	}
	return locked, nil
}
