package gormorder

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"gorm.io/gorm"

	"github.com/seckill-go/seckill/internal/gormdb"
	"github.com/seckill-go/seckill/order"
)

// Park implements [order.Parking].
func (s *Store) Park(ctx context.Context, things []order.Parked) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		for _, p := range things {
			if err := s.park(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	return fault(ctx, err, "park %d things", len(things))
}

// park keeps one thing; a second transaction that parks it too meets the unique key
// and starts again.
func (s *Store) park(tx *gorm.DB, p order.Parked) error {
	event, err := json.Marshal(p.Event)
	if err != nil {
		return err
	}
	const same = " WHERE order_id = ? AND lane = ? AND event_id = ?"
	key := []any{p.Key, string(p.Lane), p.Event.ID}
	var known int
	if err := tx.Raw("SELECT COUNT(*) FROM seckill_parked"+same, key...).Row().Scan(&known); err != nil {
		return err
	}
	if known > 0 {
		return tx.Exec("UPDATE seckill_parked SET reason = ?"+same, append([]any{p.Reason}, key...)...).Error
	}
	return tx.Exec("INSERT INTO seckill_parked (order_id, lane, event_id, event, reason, parked_at) VALUES (?,?,?,?,?,?)",
		append(key, string(event), p.Reason, gormdb.Moment(p.At))...).Error
}

// Parked implements [order.Parking].
func (s *Store) Parked(ctx context.Context, after int64, limit int) ([]order.Parked, int, error) {
	db := s.db.WithContext(ctx)
	n := 0
	err := db.Raw("SELECT COUNT(*) FROM seckill_parked").Row().Scan(&n)
	if err != nil || n == 0 {
		return nil, n, fault(ctx, err, "count what is parked")
	}
	page, err := gormdb.Query(db, scanParked, "SELECT id, lane, order_id, event, reason, parked_at FROM seckill_parked WHERE id > ? ORDER BY id LIMIT ?", after, max(limit, 0))
	return page, n, fault(ctx, err, "read what is parked")
}

func scanParked(rows *sql.Rows, p *order.Parked) error {
	var event []byte
	if err := rows.Scan(&p.ID, &p.Lane, &p.Key, &event, &p.Reason, (*gormdb.Moment)(&p.At)); err != nil {
		return err
	}
	if p.Lane == order.CancelLane {
		return nil // there is no event
	}
	return json.Unmarshal(event, &p.Event)
}

// Unpark implements [order.Parking].
func (s *Store) Unpark(ctx context.Context, ids []int64) error {
	err := s.transact(ctx, func(tx *gorm.DB) error {
		for ids := range slices.Chunk(slices.Sorted(slices.Values(ids)), chunk) {
			if err := tx.Exec("DELETE FROM seckill_parked WHERE id IN ?", ids).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return fault(ctx, err, "unpark %d things", len(ids))
}
