package gormorder

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

const selectOrders = "SELECT id, attempt_id, goods_id, user_id, quantity, amount, currency, state, version, reason," +
	" payment_id, created_at, updated_at, pay_by FROM seckill_orders"

func scanOrder(rows *sql.Rows, o *order.Order) error {
	return rows.Scan(&o.ID, &o.Attempt, &o.GoodsID, &o.UserID, &o.Quantity, &o.Amount, &o.Currency, &o.State, &o.Version, &o.Reason,
		&o.PaymentID, (*gormdb.Moment)(&o.CreatedAt), (*gormdb.Moment)(&o.UpdatedAt), (*gormdb.Moment)(&o.PayBy))
}

// orders reads orders by an index.
func (s *Store) orders(db *gorm.DB, index, where string, args ...any) ([]order.Order, error) {
	return gormdb.Query(db, scanOrder, selectOrders+s.hint(index)+" WHERE "+where, args...)
}

// find returns the orders of those attempts that have one.
func (s *Store) find(db *gorm.DB, attempts []string) (found []order.Order, err error) {
	for attempts := range slices.Chunk(attempts, chunk) {
		some, err := s.orders(db, "seckill_orders_attempt", "attempt_id IN ?", attempts)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// Get implements [order.Orders].
func (s *Store) Get(ctx context.Context, id string) (order.Order, error) {
	found, err := s.orders(s.db.WithContext(ctx), "PRIMARY", "id = ?", id)
	if err != nil {
		return order.Order{}, fault(ctx, err, "get %q", id)
	}
	if len(found) == 0 {
		return order.Order{}, order.ErrNotFound
	}
	return found[0], nil
}

// Find implements [order.Orders].
func (s *Store) Find(ctx context.Context, attempts []string) ([]order.Order, error) {
	unique := slices.Compact(slices.Sorted(slices.Values(attempts)))
	found, err := s.find(s.db.WithContext(ctx), unique)
	return found, fault(ctx, err, "find %d attempts", len(attempts))
}

// List implements [order.Orders].
func (s *Store) List(ctx context.Context, userID, after string, limit int) ([]order.Order, error) {
	db, limit := s.db.WithContext(ctx), max(limit, 0)
	var page []order.Order
	var err error
	if after == "" {
		page, err = s.orders(db, "seckill_orders_user", "user_id = ? ORDER BY id DESC LIMIT ?", userID, limit)
	} else {
		page, err = s.orders(db, "seckill_orders_user", "user_id = ? AND id < ? ORDER BY id DESC LIMIT ?", userID, after, limit)
	}
	return page, fault(ctx, err, "list orders of a user")
}

// Sales implements [order.Stocks]. It reads page by page, in the order of ids.
func (s *Store) Sales(ctx context.Context, goodsID string) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		last := ""
		for {
			page, err := s.orders(s.db.WithContext(ctx), "seckill_orders_goods",
				"goods_id = ? AND id > ? ORDER BY id LIMIT ?", goodsID, last, s.page)
			if err != nil {
				yield(order.Order{}, fault(ctx, err, "read the sales of %q", goodsID))
				return
			}
			for _, o := range page {
				if !yield(o, nil) {
					return
				}
			}
			if len(page) < s.page {
				return
			}
			last = page[len(page)-1].ID
		}
	}
}

// Overdue implements [order.Backlog].
func (s *Store) Overdue(ctx context.Context, before time.Time, limit int) ([]order.Order, error) {
	found, err := s.orders(s.db.WithContext(ctx), "seckill_orders_overdue", "state = 'pending' AND pay_by < ? ORDER BY pay_by, id LIMIT ?",
		gormdb.Moment(before), max(limit, 0))
	return found, fault(ctx, err, "read overdue orders")
}

// Unrestored implements [order.Backlog].
func (s *Store) Unrestored(ctx context.Context, limit int) ([]order.Order, error) {
	found, err := s.orders(s.db.WithContext(ctx), "seckill_orders_owed", "owed_since IS NOT NULL ORDER BY owed_since, id LIMIT ?", max(limit, 0))
	return found, fault(ctx, err, "read unrestored orders")
}

// MarkRestored implements [order.Backlog].
func (s *Store) MarkRestored(ctx context.Context, orderIDs []string) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		for ids := range slices.Chunk(slices.Sorted(slices.Values(orderIDs)), chunk) {
			if err := tx.Exec("UPDATE seckill_orders"+s.hint("PRIMARY")+" SET owed_since = NULL WHERE id IN ?", ids).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return fault(ctx, err, "mark %d orders restored", len(orderIDs))
}
