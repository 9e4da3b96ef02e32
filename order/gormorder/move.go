package gormorder

import (
	"context"
	"maps"
	"slices"

	crash "github.com/seckill-go/seckill/internal/fault"
	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// Move implements [order.Ledger].
func (s *Store) Move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	var changed []order.Changed
	err := s.reread(ctx, func() (err error) {
		changed, err = s.move(ctx, changes)
		return err
	})
	if err != nil {
		return nil, fault(ctx, err, "apply %d changes", len(changes))
	}
	return changed, nil
}

// move reads the orders, decides, and writes on condition that each is at the version
// that was read.
func (s *Store) move(ctx context.Context, changes []order.Change) ([]order.Changed, error) {
	ids := make([]string, len(changes))
	for i, c := range changes {
		ids[i] = c.OrderID
	}
	before, err := s.find(s.db.WithContext(ctx), slices.Compact(slices.Sorted(slices.Values(ids))))
	if err != nil {
		return nil, err
	}
	stocks, err := s.stocksOf(ctx, before)
	if err != nil {
		return nil, err
	}
	done, err := s.remembered(s.db.WithContext(ctx), "seckill_inbox", eventIDs(changes))
	if err != nil {
		return nil, err
	}
	b := newBatch(byID(before), stocks, done)
	changed := make([]order.Changed, len(changes))
	for i, c := range changes {
		changed[i] = b.apply(c)
	}
	all, err := b.statements(s)
	if err != nil {
		return nil, err
	}
	return changed, s.writeWithin(ctx, s.tries, func() { crash.Point("moves.written") }, all)
}

func eventIDs(changes []order.Change) (ids []string) {
	for _, c := range changes {
		if c.EventID != "" {
			ids = append(ids, c.EventID)
		}
	}
	return ids
}

// stocksOf returns the stock rows of the orders' goods, of those that have one.
func (s *Store) stocksOf(ctx context.Context, orders []order.Order) (map[string]order.Stock, error) {
	goods := make(map[string]bool)
	for _, o := range orders {
		goods[o.GoodsID] = true
	}
	stocks := make(map[string]order.Stock)
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(goods)), chunk) {
		found, err := gormdb.Query(s.db.WithContext(ctx), scanRow, stockRow+s.hint("PRIMARY")+" WHERE goods_id IN ?", ids)
		if err != nil {
			return nil, err
		}
		for _, row := range found {
			stocks[row.GoodsID] = row
		}
	}
	return stocks, nil
}
