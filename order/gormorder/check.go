package gormorder

import "context"

// Check tells why the ledger cannot be relied on: the database does not answer,
// or has no tables.
func (s *Store) Check(ctx context.Context) error {
	var rows int64
	err := s.db.WithContext(ctx).Raw("SELECT COUNT(*) FROM (SELECT goods_id FROM seckill_stock LIMIT 1) AS t").Row().Scan(&rows)
	return fault(ctx, err, "check")
}
